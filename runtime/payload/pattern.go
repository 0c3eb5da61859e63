package payload

import (
	"regexp"
	"regexp/syntax"
	"sync"
)

// A Pattern is a regular expression of a schema. It is compiled when it is first used.
type Pattern struct {
	source     string
	expression string
	once       sync.Once
	simple     simple // nil when the pattern needs a search
	search     *regexp.Regexp
	states     int // how many there are in a search
}

// NewPattern returns a pattern. source is the pattern in the contract, and expression the same in
// the syntax of package regexp. The first use panics when expression is not valid.
func NewPattern(source, expression string) *Pattern {
	return &Pattern{source: source, expression: expression}
}

// Match reports whether s contains a match.
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
		p.states = statesOf(p.expression)
	}
}

// statesOf returns how many instructions an expression is compiled to. A search may be in so many of them at each character.
func statesOf(expression string) int {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return 0 // regexp has compiled it
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// work returns how much work it is to match s, in bytes that could be read.
func (p *Pattern) work(s string) int {
	p.once.Do(p.compile)
	return len(s) * p.states / 2
}

// String returns the pattern as it is in the contract.
func (p *Pattern) String() string { return p.source }

// Expression returns the pattern in the syntax of package regexp.
func (p *Pattern) Expression() string { return p.expression }
