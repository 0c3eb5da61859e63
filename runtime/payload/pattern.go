package payload

import (
	"regexp"
	"sync"
)

// A Pattern is a regular expression of a schema. It is compiled when it is first used.
type Pattern struct {
	source string
	match  func() func(string) bool
}

// NewPattern returns the pattern that the contract writes as source; expression is the same in the syntax of package regexp. It
// panics at the first match when expression is none.
func NewPattern(source, expression string) *Pattern {
	return &Pattern{source: source, match: sync.OnceValue(func() func(string) bool {
		if simple, ok := compileSimple(expression); ok {
			return simple.match
		}
		return regexp.MustCompile(expression).MatchString
	})}
}

// Match says whether s contains a match.
func (p *Pattern) Match(s string) bool { return p.match()(s) }

// String returns the pattern as the contract writes it.
func (p *Pattern) String() string { return p.source }
