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
	arguments: "[flags] [CONTRACT...]",
	brief:     "report what is wrong with contracts",
	about: `Report what generate would report about contracts: mistakes, and what is not supported.
It exits with 1 when a contract has a mistake. With CONTRACT it needs no Go module and reads
no scampgen.yaml; without, or with -config, it reports what generate would report with the
choices of that file.
`,
	new: func() task { return &validate{} },
}

// validate prints everything that generate would report about contracts. What is valid but not
// supported is printed but is a finding only under -strict, because the contract has no mistake.
type validate struct {
	findings
	contracts    []string
	config       string
	allowOutside choice
	allowRemote  choice
}

func (v *validate) flags(flags *flag.FlagSet) {
	flags.StringVar(&v.config, "config", "", "validate with the choices of the configuration `FILE`, as generate does")
	flags.BoolFunc("allow-outside", "allow references to files outside the contract's folder", v.allowOutside.flag)
	flags.BoolFunc("allow-remote", "allow references to http and https addresses", v.allowRemote.flag)
	v.findings.flags(flags)
}

func (v *validate) take(args []string) error {
	if len(args) > 1 && v.config != "" {
		return errors.New("validate takes one contract with -config")
	}
	v.contracts = args
	return nil
}

func (v *validate) run(_, stderr io.Writer) error {
	problems, unreadable := v.problems()
	problems = problems.Sorted()
	v.print(stderr, problems)
	isFinding := func(p source.Problem) bool { return p.Severity == source.Mistake || v.strict }
	if unreadable == nil && slices.ContainsFunc(problems, isFinding) {
		return errFound
	}
	return unreadable
}

// problems returns what is wrong with every contract that can be read, even if others cannot.
func (v *validate) problems() (problems source.Problems, unreadable error) {
	if v.config != "" || len(v.contracts) == 0 {
		return v.configured()
	}
	for _, contract := range v.contracts {
		if err := readable(contract); err != nil {
			unreadable = errors.Join(unreadable, err)
			continue
		}
		problems = append(problems, generator.Validate(generator.Config{
			Contract: contract, AllowOutside: v.allowOutside.value, AllowRemote: v.allowRemote.value,
		})...)
	}
	return problems, unreadable
}

// configured returns what generate would report with the choices of the configuration.
func (v *validate) configured() (source.Problems, error) {
	t := contractTask{config: v.config, allowOutside: v.allowOutside, allowRemote: v.allowRemote}
	if len(v.contracts) > 0 {
		t.contract = v.contracts[0]
	}
	config, err := t.configuration()
	if problems, ok := errors.AsType[source.Problems](err); ok {
		return problems, nil
	}
	if err != nil {
		return nil, err
	}
	return generator.Validate(config), nil
}
