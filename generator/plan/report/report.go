// Package report collects the problems of a contract that is being planned, and limits the size of
// the plan.
package report

import (
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A Report has the problems of one plan and the rest of its budget. The zero value is empty.
type Report struct {
	problems source.Report
	notes    []Note
	planned  int // see Spend
}

// A Note says something that is worth knowing about a contract and is not a problem.
type Note struct {
	source.Location
	Message string
}

// String returns "file:line:col: path: message", as a problem is printed.
func (n Note) String() string { return n.Problem(source.Mistake, n.Message, "").String() }

// Note notes something about the contract.
func (r *Report) Note(at source.Location, message string) {
	r.notes = append(r.notes, Note{at, message})
}

// Notes returns what has been noted, in the order of the plan.
func (r *Report) Notes() []Note { return r.notes }

// Problems returns what has been reported, sorted.
func (r *Report) Problems() source.Problems { return r.problems.Problems() }

// Add reports problems.
func (r *Report) Add(problems ...source.Problem) { r.problems.Add(problems...) }

// Mistake reports that the contract contradicts itself or asks for something impossible.
func (r *Report) Mistake(at source.Location, message, hint string) {
	r.Add(at.Problem(source.Mistake, message, hint))
}

// Warn reports something that does not stop the plan.
func (r *Report) Warn(at source.Location, message, hint string) {
	r.Add(at.Problem(source.Warning, message, hint))
}

// Unsupported reports something valid that scampgen does not do.
func (r *Report) Unsupported(at source.Location, feature, message, hint string) {
	p := at.Problem(source.Unsupported, message, hint)
	p.Feature = feature
	r.Add(p)
}

// TooLarge reports that the contract exceeds a limit.
func (r *Report) TooLarge(at source.Location, feature string, limit int, what string) {
	r.Unsupported(at, "limit/"+feature, fmt.Sprintf("more than %d %s", limit, what), "see the limits in docs/contract.md")
}
