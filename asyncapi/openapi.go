package asyncapi

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// componentName matches what OpenAPI allows as the name of a component.
var componentName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// checkOpenAPI reports what OpenAPI 3.0 does not allow in a schema, by kin-openapi. The schemas within
// are left out and checked by themselves, so that each problem has its place.
func (r *schemaReader) checkOpenAPI() {
	text := r.value.shallow().appendJSON(nil)
	var schema openapi3.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		r.report(Mistake, r.value, "not a schema of OpenAPI 3.0: "+err.Error(), "")
		return
	}
	if err := schema.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		r.report(Mistake, r.value, "not a schema of OpenAPI 3.0: "+message, "")
	}
}

// shallow returns a schema with an empty schema in the place of each within.
func (v *Value) shallow() *Value {
	empty := &Value{Kind: Object}
	result := &Value{Kind: Object}
	for _, f := range v.Fields {
		switch f.Name {
		case "items", "not", "additionalProperties":
			if f.Value.Kind == Object {
				f.Value = empty
			}
		case "properties":
			object := &Value{Kind: Object}
			for _, p := range f.Value.Fields {
				object.Fields = append(object.Fields, Field{Name: p.Name, Value: empty})
			}
			f.Value = object
		case "allOf", "anyOf", "oneOf":
			list := &Value{Kind: Array}
			for range f.Value.Items {
				list.Items = append(list.Items, empty)
			}
			f.Value = list
		}
		result.Fields = append(result.Fields, f)
	}
	return result
}
