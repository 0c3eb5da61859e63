package examples

import (
	"regexp"
	"regexp/syntax"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// regexp compiles a pattern. Whether one that package regexp does not have, or that is too large, matches is not known.
func (c *checker) regexp(pattern string) (jsonschema.Regexp, error) {
	if c.isSmall(pattern) {
		if compiled, err := regexp.Compile(pattern); err == nil {
			return compiled, nil
		}
	}
	return unknownPattern{c, pattern}, nil
}

// isSmall says whether a pattern is within the limits, and takes it off what all may have.
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

// An unknownPattern is a pattern of which it is not known what it matches.
type unknownPattern struct {
	check *checker
	text  string
}

func (p unknownPattern) MatchString(string) bool {
	p.check.unsure = true
	return true
}

func (p unknownPattern) String() string { return p.text }
