package names

import (
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// A Scope is a set of Go names that must differ: those of a package or of a struct.
type Scope struct {
	of     string // for problems: "package messages"
	taken  map[string]Origin
	report *report.Report
}

// An Origin is the thing of the contract that a Go name was made for.
type Origin struct {
	source.Location
	What string // for problems: `schema "Order"`
}

// NewScope returns an empty scope. It reports clashes to r.
func NewScope(of string, r *report.Report) *Scope {
	return &Scope{of, map[string]Origin{}, r}
}

// ClashHint is the way out where two things have one Go name.
const ClashHint = "give one of them another name with " + extension.GoName + " or in scampgen.yaml"

// Claim takes name for from. It returns false when something else has it, which it has reported with both positions.
func (s *Scope) Claim(name string, from Origin) bool {
	other, clash := s.taken[name]
	if !clash {
		s.taken[name] = from
		return true
	}
	s.report.Mistake(from.Location, fmt.Sprintf("%s and %s have conflicting Go name %s in %s", from.What, other, name, s.of),
		ClashHint)
	return false
}

// Reserve takes a name that generated code has anyway; what says for what.
func (s *Scope) Reserve(name, what string) { s.taken[name] = Origin{What: what} }

// longestName is how much of a name is shown in the description of an origin, which many problems can repeat.
const longestName = 100

// Called returns what a thing of the contract is called, for an Origin: channel "orders".
func Called(thing, name string) string {
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[:longestName], "") + "…"
	}
	return fmt.Sprintf("%s %q", thing, name)
}

// String describes the origin with its position, when it has one.
func (o Origin) String() string {
	if o.Line == 0 {
		return o.What
	}
	return o.What + " at " + o.Position.String()
}
