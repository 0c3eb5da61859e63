// Package report collects the problems of a contract that is being planned, and limits the size of
// the plan.
package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A Report has the problems of one plan and the rest of its budget. The zero value is empty.
type Report struct {
	problems source.Report
	notes    map[string]*Note // by their messages
	planned  int              // see Spend
}

// A Note says something that is worth knowing about a contract and is not a problem.
type Note struct {
	source.Location // the first place where it is so
	Message         string
	Others          int // how many other places there are
}

// String returns "file:line:col: path: message", as a problem is printed.
func (n Note) String() string {
	return source.Repeated{Problem: n.Problem(source.Mistake, n.Message, ""), Others: n.Others}.String()
}

// Note notes something about the contract. What is noted in several places is one note.
func (r *Report) Note(at source.Location, message string) {
	known := r.notes[message]
	switch {
	case known == nil && len(r.notes) >= source.MaxProblems:
	case known == nil:
		if r.notes == nil {
			r.notes = map[string]*Note{}
		}
		r.notes[message] = &Note{Location: at, Message: message}
	case known.Location == at:
	default:
		known.Others++
		if compareLocations(at, known.Location) < 0 {
			known.Location = at
		}
	}
}

// Notes returns what has been noted, sorted by position.
func (r *Report) Notes() []Note {
	var all []Note
	for _, note := range r.notes {
		all = append(all, *note)
	}
	slices.SortFunc(all, func(x, y Note) int {
		return cmp.Or(compareLocations(x.Location, y.Location), cmp.Compare(x.Message, y.Message))
	})
	return all
}

func compareLocations(x, y source.Location) int {
	return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column), cmp.Compare(x.Path, y.Path))
}

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
