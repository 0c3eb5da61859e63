package names

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// A Scope is a set of Go names that must differ: those of a package or of a struct.
type Scope struct {
	// Hint is the way out of clashes beside scampgen.yaml: x-go-name on one of the two if it is empty.
	Hint string

	of     string // for problems: "package messages"
	taken  map[string]Origin
	report *report.Report
}

// An Origin is the part of the contract that a Go name was made for.
type Origin struct {
	source.Location
	What string // for problems: `schema "Order"`
	Way  string // what gives it another name in scampgen.yaml, as InConfig writes it; "" for nothing
}

// NewScope returns an empty scope. It reports clashes to r.
func NewScope(of string, r *report.Report) *Scope {
	return &Scope{"", of, map[string]Origin{}, r}
}

// WaysOut returns the ways out when two things have the same Go name. inContract is the one that
// needs editing the contract: "" for x-go-name.
func WaysOut(inContract string, x, y Origin) string {
	hint := cmp.Or(inContract, "set "+extension.GoName+" on one of them")
	switch {
	case x.Way == "" && y.Way == "":
		return hint
	case x.Way == "" || y.Way == "" || x.Way == y.Way:
		return hint + ", or write in scampgen.yaml " + cmp.Or(x.Way, y.Way)
	}
	return hint + ", or write in scampgen.yaml " + x.Way + " or " + y.Way
}

// InConfig returns the entry of scampgen.yaml for the fields of a key in a section:
// types: {Order: {name: ...}}.
func InConfig(section, key string, fields ...string) string {
	if !plainKey.MatchString(key) || slices.Contains([]string{"true", "false", "null"}, strings.ToLower(key)) {
		key = strconv.Quote(key)
	}
	return fmt.Sprintf("%s: {%s: {%s: ...}}", section, key, strings.Join(fields, ": ..., "))
}

// plainKey matches keys that mean themselves in YAML without quotes, but for three words.
var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// Claim reserves name for from. If something else has it, it reports both positions and returns
// false.
func (s *Scope) Claim(name string, from Origin) bool {
	other, clash := s.taken[name]
	if !clash {
		s.taken[name] = from
		return true
	}
	s.report.Mistake(from.Location, fmt.Sprintf("%s and %s have conflicting Go name %s in %s", from.What, other, name, s.of), WaysOut(s.Hint, from, other))
	return false
}

// Has returns what has a name; false if it is free.
func (s *Scope) Has(name string) (Origin, bool) {
	of, taken := s.taken[name]
	return of, taken
}

// Free returns name, or, if it is taken, name with the first number from 2 on that makes it free.
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
