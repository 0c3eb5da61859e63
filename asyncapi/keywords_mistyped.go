package asyncapi

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// meantKeywords are what a mistyped keyword can have been meant to be.
var meantKeywords = slices.Concat(slices.Sorted(maps.Keys(asyncAPIKeywords)), slices.Sorted(maps.Keys(laterKeywords)))

// mistyped warns of a field that is no keyword but nearly one: what its author meant to say is not read. Every other
// field is a remark, as JSON Schema has it. OpenAPI 3.0 allows extensions alone, and the check by its rules says so.
func (r *schemaReader) mistyped(f source.Field) {
	if r.dialect == openAPI30 || openAPIKeywords[f.Name] != nil || slices.Contains(meantKeywords, f.Name) {
		return
	}
	if hint := r.meant(f.Name); hint != "" {
		r.problems.Add(source.Problem{
			Position: f.Position, Severity: source.Warning, Path: f.Value.Pointer(),
			Message: fmt.Sprintf("%q is no keyword of schemas and is ignored", f.Name), Hint: hint,
		})
	}
}

// maxUnknown is how many different names that are no keywords are held against all that are.
const maxUnknown = 10_000

// meant returns the hint that names the keyword which a name is nearly, "" when there is none. It looks at each name once.
func (d *decoder) meant(name string) string {
	hint, known := d.unknown[name]
	if !known && len(d.unknown) < maxUnknown {
		hint = source.NearestWithin(name, meantKeywords, wrongInKeyword)
		d.unknown[name] = hint
	}
	return hint
}

// wrongInKeyword is how many letters of a keyword may be wrong: a quarter, fewer than in other names, as a remark
// called "note" does not mean "not", nor "constraints" "contains".
func wrongInKeyword(keyword string) int { return len(keyword) / 4 }
