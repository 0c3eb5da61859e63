package schema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// suggestedKeywords are the keywords that may be suggested for a mistyped name.
var suggestedKeywords = slices.Concat(slices.Sorted(maps.Keys(asyncAPIKeywords)), unsupportedNames())

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
	if r.dialect == OpenAPI30 || openAPI30Keywords[f.Name] != nil || slices.Contains(suggestedKeywords, f.Name) {
		return
	}
	if hint := r.reader.keywordHint(f.Name); hint != "" {
		r.reader.problems.Add(f.Problem(source.Warning, fmt.Sprintf("%q is no keyword of schemas and is ignored", f.Name), hint))
	}
}

// maxUnknown is how many different names that are no keywords are held against all that are.
const maxUnknown = 10_000

// keywordHint returns the hint that names the keyword nearest to a name, "" when none is near. It compares each name once.
func (r *Reader) keywordHint(name string) string {
	hint, known := r.unknown[name]
	if !known && len(r.unknown) < maxUnknown {
		hint = source.NearestWithin(name, suggestedKeywords, wrongInKeyword)
		r.unknown[name] = hint
	}
	return hint
}

// wrongInKeyword is how many letters of a keyword may be wrong: a quarter, fewer than in other names, as a remark
// called "note" does not mean "not", nor "constraints" "contains".
func wrongInKeyword(keyword string) int { return len(keyword) / 4 }
