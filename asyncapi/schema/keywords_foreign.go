package schema

import (
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A foreignKeyword is a keyword of a neighbouring dialect that others ignore, although who writes it
// means something: what to write instead.
type foreignKeyword struct {
	name string
	in   dialects // that ignore it
	hint string
}

var foreignKeywords = []foreignKeyword{
	{"nullable", inDrafts | inOpenAPI31, "write type: [..., \"null\"], or {type: \"null\"} in a oneOf"},
	{"additionalItems", inOpenAPI31, "write \"items\", and \"prefixItems\" for the items before"},
	{"dependencies", inOpenAPI31, "write \"dependentRequired\" or \"dependentSchemas\""},
	{"divisibleBy", inJSONSchema, "write \"multipleOf\""},
	{"disallow", inJSONSchema, "write \"not\" with a schema that has the type"},
	{"extends", inJSONSchema, "write \"allOf\""},
}

// warnOfForeign warns of keywords that the dialect ignores and another one does not.
func (r *keywordReader) warnOfForeign() {
	for _, f := range r.value.Fields {
		for _, foreign := range foreignKeywords {
			if foreign.name != f.Name || !foreign.in.has(r.dialect) || f.Value.Kind == source.Bool && f.Value.Text == "false" {
				continue
			}
			r.reader.problems.Add(f.Problem(source.Warning, fmt.Sprintf("%q is not a keyword of %s and is ignored", f.Name, dialectNames[r.dialect]), foreign.hint))
		}
	}
}

// dialectNames are the names of the dialects in problems.
var dialectNames = map[Dialect]string{
	AsyncAPI: "AsyncAPI's schemas", Draft07: "JSON Schema draft-07", OpenAPI30: "OpenAPI 3.0", OpenAPI31: "OpenAPI 3.1",
}
