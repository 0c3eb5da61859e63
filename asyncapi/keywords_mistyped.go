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
	if meant := nearKeyword(f.Name); meant != "" {
		r.problems.Add(Problem{
			Position: f.Position, Severity: Warning, Path: r.refs.pointer(f.Value),
			Message: fmt.Sprintf("%q is no keyword of schemas and is ignored", f.Name), Hint: fmt.Sprintf("did you mean %q?", meant),
		})
	}
}

// nearKeyword returns the keyword that name is a mistyped form of, "" when there is none. At most a quarter of the letters
// may be wrong, fewer than in other names: a remark called "note" does not mean "not", nor "constraints" "contains".
func nearKeyword(name string) string {
	if len(name) > maxNameCompared {
		return ""
	}
	best, distance := "", maxNameCompared
	for _, keyword := range meantKeywords {
		limit := min(len(keyword)/4+1, distance)
		if d := editDistance(name, keyword, limit); d < limit {
			best, distance = keyword, d
		}
	}
	return best
}
