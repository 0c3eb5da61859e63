package examples

import (
	"regexp"
	"regexp/syntax"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// regexp compiles a pattern. A pattern that package regexp does not support, or that is too large,
// becomes an unknownPattern.
func (c *checker) regexp(pattern string) (jsonschema.Regexp, error) {
	if c.isSmall(pattern) {
		if compiled, err := regexp.Compile(pattern); err == nil {
			return compiled, nil
		}
	}
	return unknownPattern{c, pattern}, nil
}

// isSmall reports whether a pattern is within the limits, and subtracts its size from the limit for
// all patterns.
func (c *checker) isSmall(pattern string) bool {
	if len(pattern) > schema.MaxPattern {
		return false
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	size := schema.PatternSize(parsed)
	c.patterns -= min(size, c.patterns)
	return size <= schema.MaxPattern && c.patterns > 0
}

// An unknownPattern is a pattern that cannot be matched here.
type unknownPattern struct {
	check *checker
	text  string
}

func (p unknownPattern) MatchString(string) bool {
	p.check.unsure = true
	return true
}

func (p unknownPattern) String() string { return p.text }
