package plan

import (
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A scope is a set of Go names that must differ: those of a package or of a struct.
type scope struct {
	of    string // for problems: "package messages"
	taken map[string]origin
}

// An origin is the thing of the contract that a Go name was made for.
type origin struct {
	source.Position
	path string
	what string // for problems: `schema "Order"`
}

func newScope(of string) *scope {
	return &scope{of, map[string]origin{}}
}

// claim takes name for from. It returns false, with a problem that shows both
// positions, when something else has it.
func (s *scope) claim(name string, from origin) (source.Problem, bool) {
	other, clash := s.taken[name]
	if !clash {
		s.taken[name] = from
		return source.Problem{}, true
	}
	return source.Problem{
		Position: from.Position,
		Path:     from.path,
		Message:  fmt.Sprintf("%s and %s have conflicting Go name %s in %s", from.what, other, name, s.of),
		Hint:     "give one of them another name with x-go-name",
	}, false
}

// longestName is how much of a name is shown in the description of an origin, which many problems can repeat.
const longestName = 100

// called returns what a thing of the contract is called, for an origin: channel "orders".
func called(thing, name string) string {
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[:longestName], "") + "…"
	}
	return fmt.Sprintf("%s %q", thing, name)
}

// String describes the origin with its position, when it has one.
func (o origin) String() string {
	if o.Line == 0 {
		return o.what
	}
	return o.what + " at " + o.Position.String()
}
