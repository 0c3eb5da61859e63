//go:build !race

package schemasuite

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// An openAPISchema is a schema that both a contract and a document of OpenAPI have as the component
// Root, with the components that it refers to.
type openAPISchema struct {
	name       string
	version    string            // of OpenAPI: "3.0.3"
	components map[string]string // JSON
}

// TestOpenAPI wants kin-openapi's verdict from the generated codecs: on whether a schema is one of
// OpenAPI 3.0 or 3.1, and on instances of those that are.
func TestOpenAPI(t *testing.T) {
	dir := t.TempDir()
	var groups []group
	shown := map[string]bool{}
	for i, s := range openAPISchemas(t) {
		if testing.Short() && i%10 > 0 {
			continue
		}
		g := group{file: "OpenAPI " + s.version, Description: s.name, contract: s.contract()}
		file := filepath.Join(dir, fmt.Sprintf("%03d.yaml", i))
		put(t, file, g.contract)
		doc, problems := asyncapi.Load(file, source.Options{})
		ours := refusal(problems)
		theirs, err := s.load()
		if ours != "" && !strings.HasPrefix(ours, "mistake: ") {
			continue // not supported
		}
		if key := s.version[:3] + " " + s.name; (ours == "") != (err == nil) {
			if shown[key] = true; openAPISchemaDifferences[key] == "" {
				t.Errorf("%s: kin-openapi says %v, scampgen %q", key, err, ours)
			}
			continue
		}
		if err == nil {
			g.Tests = s.tests(t, theirs, doc)
			groups = append(groups, g)
		}
	}
	compareOpenAPI(t, groups, shown)
	for _, differences := range []map[string]string{openAPISchemaDifferences, openAPIDifferences} {
		for key := range differences {
			if !shown[key] && !testing.Short() {
				t.Errorf("%s no longer shows a difference", key)
			}
		}
	}
}

// tests returns instances of the schema, which doc has for its message, with kin-openapi's verdicts.
func (s openAPISchema) tests(t *testing.T, theirs *openapi3.Schema, doc *asyncapi.Document) []test {
	t.Helper()
	var tests []test
	for _, instance := range instances(doc.Channels[0].Messages[0].Payload) {
		text, err := json.Marshal(instance)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, test{Data: text, Valid: s.isValid(t, theirs, text)})
	}
	return tests
}

// compareOpenAPI compares the verdicts of the generated codecs with those of kin-openapi. It notes
// which differences it has seen.
func compareOpenAPI(t *testing.T, groups []group, shown map[string]bool) {
	t.Helper()
	made, valid, differ := 0, 0, 0
	for i, verdicts := range run(t, groups, true) {
		g := groups[i]
		for j, v := range verdicts {
			made++
			if g.Tests[j].Valid {
				valid++
			}
			if (v == verdict{}) == g.Tests[j].Valid {
				continue
			}
			differ++
			key := strings.TrimPrefix(g.file, "OpenAPI ")[:3] + " " + g.Description
			if shown[key] = true; openAPIDifferences[key] == "" {
				t.Errorf("%s: kin-openapi says %t of %s, the codec %+v", key, g.Tests[j].Valid, g.Tests[j].Data, v)
			}
		}
		if g.refused != "" && !strings.Contains(g.refused, "conflicting Go name") {
			t.Errorf("%s: %s: %s", g.file, g.Description, g.refused)
		}
	}
	measured := fmt.Sprintf("%d schemas, %d instances, %d of them valid: %d verdicts differ, each with a reason.\n", len(groups), made, valid, differ)
	t.Log(measured)
	keep(t, "openapi", measured)
}

func (s openAPISchema) contract() string {
	return fmt.Sprintf(`asyncapi: 2.6.0
info: {title: Suite, version: 1.0.0}
channels:
  suite:
    bindings: {amqp: {is: queue, queue: {name: suite}}}
    publish:
      message: {name: Instance, schemaFormat: application/vnd.oai.openapi;version=%s, payload: {$ref: '#/components/schemas/Root'}}
components: %s
`, s.version, s.json())
}

// json returns the components object.
func (s openAPISchema) json() string {
	var list []string
	for name, text := range s.components {
		list = append(list, fmt.Sprintf("%q: %s", name, text))
	}
	return `{"schemas": {` + strings.Join(list, ", ") + `}}`
}

