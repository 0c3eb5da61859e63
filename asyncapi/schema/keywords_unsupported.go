package schema

import (
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// An unsupportedKeyword restricts values in a way that no code is generated for.
type unsupportedKeyword struct {
	name      string
	in        dialects
	restricts func(r *keywordReader, v *source.Value) bool // whether it restricts anything
	hint      string
}

// unsupportedKeywords are refused by name if they restrict values. Draft-07 does not have them and
// would ignore them, but their author means them.
var unsupportedKeywords = []unsupportedKeyword{
	{"$dynamicRef", inJSONSchema, func(*keywordReader, *source.Value) bool { return true }, "write $ref"},
	{"$recursiveRef", inJSONSchema, func(*keywordReader, *source.Value) bool { return true }, "write $ref"},
	{"dependentRequired", inDrafts, notEmpty, "write dependencies"},
	{"dependentSchemas", inDrafts, notEmpty, "write dependencies"},
	{"prefixItems", inDrafts, notEmpty, "write items with a list"},
	{"unevaluatedItems", inDrafts, restricts, ""},
	{"unevaluatedProperties", inDrafts, restricts, ""},
	{"unevaluatedItems", inOpenAPI31, unevaluatedItems, "write one schema with \"items\" instead of several"},
	{"unevaluatedProperties", inOpenAPI31, unevaluatedProperties, "write one schema with \"additionalProperties\" instead of several"},
	{"maxContains", inJSONSchema, func(r *keywordReader, _ *source.Value) bool { return r.schema.Contains != nil }, ""},
	{"minContains", inJSONSchema, func(r *keywordReader, v *source.Value) bool { return r.schema.Contains != nil && v.Text != "1" }, ""},
}

func notEmpty(_ *keywordReader, v *source.Value) bool { return len(v.Fields)+len(v.Items) > 0 }

func restricts(_ *keywordReader, v *source.Value) bool {
	return v.Text != "true" && notEmpty(nil, v) || v.Text == "false"
}

// unevaluatedItems reports whether unevaluatedItems restricts values otherwise than items does.
func unevaluatedItems(r *keywordReader, v *source.Value) bool {
	return restricts(r, v) && r.value.Get("items") == nil && (r.hasOtherSchemas() || r.schema.Contains != nil)
}

// unevaluatedProperties reports whether unevaluatedProperties restricts values otherwise than
// additionalProperties does.
func unevaluatedProperties(r *keywordReader, v *source.Value) bool {
	return restricts(r, v) && r.value.Get("additionalProperties") == nil && r.hasOtherSchemas()
}

// refuse reports the keywords that are not supported.
func (r *keywordReader) refuse() {
	for _, f := range r.value.Fields {
		i := slices.IndexFunc(unsupportedKeywords, func(u unsupportedKeyword) bool { return u.name == f.Name && u.in.has(r.dialect) })
		if i < 0 || !unsupportedKeywords[i].restricts(r, f.Value) {
			continue
		}
		message := fmt.Sprintf("%q is of a later JSON Schema than draft-07", f.Name)
		if r.dialect == OpenAPI31 {
			message = fmt.Sprintf("no code is generated for %q", f.Name)
		}
		p := f.Problem(source.Unsupported, message, unsupportedKeywords[i].hint)
		p.Feature = "schema/" + f.Name
		r.reader.problems.Add(p)
	}
}
