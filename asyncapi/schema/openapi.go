package schema

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// This file checks OpenAPI schemas with kin-openapi. kin-openapi reads each keyword by itself,
// knows which version has which, and has the rules of OpenAPI's own objects. Code is not generated
// from its model: its numbers are float64, and its properties have neither order nor position.

// openAPIVersions are the versions of the dialects that are OpenAPI's.
var openAPIVersions = map[Dialect]string{OpenAPI30: "3.0", OpenAPI31: "3.1"}

// componentName matches what OpenAPI allows as the name of a component.
var componentName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// checkOpenAPI reports what OpenAPI does not allow in a schema and what has not been reported yet.
// Schemas within it are left out: each is checked by itself, so that every problem has its
// position. For the same reason a schema with a problem is checked keyword by keyword.
func (r *keywordReader) checkOpenAPI() {
	whole := r.outline(r.value.Fields)
	err := r.validate(whole)
	if err == nil {
		return
	}
	found := false
	for _, f := range whole {
		alone := r.validate([]source.Field{f})
		if alone == nil || isItemsRequired(alone) && r.value.Get("items") != nil {
			continue
		}
		found = true
		r.openAPIProblem(r.field(f.Name), alone)
	}
	if !found {
		r.openAPIProblem(source.Field{Position: r.value.KeyPosition(), Value: r.value}, err)
	}
}

// field returns the field of the schema that has a name.
func (r *keywordReader) field(name string) source.Field {
	return r.value.Fields[slices.IndexFunc(r.value.Fields, func(f source.Field) bool { return f.Name == name })]
}

func isItemsRequired(err error) bool {
	_, ok := errors.AsType[*openapi3.SchemaItemsRequired](err)
	return ok
}

// validate returns what kin-openapi says of the fields of a schema.
func (r *keywordReader) validate(fields []source.Field) error {
	options := []openapi3.ValidationOption{
		openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableSchemaPatternValidation(),
	}
	if r.dialect == OpenAPI31 {
		options = append(options, openapi3.IsOpenAPI31OrLater())
	}
	var schema openapi3.Schema
	text := (&source.Value{Kind: source.Object, Fields: fields}).AppendJSON(nil)
	if err := json.Unmarshal(text, &schema); err != nil {
		return err
	}
	return schema.Validate(context.Background(), options...)
}

// outline returns the fields of a schema without what is checked elsewhere: keywords that have been
// reported, nested schemas, numbers, and, in OpenAPI 3.1, unknown fields.
func (r *keywordReader) outline(fields []source.Field) []source.Field {
	var kept []source.Field
	for _, f := range fields {
		switch {
		case f.Name == "items" && slices.Contains(r.wrong, f.Name):
			f.Value = emptySchema
		case f.Name == "$ref", r.dialect == OpenAPI31 && !isOpenAPI31(f.Name), slices.Contains(r.wrong, f.Name):
			continue
		case f.Name == "const": // kin-openapi takes null for none
			f.Value = &source.Value{Kind: source.Bool, Text: "true"}
		case f.Name == "examples": // kin-openapi takes an empty list for none
			f.Value = &source.Value{Kind: source.Array, Items: []*source.Value{{Kind: source.Bool, Text: "true"}}}
		case slices.Contains(schemaKeywords, f.Name):
			f.Value = emptySchema
		case slices.Contains(schemasKeywords, f.Name):
			f.Value = eachEmpty(f.Value)
		case f.Value.Kind == source.Number && keywordsOf(r.dialect)[f.Name] != nil:
			f.Value = &source.Value{Kind: source.Number, Text: "1"}
		}
		kept = append(kept, f)
	}
	return kept
}

func isOpenAPI31(name string) bool {
	return openAPI31Keywords[name] != nil || name == "xml" || name == "externalDocs"
}

// The keywords whose values are schemas, or lists and maps of them.
var (
	schemaKeywords = []string{
		"additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedItems",
		"unevaluatedProperties",
	}
	schemasKeywords = []string{
		"$defs", "allOf", "anyOf", "dependentSchemas", "oneOf", "patternProperties", "prefixItems", "properties",
	}
)

// emptySchema replaces each schema within another.
var emptySchema = &source.Value{Kind: source.Object}

// eachEmpty returns a list or map of schemas with each schema replaced by an empty one.
func eachEmpty(v *source.Value) *source.Value {
	all := &source.Value{Kind: v.Kind, Text: v.Text}
	for _, f := range v.Fields {
		all.Fields = append(all.Fields, source.Field{Name: f.Name, Value: emptySchema})
	}
	for range v.Items {
		all.Items = append(all.Items, emptySchema)
	}
	return all
}
