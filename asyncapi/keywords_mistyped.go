package asyncapi

import (
	"fmt"
	"maps"
	"slices"
)

// meantKeywords are what a mistyped keyword can have been meant to be.
var meantKeywords = slices.Concat(slices.Sorted(maps.Keys(asyncAPIKeywords)), slices.Sorted(maps.Keys(laterKeywords)))

// mistyped warns of a field that is no keyword but nearly one: what its author meant to say is not read. Every other
// field is a remark, as JSON Schema has it. OpenAPI 3.0 allows extensions alone, and the check by its rules says so.
func (r *schemaReader) mistyped(f Field) {
	if r.dialect == openAPI30 || openAPIKeywords[f.Name] != nil || slices.Contains(meantKeywords, f.Name) {
		return
	}
	if hint := nearest(f.Name, meantKeywords, wrongInKeyword); hint != "" {
		r.problems.Add(Problem{
			Position: f.Position, Severity: Warning, Path: r.refs.pointer(f.Value),
			Message: fmt.Sprintf("%q is no keyword of schemas and is ignored", f.Name), Hint: hint,
		})
	}
}

// wrongInKeyword is how many letters of a keyword may be wrong: a quarter, fewer than in other names, as a remark
// called "note" does not mean "not", nor "constraints" "contains".
func wrongInKeyword(keyword string) int { return len(keyword) / 4 }
