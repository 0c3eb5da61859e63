package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// This file reads what OpenAPI 3.1, as JSON Schema 2020-12, writes differently from draft-07.

// refKeyword reads $ref in a schema that is not only a reference. In OpenAPI 3.1 the schema that it
// leads to applies together with the other keywords, like one more of allOf. In the other dialects
// a $ref that is a string is followed instead of being read.
func refKeyword(r *keywordReader, f source.Field) {
	if f.Value.Kind != source.String || r.dialect != OpenAPI31 {
		r.text(f, new(string))
		return
	}
	r.ref = r.within(r.value.WithFields([]source.Field{f}))
}

// itemsOf2020 reads items, which is one schema: the schemas of the first items are in prefixItems.
func itemsOf2020(r *keywordReader, f source.Field) {
	if f.Value.Kind == source.Array {
		r.mistake(f.Value, "\"items\" must be a schema, found array", "write \"prefixItems\" for a schema for each item")
		return
	}
	r.schema.Items = r.within(f.Value)
}

// dependentKeyword reads dependentRequired or dependentSchemas, the two halves of draft-07's
// dependencies.
func dependentKeyword(r *keywordReader, f source.Field) {
	v := r.read(f.Value, source.Map)
	if v == nil {
		return
	}
	for _, entry := range v.Fields {
		d := Dependency{Property: entry.Name}
		if f.Name == "dependentSchemas" {
			d.Schema = r.within(entry.Value)
		} else if list := r.read(entry.Value, source.List); list != nil {
			d.Required = r.names(list, entry.Name)
		}
		r.schema.Dependencies = append(r.schema.Dependencies, d)
	}
}

// finish2020 handles what depends on several keywords of OpenAPI 3.1. If no other schema applies to
// the same value, unevaluatedItems and unevaluatedProperties mean the same as items and
// additionalProperties. Otherwise they are not supported.
func (r *keywordReader) finish2020() {
	if r.ref != nil {
		r.schema.AllOf = append(r.schema.AllOf, r.ref)
	}
	if !r.hasOtherSchemas() {
		if r.schema.AdditionalProperties == nil {
			r.schema.AdditionalProperties = r.unevaluatedProperties
		}
		if r.schema.Items == nil {
			r.schema.Items = r.unevaluatedItems
		}
	}
	if named := r.value.Get("$schema"); named != nil && !slices.Contains(dialectsOf31, strings.TrimSuffix(named.Text, "#")) {
		r.reader.problems.Add(named.Problem(source.Warning, fmt.Sprintf("the dialect %q is not read: the schema is read as one of OpenAPI 3.1", named.Text), "take it out"))
	}
}

// dialectsOf31 are the values of $schema that change nothing in a schema of OpenAPI 3.1.
var dialectsOf31 = []string{"https://spec.openapis.org/oas/3.1/dialect/base", "https://json-schema.org/draft/2020-12/schema"}

// hasOtherSchemas reports whether schemas in the one that is read apply to the same value as it does.
func (r *keywordReader) hasOtherSchemas() bool {
	s := r.schema
	for _, d := range s.Dependencies {
		if d.Schema != nil {
			return true
		}
	}
	return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.If != nil
}
