package schema

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// componentName matches what OpenAPI allows as the name of a component.
var componentName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// checkOpenAPI reports what OpenAPI 3.0 does not allow in a schema, by kin-openapi. The schemas within
// are left out and checked by themselves, so that each problem has its place.
func (r *keywordReader) checkOpenAPI() {
	text := shallow(r.value).AppendJSON(nil)
	var schema openapi3.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		r.mistake(r.value, "not a schema of OpenAPI 3.0: "+err.Error(), "")
		return
	}
	if err := schema.Validate(context.Background(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaPatternValidation()); err != nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		r.mistake(r.value, "not a schema of OpenAPI 3.0: "+message, "")
	}
}

// shallow returns a schema with an empty schema in the place of each within.
func shallow(v *source.Value) *source.Value {
	result := &source.Value{Kind: source.Object}
	for _, f := range v.Fields {
		switch f.Name {
		case "items", "not", "additionalProperties":
			f.Value = emptied(f.Value)
		case "properties", "allOf", "anyOf", "oneOf":
			within := &source.Value{Kind: f.Value.Kind, Text: f.Value.Text}
			for _, p := range f.Value.Fields {
				within.Fields = append(within.Fields, source.Field{Name: p.Name, Value: emptied(p.Value)})
			}
			for _, item := range f.Value.Items {
				within.Items = append(within.Items, emptied(item))
			}
			f.Value = within
		}
		result.Fields = append(result.Fields, f)
	}
	return result
}

// emptied returns an empty object for an object, and v for what is none.
func emptied(v *source.Value) *source.Value {
	if v.Kind == source.Object {
		return &source.Value{Kind: source.Object}
	}
	return v
}
