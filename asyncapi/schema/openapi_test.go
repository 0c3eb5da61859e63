package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/asyncapi/source"
)

func TestOpenAPI31(t *testing.T) {
	yes, no := true, false
	whatever := func() *Schema { return &Schema{} }
	kept := &Schema{Name: "kept", MinLength: new(1)}
	tests := []struct {
		name, schema string
		want         *Schema
	}{
		{"types and null", "{type: [string, 'null'], const: a, example: b}", &Schema{
			Types: []string{"string", "null"}, Const: &source.Value{Kind: source.String, Text: "a"}, Examples: []*source.Value{{Kind: source.String, Text: "b"}},
		}},
		{"limits as numbers", "{exclusiveMinimum: 0, exclusiveMaximum: 1e400, multipleOf: 0.01, minLength: 1.0}", &Schema{
			ExclusiveMinimum: "0", ExclusiveMaximum: "1e400", MultipleOf: "0.01", MinLength: new(1),
		}},
		{"a tuple", "{prefixItems: [{}, true], items: false, contains: {}, minContains: 1}", &Schema{
			PrefixItems: []*Schema{whatever(), {Always: &yes}}, Items: &Schema{Always: &no}, Contains: whatever(),
		}},
		{"dependencies", "{dependentRequired: {a: [b]}, dependentSchemas: {c: {}}}", &Schema{
			Dependencies: []Dependency{{Property: "a", Required: []string{"b"}}, {Property: "c", Schema: whatever()}},
		}},
		{"conditions", "{if: {}, then: {}, else: {}, propertyNames: {}, patternProperties: {^a: {}}}", &Schema{
			If: whatever(), Then: whatever(), Else: whatever(), PropertyNames: whatever(), PatternProperties: []Property{{Name: "^a", Schema: whatever()}},
		}},
		{"definitions", "{$defs: {kept: {minLength: 1}}, items: {$ref: '#/components/schemas/a/$defs/kept'}}", &Schema{Items: kept}},
		{"a reference and more", "{$defs: {kept: {minLength: 1}}, not: {allOf: [{}], $ref: '#/components/schemas/a/$defs/kept', maxLength: 2}}", &Schema{
			Not: &Schema{AllOf: []*Schema{whatever(), kept}, MaxLength: new(2)},
		}},
		{"references to a reference and more", "{$defs: {kept: {minLength: 1}, more: {$ref: '#/components/schemas/a/$defs/kept', maxLength: 2}}, not: {$ref: '#/components/schemas/a/$defs/more', description: d}}", &Schema{
			Not: &Schema{Name: "more", AllOf: []*Schema{kept}, MaxLength: new(2)},
		}},
		{"references to references to a reference and more", "{$defs: {kept: {minLength: 1}, more: {$ref: '#/components/schemas/a/$defs/kept', maxLength: 2}, plain: {$ref: '#/components/schemas/a/$defs/more'}}, not: {$ref: '#/components/schemas/a/$defs/plain'}}", &Schema{
			Not: &Schema{Name: "more", AllOf: []*Schema{kept}, MaxLength: new(2)},
		}},
		{"all properties by one schema", "{properties: {a: {}}, unevaluatedProperties: false}", &Schema{
			Properties: []Property{{Name: "a", Schema: whatever()}}, AdditionalProperties: &Schema{Always: &no},
		}},
		{"all items by one schema", "{prefixItems: [{}], unevaluatedItems: {minLength: 1}}", &Schema{
			PrefixItems: []*Schema{whatever()}, Items: &Schema{MinLength: new(1)},
		}},
		{"nothing left unevaluated", "{allOf: [{}], additionalProperties: {}, unevaluatedProperties: false, items: {}, unevaluatedItems: false}", &Schema{
			AllOf: []*Schema{whatever()}, AdditionalProperties: whatever(), Items: whatever(),
		}},
		{"remarks", "{$schema: 'https://spec.openapis.org/oas/3.1/dialect/base', $id: b, $anchor: c, $comment: d, $dynamicAnchor: e, contentSchema: {}, xml: {name: a}, externalDocs: {url: a}, note: 1e400, x-a: 1e400}", &Schema{
			Extensions: source.Extensions{"x-a": num("1e400")},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problems := loadSchemaIn(t, OpenAPI31, tt.schema)
			checkProblems(t, problems)
			tt.want.Name = "a"
			if diff := cmp.Diff(tt.want, got, content); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Where several schemas apply to one value, it takes all of them to know what is left unevaluated.
func TestUnevaluatedBesideOtherSchemas(t *testing.T) {
	for _, other := range []string{"allOf: [{}]", "anyOf: [{}]", "oneOf: [{}]", "if: {}", "dependentSchemas: {a: {}}", "$ref: '#/components/b'"} {
		_, problems := loadSchemaIn(t, OpenAPI31, "{"+other+", unevaluatedProperties: false}\n}, b: {c: {}")
		if !strings.Contains(problems, "schema/unevaluatedProperties") {
			t.Errorf("%s: got %q", other, problems)
		}
	}
}

func TestDialectFor(t *testing.T) {
	for format, want := range map[string]Dialect{
		"": AsyncAPI,
		"application/vnd.aai.asyncapi+yaml;version=3.0.0": AsyncAPI,
		"application/schema+json;version=draft-07":        Draft07,
		"application/vnd.oai.openapi":                     OpenAPI30,
		"application/vnd.oai.openapi;version=3.0.3":       OpenAPI30,
		"application/vnd.oai.openapi+json;version=3.1.0":  OpenAPI31,
	} {
		if got, ok := DialectFor(format); got != want || !ok {
			t.Errorf("%s: got %d, %t", format, got, ok)
		}
	}
	for _, format := range []string{"application/schema+json;version=2020-12", "application/vnd.oai.openapi;version=3.2.0", "application/vnd.apache.avro", "/"} {
		if _, ok := DialectFor(format); ok {
			t.Errorf("%s is read", format)
		}
	}
}

func TestOpenAPIProblems(t *testing.T) {
	const from31 = "name OpenAPI 3.1 in schemaFormat: application/vnd.oai.openapi;version=3.1.0"
	tests := []struct {
		language Dialect
		schema   string
		problems []string // without "contract.yaml:5:" and "/components/schemas/a"
	}{
		{OpenAPI30, "{const: null, examples: [], $comment: a}", []string{
			`6: /const: "const" came with OpenAPI 3.1, this schema is one of 3.0; ` + from31,
			`19: /examples: "examples" came with OpenAPI 3.1, this schema is one of 3.0; ` + from31,
			`33: /$comment: "$comment" came with OpenAPI 3.1, this schema is one of 3.0; ` + from31,
		}},
		{OpenAPI30, "{not: true, oneOf: [{}, false]}", []string{
			`11: /not: boolean schemas came with OpenAPI 3.1, this schema is one of 3.0; write {} for true, and {not: {}} for false`,
			`29: /oneOf/1: boolean schemas came with OpenAPI 3.1, this schema is one of 3.0; write {} for true, and {not: {}} for false`,
		}},
		{OpenAPI30, "{type: 'null'}", []string{`12: /type: there is no type "null" in OpenAPI 3.0; write "nullable: true" beside another type`}},
		{OpenAPI30, "{type: [string, integer]}", []string{`12: /type: a type is named by a string, found array`}},
		{OpenAPI30, "{type: array, foo: 1}", []string{
			`12: /type: an array must have "items" in OpenAPI 3.0; write "items: {}" for items of any kind`,
			`19: /foo: "foo" is not a keyword of OpenAPI 3.0; begin the name of an extension with "x-"`,
		}},
		{OpenAPI30, "{type: array, items: 5, requried: [a]}", []string{
			`26: /items: a schema is an object or a boolean, found number`,
			`29: /requried: "requried" is not a keyword of OpenAPI 3.0; did you mean "required"?`,
		}},
		{OpenAPI30, "{readOnly: true, writeOnly: true}", []string{`22: /writeOnly: "readOnly" and "writeOnly" cannot both be true in OpenAPI 3.0; remove one of them`}},
		{OpenAPI30, "{exclusiveMinimum: 5}", []string{`24: /exclusiveMinimum: "exclusiveMinimum" must be a boolean, found number`}},
		{OpenAPI30, "{xml: 5, externalDocs: {}}", []string{
			`11: /xml: "xml" must be an object, found number`,
			`28: /externalDocs: "externalDocs" must have "url"`,
		}},
		{OpenAPI31, "{xml: {attribute: a}, externalDocs: {url: '%zz'}}", []string{
			`23: /xml/attribute: "attribute" must be a boolean, found string`,
			`47: /externalDocs/url: "url" must be a URL, found "%zz"`,
		}},
		{OpenAPI30, "{discriminator: {}}", []string{`21: /discriminator: "discriminator" must have "propertyName"`}},
		{OpenAPI30, "{discriminator: kind}", []string{`21: /discriminator: "discriminator" must be an object, found string; OpenAPI's discriminator is {propertyName: ...}`}},
		{OpenAPI31, "{discriminator: {propertyName: 5}}", []string{`36: /discriminator/propertyName: "propertyName" must be a string, found number`}},
		{OpenAPI31, "{discriminator: {propertyName: a, mapping: {a: 5}}}", []string{`52: /discriminator/mapping/a: "a" must be a string, found number`}},
		{OpenAPI31, "{exclusiveMaximum: true}", []string{`24: /exclusiveMaximum: "exclusiveMaximum" must be a number, found boolean; write the bound itself, as in JSON Schema since draft-06`}},
		{OpenAPI31, "{items: [{}], requried: []}", []string{
			`13: /items: "items" must be a schema, found array; write "prefixItems" for a schema for each item`,
			`19: /requried: warning: "requried" is not a keyword of schemas and is ignored; did you mean "required"?`,
		}},
		{OpenAPI31, "{dependentRequired: {a: {}}, dependentSchemas: []}", []string{
			`29: /dependentRequired/a: "a" must be an array, found object`,
			`52: /dependentSchemas: "dependentSchemas" must be an object, found array`,
		}},
		{OpenAPI31, "{nullable: true, additionalItems: {}, dependencies: {}}", []string{
			`6: /nullable: warning: "nullable" is not a keyword of OpenAPI 3.1 and is ignored; write type: [..., "null"], or {type: "null"} in a oneOf`,
			`22: /additionalItems: warning: "additionalItems" is not a keyword of OpenAPI 3.1 and is ignored; write "items", and "prefixItems" for the items before`,
			`43: /dependencies: warning: "dependencies" is not a keyword of OpenAPI 3.1 and is ignored; write "dependentRequired" or "dependentSchemas"`,
		}},
		{OpenAPI31, "{$schema: 'http://json-schema.org/draft-07/schema#'}", []string{
			`15: /$schema: warning: the dialect "http://json-schema.org/draft-07/schema#" is not read: the schema is read as one of OpenAPI 3.1; take it out`,
		}},
		{OpenAPI31, "{allOf: [{}], unevaluatedProperties: false, unevaluatedItems: {type: string}}", []string{
			`19: /unevaluatedProperties: not supported (schema/unevaluatedProperties): no code is generated for "unevaluatedProperties"; write one schema with "additionalProperties" instead of several`,
			`49: /unevaluatedItems: not supported (schema/unevaluatedItems): no code is generated for "unevaluatedItems"; write one schema with "items" instead of several`,
		}},
		{OpenAPI31, "{contains: {}, unevaluatedItems: false}", []string{
			`20: /unevaluatedItems: not supported (schema/unevaluatedItems): no code is generated for "unevaluatedItems"; write one schema with "items" instead of several`,
		}},
		{OpenAPI30, "{type: array, items: {$ref: '#/no'}}", []string{`33: /items/$ref: #/no is not there: in the file is nothing called "no"; there is "components"`}},
		{OpenAPI30, "{additionalProperties: true, default: 1e400, example: 1e400, x-a: 1e400, minLength: 1.0, maximum: 1e400}", nil},
		{OpenAPI31, "{contains: {}, minContains: 2, maxContains: 3, $dynamicRef: '#b'}", []string{
			`20: /minContains: not supported (schema/minContains): no code is generated for "minContains"`,
			`36: /maxContains: not supported (schema/maxContains): no code is generated for "maxContains"`,
			`52: /$dynamicRef: not supported (schema/$dynamicRef): no code is generated for "$dynamicRef"; write $ref`,
		}},
	}
	for _, tt := range tests {
		_, problems := loadSchemaIn(t, tt.language, tt.schema)
		problems = strings.NewReplacer("contract.yaml:5:", "", "/components/schemas/a", "").Replace(problems)
		if want := strings.Join(tt.problems, "\n"); problems != want {
			t.Errorf("%s:\ngot:\n%s\nwant:\n%s", tt.schema, problems, want)
		}
	}
}