// load returns the schema as kin-openapi reads it.
func (s openAPISchema) load() (*openapi3.Schema, error) {
	text := fmt.Sprintf(`{"openapi": %q, "info": {"title": "t", "version": "1"}, "paths": {}, "components": %s}`, s.version, s.json())
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData([]byte(text))
	if err != nil {
		return nil, err
	}
	// OpenAPI 3.1 allows what is no keyword. Defaults are checked by package examples.
	others := openapi3.AllowExtraSiblingFields()
	if !strings.HasPrefix(s.version, "3.0") {
		others = openapi3.AllowExtraSiblingFields("additionalItems", "definitions", "dependencies")
	}
	if err := doc.Validate(loader.Context, openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(), others); err != nil {
		return nil, err
	}
	return doc.Components.Schemas["Root"].Value, nil
}

func (s openAPISchema) isValid(t *testing.T, theirs *openapi3.Schema, text []byte) bool {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var instance any
	if err := decoder.Decode(&instance); err != nil {
		t.Fatal(err)
	}
	options := []openapi3.SchemaValidationOption{openapi3.EnableFormatValidation()}
	if !strings.HasPrefix(s.version, "3.0") {
		options = append(options, openapi3.EnableJSONSchema2020())
	}
	return theirs.VisitJSON(instance, options...) == nil
}

// openAPISchemas returns the schemas of this file, and those of the test suite without references,
// in both versions. Formats are left out there: kin-openapi checks few.
func openAPISchemas(t *testing.T) []openAPISchema {
	t.Helper()
	var all []openAPISchema
	for _, version := range []string{"3.0.3", "3.1.0"} {
		own := openAPI30
		if version == "3.1.0" {
			own = openAPI31
		}
		for _, root := range own {
			all = append(all, openAPISchema{root, version, map[string]string{"Root": root, "Cat": cat, "Dog": dog, "Node": node, "Short": short}})
		}
		for _, g := range readGroups(t, "*.json") {
			if text := string(g.Schema); g.file != "format" && !strings.Contains(text, "$ref") && !strings.Contains(text, "$id") {
				all = append(all, openAPISchema{g.file + ", " + g.Description, version, map[string]string{"Root": text}})
			}
		}
	}
	return all
}

// What the schemas of this file refer to.
const (
	cat   = `{"type": "object", "required": ["kind", "lives"], "properties": {"kind": {"type": "string", "enum": ["cat"]}, "lives": {"type": "integer"}}}`
	dog   = `{"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["dog"]}, "barks": {"type": "boolean"}}}`
	node  = `{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}}`
	short = `{"type": "string", "maxLength": 5}`
)

// Schemas that have a difference.
const (
	notString = `{"type": "object", "properties": {"a": {"not": {"type": "string"}}}}`
	dates     = `{"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}, "on": {"type": "string", "format": "date"}, "raw": {"type": "string", "format": "byte"}}}`
)

// openAPI30 are schemas for what OpenAPI 3.0 writes otherwise than JSON Schema.
var openAPI30 = []string{
	`{"type": "object", "properties": {"a": {"type": "string", "nullable": true}}}`,
	`{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "nullable": true, "minimum": 3}}}`,
	`{"type": "object", "properties": {"a": {"type": "array", "nullable": true, "items": {"type": "string", "nullable": true}}}}`,
	`{"type": "object", "properties": {"a": {"type": "string", "enum": ["x", "y"]}}, "additionalProperties": false}`,
	`{"type": "number", "minimum": 3, "exclusiveMinimum": true, "maximum": 7, "exclusiveMaximum": false}`,
	`{"type": "integer", "minimum": 3, "exclusiveMinimum": false, "maximum": 7, "exclusiveMaximum": true}`,
	`{"type": "number", "multipleOf": 0.5}`,
	`{"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1, "maxProperties": 2}`,
	`{"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2, "uniqueItems": true}`,
	`{"type": "string", "minLength": 2, "maxLength": 8, "pattern": "^[A-Z]"}`,
	`{"allOf": [{"$ref": "#/components/schemas/Dog"}, {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}]}`,
	`{"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}}}`,
	`{"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}`,
	`{"anyOf": [{"type": "string"}, {"type": "integer"}]}`,
	notString,
	`{"$ref": "#/components/schemas/Node"}`,
	dates,
	`{"type": "object", "properties": {"a": {"type": "integer", "format": "int32"}, "b": {"type": "integer", "format": "int64"}}}`,
	`{"type": "string", "const": "a"}`,
	`{"type": ["string", "null"]}`,
	`{"type": "array"}`,
	`{"type": "null"}`,
	`{"type": "object", "unknown": 1}`,
	`{"type": "object", "properties": {"a": true}}`,
	`{"type": "string", "readOnly": true, "writeOnly": true}`,
	`{"type": "string", "xml": {"name": "a"}, "externalDocs": {"url": "https://example.com"}, "example": "a", "x-a": 1}`,
	`{"type": "string", "externalDocs": {}}`,
	`{"type": "string", "xml": 5}`,
}

