package payload

import (
	"regexp"
	"sync"
)

// A Pattern is a regular expression of a schema. It is compiled when it is first used.
type Pattern struct {
	source     string
	expression string
	once       sync.Once
	simple     simple // nil when the pattern needs a search
	search     *regexp.Regexp
}

// NewPattern returns the pattern that the contract writes as source; expression is the same in the syntax of package regexp. Its
// first use panics when expression is none.
func NewPattern(source, expression string) *Pattern {
	return &Pattern{source: source, expression: expression}
}

// Match says whether s contains a match.
func (p *Pattern) Match(s string) bool {
	p.once.Do(p.compile)
	if p.simple != nil {
		return p.simple.match(s)
	}
	return p.search.MatchString(s)
}

func (p *Pattern) compile() {
	var ok bool
	if p.simple, ok = compileSimple(p.expression); !ok {
		p.simple, p.search = nil, regexp.MustCompile(p.expression)
	}
}

// String returns the pattern as the contract writes it.
func (p *Pattern) String() string { return p.source }
