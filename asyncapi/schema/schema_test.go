package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scampgen/scampgen/asyncapi/source"
)

func TestSchemaKeywords(t *testing.T) {
	whatever := func() *Schema { return &Schema{} }
	yes, no := true, false
	tests := []struct {
		name, schema string
		want         *Schema
	}{
		{"annotations", "{title: t, description: d, default: 5, examples: [5], deprecated: true, readOnly: true, writeOnly: true, x-a: 5}", &Schema{
			Title: "t", Description: "d", Default: num("5"), Examples: []*source.Value{num("5")}, Deprecated: true, ReadOnly: true, WriteOnly: true,
			Extensions: source.Extensions{"x-a": num("5")},
		}},
		{"types", "{type: [string, 'null'], format: date}", &Schema{Types: []string{"string", "null"}, Format: "date"}},
		{"enum and const", "{enum: [5, 6], const: null}", &Schema{Enum: []*source.Value{num("5"), num("6")}, Const: &source.Value{}}},
		{"an object", "{properties: {b: {}, a: {}}, required: [a], patternProperties: {^x: {}}, additionalProperties: false, propertyNames: {}, minProperties: 1, maxProperties: 2}", &Schema{
			Properties: []Property{{Name: "b", Schema: whatever()}, {Name: "a", Schema: whatever()}}, Required: []string{"a"},
			PatternProperties: []Property{{Name: "^x", Schema: whatever()}}, AdditionalProperties: &Schema{Always: &no}, PropertyNames: whatever(),
			MinProperties: new(1), MaxProperties: new(2),
		}},
		{"dependencies", "{dependencies: {a: [b, c], d: {}}}", &Schema{Dependencies: []Dependency{{Property: "a", Required: []string{"b", "c"}}, {Property: "d", Schema: whatever()}}}},
		{"an array", "{items: true, additionalItems: false, contains: {}, minItems: 1, maxItems: 2.0, uniqueItems: true}", &Schema{
			Items: &Schema{Always: &yes}, Contains: whatever(), MinItems: new(1), MaxItems: new(2), UniqueItems: true,
		}},
		{"a tuple", "{items: [{}, {}], additionalItems: false}", &Schema{PrefixItems: []*Schema{whatever(), whatever()}, Items: &Schema{Always: &no}}},
		{"an empty tuple", "{items: [], additionalItems: false}", &Schema{Items: &Schema{Always: &no}}},
		{"a tuple with more", "{items: [{}]}", &Schema{PrefixItems: []*Schema{whatever()}}},
		{"a string", "{minLength: 0, maxLength: 1e2, pattern: '^a', contentEncoding: base64, contentMediaType: image/png}", &Schema{
			MinLength: new(0), MaxLength: new(100), Pattern: "^a", ContentEncoding: "base64", ContentMediaType: "image/png",
		}},
		{"a number", "{minimum: -9007199254740993, maximum: 1.10, exclusiveMinimum: 0, exclusiveMaximum: 1e3, multipleOf: 0.01}", &Schema{
			Minimum: "-9007199254740993", Maximum: "1.10", ExclusiveMinimum: "0", ExclusiveMaximum: "1e3", MultipleOf: "0.01",
		}},
		{"composition", "{allOf: [{}], anyOf: [{}], oneOf: [{}], not: {}, if: {}, then: {}, else: {}}", &Schema{
			AllOf: []*Schema{whatever()}, AnyOf: []*Schema{whatever()}, OneOf: []*Schema{whatever()}, Not: whatever(), If: whatever(), Then: whatever(), Else: whatever(),
		}},
		{"discriminator", "{discriminator: kind}", &Schema{Discriminator: &Discriminator{Property: "kind"}}},
		{"what no draft knows", "{nullable: false, example: 1, xml: {}, foo: bar}", whatever()},
		{"later keywords without effect", "{unevaluatedProperties: true, unevaluatedItems: {}, prefixItems: [], minContains: 2, dependentRequired: {}}", whatever()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problems := loadSchema(t, tt.schema)
			checkProblems(t, problems)
			tt.want.Name = "a"
			if diff := cmp.Diff(tt.want, got, content); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func num(text string) *source.Value { return &source.Value{Kind: source.Number, Text: text} }

func TestSchemaProblems(t *testing.T) {
	tests := []struct {
		schema   string
		problems []string // without "contract.yaml:5:" and "/components/schemas/a"
	}{
		{"{type: strng}", []string{`12: /type: there is no type "strng"; did you mean "string"?`}},
		{"{type: [string, null]}", []string{`21: /type/1: a type is named by a string, found null; write "null" in quotes if the type null is meant`}},
		{"{type: [string, string]}", []string{`21: /type/1: the type "string" appears twice; remove one of them`}},
		{"{required: true}", []string{`16: /required: "required" must be an array, found boolean; list the names of the required properties in the object that has them`}},
		{"{required: [a, a, 1]}", []string{`20: /required/1: "a" appears twice in "required"; remove one of them`, `23: /required/2: item 2 of "required" must be a string, found number`}},
		{"{minLength: -1, maxLength: 1.5, minItems: '1'}", []string{
			`17: /minLength: "minLength" must be an integer of 0 or more, found -1`,
			`32: /maxLength: "maxLength" must be an integer of 0 or more, found 1.5`,
			`47: /minItems: "minItems" must be an integer of 0 or more, found string; write 1, without quotation marks`,
		}},
		{"{exclusiveMinimum: true}", []string{`24: /exclusiveMinimum: "exclusiveMinimum" must be a number, found boolean; write the bound itself, as in JSON Schema since draft-06`}},
		{"{multipleOf: 0}", []string{`18: /multipleOf: "multipleOf" must be greater than 0, found 0`}},
		{"{enum: 1, examples: 2}", []string{`12: /enum: "enum" must be an array, found number`, `25: /examples: "examples" must be an array, found number`}},
		{"{allOf: {}, anyOf: []}", []string{`13: /allOf: "allOf" must be an array, found object`, `24: /anyOf: "anyOf" must have one schema at least`}},
		{"{properties: [], items: 5}", []string{`18: /properties: "properties" must be an object, found array`, `29: /items: a schema is an object or a boolean, found number`}},
		{"{properties: {b: string}}", []string{`22: /properties/b: a schema is an object or a boolean, found string`}},
		{"{dependencies: {b: [1]}}", []string{`25: /dependencies/b/0: item 0 of "b" must be a string, found number`}},
		{"{discriminator: {propertyName: kind}}", []string{`21: /discriminator: "discriminator" must be a string, found object; AsyncAPI's discriminator is the name of the property alone`}},
		{"{$ref: 5}", []string{`12: /$ref: "$ref" must be a string, found number`}},
		{"{unevaluatedProperties: false, unevaluatedItems: {type: string}}", []string{
			`6: /unevaluatedProperties: not supported (schema/unevaluatedProperties): "unevaluatedProperties" is of a later JSON Schema than draft-07`,
			`36: /unevaluatedItems: not supported (schema/unevaluatedItems): "unevaluatedItems" is of a later JSON Schema than draft-07`,
		}},
		{"{contains: {}, minContains: 2, $dynamicRef: '#a', prefixItems: [{}]}", []string{
			`20: /minContains: not supported (schema/minContains): "minContains" is of a later JSON Schema than draft-07`,
			`36: /$dynamicRef: not supported (schema/$dynamicRef): "$dynamicRef" is of a later JSON Schema than draft-07; write $ref`,
			`55: /prefixItems: not supported (schema/prefixItems): "prefixItems" is of a later JSON Schema than draft-07; write items with a list`,
		}},
		{"{definitions: {b: {type: 5}}}", []string{`30: /definitions/b/type: a type is named by a string, found number`}},
	}
	for _, tt := range tests {
		_, problems := loadSchema(t, tt.schema)
		problems = strings.NewReplacer("contract.yaml:5:", "", "/components/schemas/a", "").Replace(problems)
		if want := strings.Join(tt.problems, "\n"); problems != want {
			t.Errorf("%s:\ngot:\n%s\nwant:\n%s", tt.schema, problems, want)
		}
	}
}
