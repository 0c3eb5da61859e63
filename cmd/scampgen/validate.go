package main

import (
	"io"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator"
)

// validate says what is wrong with contracts: whatever generate would say of them. What is valid but not supported is printed and is no
// finding: the contract is as it should be.
func (c command) validate(stderr io.Writer) error {
	var problems asyncapi.Problems
	for _, contract := range c.contracts {
		if err := readable(contract); err != nil {
			return err
		}
		problems = append(problems, generator.Validate(generator.Config{
			Contract: contract, AllowOutside: c.allowOutside.value, AllowRemote: c.allowRemote.value,
		})...)
	}
	problems = problems.Sorted()
	c.print(stderr, problems)
	isFinding := func(p asyncapi.Problem) bool {
		return p.Severity == asyncapi.Mistake || p.Severity == asyncapi.Warning && c.strict
	}
	if slices.ContainsFunc(problems, isFinding) {
		return errFound
	}
	return nil
}