// openAPI31 are schemas for what OpenAPI 3.1 has and OpenAPI 3.0 or draft-07 has not.
var openAPI31 = []string{
	`{"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": ["string", "integer"]}}}`,
	`{"type": "object", "properties": {"a": {"const": "x"}, "b": {"const": {"c": [1]}}}}`,
	`{"type": "number", "exclusiveMinimum": 3, "exclusiveMaximum": 7}`,
	`{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": {"type": "boolean"}}`,
	`{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false, "minItems": 2}`,
	`{"type": "array", "prefixItems": [{"type": "string"}], "unevaluatedItems": false}`,
	`{"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 5}}`,
	`{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "dependentRequired": {"a": ["b"]}}`,
	`{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "dependentSchemas": {"a": {"required": ["b"]}}}`,
	`{"type": "object", "properties": {"a": {"type": "string"}}, "unevaluatedProperties": false}`,
	`{"type": "object", "properties": {"a": {"type": "string"}}, "unevaluatedProperties": {"type": "integer"}}`,
	`{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}, "unevaluatedProperties": false}`,
	`{"type": "object", "properties": {"a": {"type": "integer"}}, "if": {"properties": {"a": {"minimum": 5}}}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}`,
	`{"type": "object", "patternProperties": {"^a": {"type": "integer"}}, "propertyNames": {"maxLength": 5}}`,
	`{"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Short", "minLength": 2}}}`,
	`{"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Short", "description": "d"}}}`,
	`{"$ref": "#/components/schemas/Dog", "required": ["barks"]}`,
	`{"type": "array", "items": {"$ref": "#/components/schemas/Cat", "properties": {"lives": {"maximum": 9}}}}`,
	`{"type": "object", "properties": {"a": true, "b": false}}`,
	`{"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind"}}`,
	`{"type": "string", "nullable": true}`,
	`{"type": "array"}`,
	`{"type": "number", "minimum": 3, "exclusiveMinimum": true}`,
	`{"type": "array", "items": [{"type": "string"}]}`,
	`{"type": "string", "xml": 5}`,
	`{"type": "string", "readOnly": true, "writeOnly": true}`,
	`{"type": "string", "contentEncoding": "base64", "contentSchema": {}, "$comment": "c", "examples": ["a"]}`,
}

const (
	nullHasType = "a schema of OpenAPI 3.0 without a type allows null, as its text clarifies; kin-openapi wants nullable"
	nullConst   = "kin-openapi takes a const that is null for none"
)

// openAPISchemaDifferences are the schemas of which kin-openapi says otherwise whether they are
// valid, with the reason.
var openAPISchemaDifferences = map[string]string{
	"3.0 const, const with null":            nullConst,
	"3.0 type, type as array with one item": "OpenAPI 3.0 has a string there; kin-openapi accepts an array of one",
}

// openAPIDifferences are the schemas on whose instances kin-openapi differs, with the reason.
var openAPIDifferences = map[string]string{
	"3.0 " + notString: nullHasType,
	"3.0 additionalProperties, additionalProperties with schema": nullHasType,
	"3.0 not, forbidden property":                                nullHasType,
	"3.0 required, required validation":                          nullHasType,
	"3.0 not, forbid everything with empty schema":               "kin-openapi takes a not with an empty schema for none",
	"3.0 " + dates:               "kin-openapi checks dates by a pattern: 2023-02-29 is one",
	"3.1 const, const with null": nullConst,
	"3.1 dependencies, dependent subschema incompatible with root": "dependencies is no keyword of JSON Schema 2020-12; the validator that kin-openapi uses still reads it",
}
