package main

import (
	"errors"
	"flag"
	"io"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator"
)

var validateCommand = command{
	name:      "validate",
	arguments: "[flags] CONTRACT...",
	brief:     "report what is wrong with contracts",
	about: `Report what generate would report about contracts: mistakes, and what is not supported.
It needs no Go module, and exits with 1 when a contract has a mistake. It does not read
scampgen.yaml; scampgen check reports what is wrong there.
`,
	new: func() task { return &validate{} },
}

// validate prints everything that generate would report about contracts. What is valid but not
// supported is printed but is not a finding, because the contract has no mistake.
type validate struct {
	findings
	contracts    []string
	allowOutside choice
	allowRemote  choice
}

func (v *validate) flags(flags *flag.FlagSet) {
	flags.BoolFunc("allow-outside", "allow references to files outside the contract's folder", v.allowOutside.flag)
	flags.BoolFunc("allow-remote", "allow references to http and https addresses", v.allowRemote.flag)
	v.findings.flags(flags)
}

func (v *validate) take(args []string) error {
	if len(args) == 0 {
		return errors.New("validate needs a contract")
	}
	v.contracts = args
	return nil
}

// run validates every contract that can be read, even if others cannot.
func (v *validate) run(_, stderr io.Writer) error {
	var problems source.Problems
	var unreadable []error
	for _, contract := range v.contracts {
		if err := readable(contract); err != nil {
			unreadable = append(unreadable, err)
			continue
		}
		problems = append(problems, generator.Validate(generator.Config{
			Contract: contract, AllowOutside: v.allowOutside.value, AllowRemote: v.allowRemote.value,
		})...)
	}
	problems = problems.Sorted()
	v.print(stderr, problems)
	isFinding := func(p source.Problem) bool {
		return p.Severity == source.Mistake || p.Severity == source.Warning && v.strict
	}
	if unreadable == nil && slices.ContainsFunc(problems, isFinding) {
		return errFound
	}
	return errors.Join(unreadable...)
}
