package schema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// meantKeywords are what a mistyped keyword can have been meant to be.
var meantKeywords = slices.Concat(slices.Sorted(maps.Keys(asyncAPIKeywords)), unsupportedNames())

func unsupportedNames() []string {
	var names []string
	for _, u := range unsupportedKeywords {
		names = append(names, u.name)
	}
	return names
}

// mistyped warns of a field that is no keyword but nearly one: what its author meant to say is not read. Every other
// field is a remark, as JSON Schema has it. OpenAPI 3.0 allows extensions alone, and the check by its rules says so.
func (r *keywordReader) mistyped(f source.Field) {
	if r.dialect == OpenAPI30 || openAPI30Keywords[f.Name] != nil || slices.Contains(meantKeywords, f.Name) {
		return
	}
	if hint := r.reader.meant(f.Name); hint != "" {
		r.reader.problems.Add(f.Problem(source.Warning, fmt.Sprintf("%q is no keyword of schemas and is ignored", f.Name), hint))
	}
}

// maxUnknown is how many different names that are no keywords are held against all that are.
const maxUnknown = 10_000

// meant returns the hint that names the keyword which a name is nearly, "" when there is none. It looks at each name once.
func (r *Reader) meant(name string) string {
	hint, known := r.unknown[name]
	if !known && len(r.unknown) < maxUnknown {
		hint = source.NearestWithin(name, meantKeywords, wrongInKeyword)
		r.unknown[name] = hint
	}
	return hint
}

// wrongInKeyword is how many letters of a keyword may be wrong: a quarter, fewer than in other names, as a remark
// called "note" does not mean "not", nor "constraints" "contains".
func wrongInKeyword(keyword string) int { return len(keyword) / 4 }
