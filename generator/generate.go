// Package generator turns a contract into Go files: it reads the contract, plans, emits,
// formats and writes, in that order, and touches the disk only in the last step.
//
// The package is importable but not promised: it may change in any release.
package generator

import (
	"errors"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/templates"
)

// Generate returns the files that a contract gives, in an order that is the same each time. It
// reads the contract, what it refers to and the go.mod above the output folder, and writes nothing.
//
// The problems are everything that is to be said about the contract and the
// configuration; when they are fatal there are no files. The error is about anything else: a file
// system that fails, or a *BugError.
func Generate(c Config) ([]File, asyncapi.Problems, error) {
	// Step 1: find out where the packages will be.
	path, err := importPath(c.Out)
	problems, isProblem := errors.AsType[asyncapi.Problems](err)
	if err != nil && !isProblem {
		return nil, nil, err
	}

	// Step 2: read the contract.
	doc, found := asyncapi.Load(c.Contract, asyncapi.Options{AllowOutside: c.AllowOutside, AllowRemote: c.AllowRemote})
	problems = append(problems, found...)
	if doc != nil {
		problems = append(problems, c.unused(doc)...)
	}
	if problems.Fatal() {
		return nil, problems.Sorted(), nil
	}

	// Step 3: decide every name and every choice.
	planned, found := plan.Build(doc, c.planOptions(path))
	problems = append(problems, found...).Sorted()
	if problems.Fatal() {
		return nil, problems, nil
	}

	// Step 4: emit, print and format.
	files, err := render(templates.Files(planned))
	if err != nil {
		return nil, problems, err
	}
	if err := formatAll(files); err != nil {
		return nil, problems, err
	}
	return files, problems, nil
}
