// Package report collects what is wrong with a contract that is being planned, and holds the plan to its size.
package report

import (
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A Report holds the problems of one plan and what is left of its budget. The zero value is empty.
type Report struct {
	problems source.Report
	notes    []Note
	planned  int // see Spend
}

// A Note says what somebody may want to know about the contract and that is no problem.
type Note struct {
	source.Position
	Path    string // where in the document, as in a source.Problem
	Message string
}

// String returns "file:line:col: path: message", as a problem is printed.
func (n Note) String() string {
	return source.Problem{Position: n.Position, Path: n.Path, Message: n.Message}.String()
}

// Note notes something about the contract.
func (r *Report) Note(at source.Position, path, message string) {
	r.notes = append(r.notes, Note{at, path, message})
}

// Notes returns what has been noted, in the order of the plan.
func (r *Report) Notes() []Note { return r.notes }

// Problems returns what has been reported, sorted.
func (r *Report) Problems() source.Problems { return r.problems.Problems() }

// Add reports a problem.
func (r *Report) Add(p source.Problem) { r.problems.Add(p) }

// Mistake reports that the contract contradicts itself or asks for what cannot be.
func (r *Report) Mistake(at source.Position, path, message, hint string) {
	r.Add(source.Problem{Position: at, Path: path, Message: message, Hint: hint})
}

// Warn reports something that does not stop the plan.
func (r *Report) Warn(at source.Position, path, message, hint string) {
	r.Add(source.Problem{Position: at, Severity: source.Warning, Path: path, Message: message, Hint: hint})
}

// Unsupported reports something valid that scampgen does not do.
func (r *Report) Unsupported(at source.Position, path, feature, message, hint string) {
	r.Add(source.Problem{
		Position: at, Severity: source.Unsupported, Path: path, Feature: feature, Message: message, Hint: hint,
	})
}

// TooLarge reports that the contract exceeds a limit.
func (r *Report) TooLarge(at source.Position, path, feature string, limit int, what string) {
	r.Unsupported(at, path, "limit/"+feature, fmt.Sprintf("more than %d %s", limit, what), "see the limits in docs/contract.md")
}
