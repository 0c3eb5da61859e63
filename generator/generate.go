// Package generator turns a contract into Go files: it reads the contract, plans, emits,
// formats and writes, in that order, and touches the disk only in the last step.
//
// The package is importable but not promised: it may change in any release.
package generator

import (
	"errors"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/examples"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/emit"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/templates"
)

// An Output is what a contract gives.
type Output struct {
	Contract string        // names the contract, in the header of each file too
	Files    []File        // in an order that is the same each time
	Notes    []report.Note // what somebody may want to know about the contract, and that is no problem
}

// Generate returns what a contract gives. It
// reads the contract, what it refers to and the go.mod above the output folder, and writes nothing.
//
// The problems are everything that is to be said about the contract and the
// configuration; when they are fatal there are no files. The error is about anything else: a file
// system that fails, or *emit.BugErrors.
func Generate(c Config) (Output, source.Problems, error) {
	// Step 1: find out where the packages will be.
	folder, err := folderOf(c.Out)
	problems, isProblem := errors.AsType[source.Problems](err)
	if err != nil && !isProblem {
		return Output{}, nil, err
	}

	// Step 2: read the contract and decide every name and every choice.
	planned, found := planOf(c, folder)
	problems = append(problems, found...).Sorted()
	if problems.Fatal() {
		return Output{}, problems, nil
	}

	// Step 3: emit.
	files, err := render(emitted(planned))
	if err != nil {
		return Output{}, problems, err
	}
	return Output{templates.Source(planned), files, planned.Notes}, problems, nil
}

// emitted returns what the emitters give for a plan. A new kind of output is an emitter more here.
func emitted(p *plan.Plan) []emit.File {
	return templates.Files(p)
}

// Validate returns what Generate would say about a contract. It needs no output folder and no Go module.
func Validate(c Config) source.Problems {
	_, problems := planOf(c, outputFolder{})
	return problems.Sorted()
}

// load reads a contract and holds its examples against their schemas.
func load(c Config) (*asyncapi.Document, source.Problems) {
	doc, problems := asyncapi.Load(c.Contract, source.Options{AllowOutside: c.AllowOutside, AllowRemote: c.AllowRemote})
	if doc == nil {
		return nil, problems
	}
	return doc, append(problems, examples.Check(doc)...).Sorted()
}

// planOf reads a contract and plans what it gives. When the problems are fatal there is no plan.
func planOf(c Config, folder outputFolder) (*plan.Plan, source.Problems) {
	options := c.planOptions(folder)
	doc, problems := load(c)
	if doc == nil {
		return nil, problems
	}
	fromConfig := slices.Concat(c.unused(doc), c.refusedTypes(options.Output))
	if problems.Fatal() {
		return nil, slices.Concat(problems, fromConfig, planProblems(doc, problems, options))
	}
	planned, found := plan.Build(doc, options)
	problems = slices.Concat(problems, fromConfig, found)
	if !problems.Fatal() && folder.root != "" { // what generated code may not import is not looked up either
		problems = append(problems, lookUp(planned.Uses, folder.root)...)
	}
	if problems.Fatal() {
		return nil, problems
	}
	return planned, problems
}

// planProblems returns what stops the planning of the parts of a contract in which reading it found nothing. It leaves out
// warnings: many are about something that is absent, and that may be in the other parts.
func planProblems(doc *asyncapi.Document, found source.Problems, options plan.Options) source.Problems {
	sound := doc.Sound(found)
	if sound == nil {
		return nil
	}
	_, problems := plan.Build(sound, options)
	return slices.DeleteFunc(problems, func(p source.Problem) bool { return p.Severity == source.Warning })
}
