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
	brief:     "say what is wrong with contracts",
	about: `Say what generate would say about contracts: what is wrong with them and what is not
supported. It needs no Go module, and exits with 1 when one of them has a mistake.
It does not read scampgen.yaml: what is wrong there is said by scampgen check.
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
	flags.BoolFunc("allow-outside", "let references lead to files outside the contract's folder", v.allowOutside.flag)
	flags.BoolFunc("allow-remote", "let references lead to http and https addresses", v.allowRemote.flag)
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
