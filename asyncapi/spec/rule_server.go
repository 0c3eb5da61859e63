package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// serverVariables compares the variables in the URLs of servers with "variables".
func serverVariables(c *checker, root *source.Value) {
	servers := slices.Concat(c.objectsIn(c.refs.At(root, "servers")), c.objectsIn(c.refs.At(root, "components", "servers")))
	for _, f := range servers {
		if names := Parameters(c.refs.Text(f.Value, "url")); len(names) > 0 {
			c.definedNames(f.Value, names, namesOf{"variables", "url"})
		}
	}
}

// A namesOf has the words that messages use for names in braces and for where they are defined.
type namesOf struct {
	field string // that defines them: "parameters"
	in    string // that has them: "address"
}

// definedNames compares the names in braces of an address or URL with those that a field of the
// same object defines.
func (c *checker) definedNames(v *source.Value, names []string, words namesOf) {
	defined := c.refs.Field(v, words.field)
	var missing []string
	for _, name := range names {
		if defined.Get(name) == nil {
			missing = append(missing, name)
		}
	}
	at := v
	if defined != nil {
		at = defined
	}
	if len(missing) > 0 {
		c.mistake(at, fmt.Sprintf("%q does not define {%s} of the %s", words.field, strings.Join(missing, "}, {"), words.in),
			"add what is missing, or take it out of the "+words.in)
	}
	if defined == nil {
		return
	}
	used := make(map[string]bool, len(names))
	for _, name := range names {
		used[name] = true
	}
	for _, f := range defined.Fields {
		if !used[f.Name] {
			c.mistakeInName(f, fmt.Sprintf("the %s has no {%s}", words.in, f.Name), source.DidYouMean(f.Name, missing[:min(len(missing), 20)]))
		}
	}
}
