package names

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// A Scope is a set of Go names that must differ: those of a package or of a struct.
type Scope struct {
	Hint string // for clashes

	of     string // for problems: "package messages"
	taken  map[string]Origin
	report *report.Report
}

// An Origin is the part of the contract that a Go name was made for.
type Origin struct {
	source.Location
	What string // for problems: `schema "Order"`
}

// NewScope returns an empty scope. It reports clashes to r.
func NewScope(of string, r *report.Report) *Scope {
	return &Scope{ClashHint, of, map[string]Origin{}, r}
}

// ClashHint is the hint for two things with the same Go name.
const ClashHint = "give one of them another name with " + extension.GoName + " or in scampgen.yaml"

// Claim reserves name for from. If something else has it, it reports both positions and returns
// false.
func (s *Scope) Claim(name string, from Origin) bool {
	other, clash := s.taken[name]
	if !clash {
		s.taken[name] = from
		return true
	}
	s.report.Mistake(from.Location, fmt.Sprintf("%s and %s have conflicting Go name %s in %s", from.What, other, name, s.of),
		s.Hint)
	return false
}

// Free returns name, or, if it is taken, name with the first number from 2 on that makes it free. A
// name that has no number keeps it as long as the contract has what is before it.
func (s *Scope) Free(name string) string {
	free := name
	for i := 2; ; i++ {
		if _, taken := s.taken[free]; !taken {
			return free
		}
		free = name + strconv.Itoa(i)
	}
}

// Reserve reserves a name that generated code always has; what says for what.
func (s *Scope) Reserve(name, what string) { s.taken[name] = Origin{What: what} }

// longestName is how much of a name is shown in the description of an origin, because many problems
// can repeat it.
const longestName = 100

// Called returns the description of a part of the contract for an Origin: channel "orders".
func Called(thing, name string) string {
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[:longestName], "") + "…"
	}
	return fmt.Sprintf("%s %q", thing, name)
}

// String returns the description, with the position if it is known.
func (o Origin) String() string {
	if o.Line == 0 {
		return o.What
	}
	return o.What + " at " + o.Position.String()
}
