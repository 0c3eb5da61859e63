// Package generator turns a contract into files. It reads the contract, plans, emits, formats and
// writes, in that order. Only the last step changes the disk.
//
// The package is not stable: it can be imported, but may change in any release.
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

// An Output is what is generated for a contract.
type Output struct {
	Contract string        // names the contract, in the header of each file too
	Files    []File        // in an order that is the same each time
	Notes    []report.Note // what is worth knowing about the contract and is not a problem
}

// Generate returns what is generated for a contract. It reads the contract, the files that it
// refers to, and the go.mod above the output folder. It writes nothing.
//
// The problems are everything that is wrong with, or worth knowing about, the contract and the
// configuration. When they are fatal there are no files. The error is for anything else: a failure
// of the file system, or *emit.BugErrors.
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

// emitted returns the files of all emitters. A new kind of output is a new emitter here.
func emitted(p *plan.Plan) []emit.File {
	return templates.Files(p)
}

// Validate returns the problems that Generate would report. Without an output folder in c it needs no
// Go module, and says nothing of types of the user's own.
func Validate(c Config) source.Problems {
	var problems source.Problems
	folder := outputFolder{}
	if c.Out != "" {
		var err error
		folder, err = folderOf(c.Out)
		problems, _ = errors.AsType[source.Problems](err) // any other error is none of the contract
	}
	_, found := planOf(c, folder)
	return append(problems, found...).Sorted()
}

// load reads a contract and checks its examples against their schemas.
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
	fromConfig := slices.Concat(c.unused(doc), c.repeated(doc), c.refusedTypes(options.Output))
	if problems.Fatal() {
		return nil, slices.Concat(problems, fromConfig, planProblems(doc, problems, options))
	}
	planned, found := plan.Build(doc, options)
	problems = slices.Concat(problems, fromConfig, found)
	if !problems.Fatal() && folder.root != "" { // what generated code may not import is not looked up
		problems = append(problems, lookUp(planned.Uses, folder.root)...)
	}
	if problems.Fatal() {
		return nil, problems
	}
	return planned, problems
}

// planProblems returns the mistakes that planning finds in the parts of a contract in which reading
// found none. Warnings are left out, because many are about something missing that may be in the
// other parts.
func planProblems(doc *asyncapi.Document, found source.Problems, options plan.Options) source.Problems {
	sound := doc.Sound(found)
	if sound == nil {
		return nil
	}
	_, problems := plan.Build(sound, options)
	return slices.DeleteFunc(problems, func(p source.Problem) bool { return p.Severity == source.Warning })
}
