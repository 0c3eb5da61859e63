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

// mistyped warns of a field whose name is nearly that of a keyword: what its author meant has no
// effect. Every other unknown field is an annotation, as in JSON Schema. OpenAPI 3.0 allows only
// extensions, which the check by its rules reports.
func (r *keywordReader) mistyped(f source.Field) {
	if r.dialect == OpenAPI30 || openAPI30Keywords[f.Name] != nil || slices.Contains(suggestedKeywords, f.Name) {
		return
	}
	if hint := r.reader.keywordHint(f.Name); hint != "" {
		r.reader.problems.Add(f.Problem(source.Warning, fmt.Sprintf("%q is no keyword of schemas and is ignored", f.Name), hint))
	}
}

// maxUnknown is how many different unknown names are compared with the keywords.
const maxUnknown = 10_000

// keywordHint returns the hint that names the keyword nearest to a name, "" when none is near. It
// compares each name once.
func (r *Reader) keywordHint(name string) string {
	hint, known := r.unknown[name]
	if !known && len(r.unknown) < maxUnknown {
		hint = source.NearestWithin(name, suggestedKeywords, wrongInKeyword)
		r.unknown[name] = hint
	}
	return hint
}

// wrongInKeyword is how many letters of a keyword may be wrong: a quarter. That is fewer than in
// other names, because an annotation "note" does not mean "not", nor "constraints" "contains".
func wrongInKeyword(keyword string) int { return len(keyword) / 4 }
