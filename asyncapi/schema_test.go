package asyncapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// loadSchema loads components.schemas.a of a contract, whose text begins in line 5.
func loadSchema(t *testing.T, schema string) (*Schema, string) {
	t.Helper()
	text := "    " + strings.ReplaceAll(strings.TrimSpace(schema), "\n", "\n    ")
	d, problems := loadArchive(t, contract+"components: {schemas: {\n  a:\n"+text+"\n}}\n", source.Options{})
	if d == nil {
		t.Fatal(problems)
	}
	for _, s := range d.Schemas {
		if s.Name == "a" {
			return s, problems
		}
	}
	return nil, problems
}

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
		{"what no draft knows", "{nullable: true, example: 1, xml: {}, foo: bar}", whatever()},
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
		{"{type: [string, string]}", []string{`21: /type/1: the type "string" stands twice; remove one of them`}},
		{"{required: true}", []string{`16: /required: "required" must be an array, found boolean; list the names of the required properties in the object that has them`}},
		{"{required: [a, a, 1]}", []string{`20: /required/1: "a" stands twice in "required"; remove one of them`, `23: /required/2: "required" lists the names of properties, found number`}},
		{"{minLength: -1, maxLength: 1.5, minItems: '1'}", []string{
			`17: /minLength: "minLength" must be an integer of 0 or more, found -1`,
			`32: /maxLength: "maxLength" must be an integer of 0 or more, found 1.5`,
			`47: /minItems: "minItems" must be a number, found string`,
		}},
		{"{exclusiveMinimum: true}", []string{`24: /exclusiveMinimum: "exclusiveMinimum" must be a number, found boolean; write the bound itself, as in JSON Schema since draft-06`}},
		{"{multipleOf: 0}", []string{`18: /multipleOf: "multipleOf" must be greater than 0, found 0`}},
		{"{enum: 1, examples: 2}", []string{`12: /enum: "enum" must be an array, found number`, `25: /examples: "examples" must be an array, found number`}},
		{"{allOf: {}, anyOf: []}", []string{`13: /allOf: "allOf" must be an array, found object`, `24: /anyOf: "anyOf" must have one schema at least`}},
		{"{properties: [], items: 5}", []string{`18: /properties: "properties" must be an object, found array`, `29: /items: a schema is an object or a boolean, found number`}},
		{"{properties: {b: string}}", []string{`22: /properties/b: a schema is an object or a boolean, found string`}},
		{"{dependencies: {b: [1]}}", []string{`25: /dependencies/b/0: "dependencies" lists the names of properties, found number`}},
		{"{discriminator: {propertyName: kind}}", []string{`21: /discriminator: "discriminator" must be a string, found object; AsyncAPI's discriminator is the name of the property alone`}},
		{"{$ref: 5}", []string{`12: /$ref: "$ref" must be a string, found number`}},
		{"{unevaluatedProperties: false, unevaluatedItems: {type: string}}", []string{
			`6: /unevaluatedProperties: not supported (schema/unevaluatedProperties): "unevaluatedProperties" is of a later JSON Schema than draft-07`,
			`36: /unevaluatedItems: not supported (schema/unevaluatedItems): "unevaluatedItems" is of a later JSON Schema than draft-07`,
		}},
		{"{contains: {}, minContains: 2, $dynamicRef: '#a', prefixItems: [{}]}", []string{
			`20: /minContains: not supported (schema/minContains): "minContains" is of a later JSON Schema than draft-07`,
			`36: /$dynamicRef: not supported (schema/$dynamicRef): "$dynamicRef" is of a later JSON Schema than draft-07`,
			`55: /prefixItems: not supported (schema/prefixItems): "prefixItems" is of a later JSON Schema than draft-07`,
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

// A schema is one however many refer to it, from within itself too.
func TestSharedSchemas(t *testing.T) {
	d := mustLoad(t, contract+`
channels: {c: {messages: {m: {payload: {$ref: '#/components/schemas/Node'}}}}}
components:
  schemas:
    Node:
      properties:
        next: {$ref: '#/components/schemas/Node'}
        copy: &copy {type: string}
        same: *copy
        far: {$ref: far.json}
    Alias: {$ref: '#/components/schemas/Node'}
-- far.json --
{"type": "object", "definitions": {"Near": {}}, "items": {}, "properties": {"up": {"$ref": "#"}, "near": {"$ref": "#/definitions/Near"}}}
`)
	node := d.Schemas[0]
	far := node.Properties[3].Schema
	if node != d.Channels[0].Messages[0].Payload || node != node.Properties[0].Schema || node != d.Schemas[1] {
		t.Error("one schema is several")
	}
	if node.Properties[1].Schema != node.Properties[2].Schema {
		t.Error("what a YAML alias stands for is another schema")
	}
	if far.Name != "far" || far.Path != "" || far != far.Properties[0].Schema || far.Items.Name != "" || far.Properties[1].Schema.Name != "Near" {
		t.Errorf("got %+v", far)
	}
	if got := []string{node.Name, node.Path, node.Properties[1].Schema.Path}; !cmp.Equal(got, []string{"Node", "/components/schemas/Node", "/components/schemas/Node/properties/copy"}) {
		t.Errorf("got %q", got)
	}
	if at := node.Keywords["properties"]; at.Line != 8 || at.Column != 7 || node.Line != 7 || node.Column != 5 || node.Properties[0].Line != 9 {
		t.Errorf("the schema stands at %v, its properties at %v", node.Position, at)
	}
}

func TestOpenAPI(t *testing.T) {
	const before = "-- contract.yaml --\nasyncapi: 2.6.0\ninfo: {title: t, version: '1'}\nchannels: {c: {publish: {message: {schemaFormat: 'application/vnd.oai.openapi;version=3.0.0', payload: {$ref: '#/components/schemas/a'}}}}}\ncomponents:\n  schemas:\n    Dog: {type: object}\n    a:\n"
	tests := []struct {
		name, schema string
		want         *Schema
		problems     []string
	}{
		{name: "nullable", schema: "{type: string, nullable: true, example: five}", want: &Schema{Types: []string{"string"}, Nullable: true, Examples: []*source.Value{{Kind: source.String, Text: "five"}}}},
		{
			name: "bounds", schema: "{type: integer, minimum: 1, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: false}",
			want: &Schema{Types: []string{"integer"}, ExclusiveMinimum: "1", Maximum: "2"},
		},
		{
			name: "a discriminator", schema: "{oneOf: [{$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {dog: '#/components/schemas/Dog', hound: Dog, cat: Cat}}}",
			want: &Schema{
				OneOf: []*Schema{{Name: "Dog", Types: []string{"object"}}},
				Discriminator: &Discriminator{Property: "kind", Mapping: []DiscriminatorMapping{
					{Value: "dog", Schema: &Schema{Name: "Dog", Types: []string{"object"}}}, {Value: "hound", Schema: &Schema{Name: "Dog", Types: []string{"object"}}},
				}},
			},
			problems: []string{`contract.yaml:8:149: /components/schemas/a/discriminator/mapping/cat: #/components/schemas/Cat is not there: in /components/schemas is nothing called "Cat"; there are "Dog" and "a"`},
		},
		{
			name: "what 3.0 has not got", schema: "{type: [string, 'null']}", want: &Schema{},
			problems: []string{
				`contract.yaml:8:14: /components/schemas/a/type: a type is named by a string, found array`,
			},
		},
		{
			name: "booleans", schema: "{type: object, additionalProperties: false, allOf: [true], properties: {a: false}, pattern: '(?=a)'}", want: &Schema{
				Types: []string{"object"}, AdditionalProperties: &Schema{Always: new(false)}, AllOf: []*Schema{{Always: new(true)}},
				Properties: []Property{{Name: "a", Schema: &Schema{Always: new(false)}}}, Pattern: "(?=a)",
			},
			problems: []string{`contract.yaml:8:7: /components/schemas/a: not a schema of OpenAPI 3.0: invalid allOf element: a boolean schema is for OpenAPI >=3.1; before that a schema MUST be a Schema Object`},
		},
		{
			name: "a keyword of 3.1", schema: "{const: 5}", want: &Schema{},
			problems: []string{`contract.yaml:8:7: /components/schemas/a: not a schema of OpenAPI 3.0: field const is for OpenAPI >=3.1`},
		},
		{
			name: "within", schema: "{properties: {b: {type: array}, c: {type: foo}}}",
			want: &Schema{Properties: []Property{{Name: "b", Schema: &Schema{Types: []string{"array"}}}, {Name: "c", Schema: &Schema{}}}},
			problems: []string{
				`contract.yaml:8:24: /components/schemas/a/properties/b: not a schema of OpenAPI 3.0: when schema type is 'array', schema 'items' must be non-null`,
				`contract.yaml:8:49: /components/schemas/a/properties/c/type: there is no type "foo"; there are "array", "boolean", "integer", "null", "number", "object" and "string"`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, problems := loadArchive(t, before+"      "+tt.schema+"\n", source.Options{})
			checkProblems(t, problems, tt.problems...)
			tt.want.Name = "a"
			if diff := cmp.Diff(tt.want, d.Channels[0].Messages[0].Payload, content); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPayloadFormats(t *testing.T) {
	tests := []struct {
		version, message string
		want             string // the payload's type, "" for none
		problem          string
	}{
		{"2.6.0", "{payload: {type: string}}", "string", ""},
		{"2.6.0", "{schemaFormat: 'application/vnd.aai.asyncapi+json;version=2.6.0', payload: {type: string}}", "string", ""},
		{"2.6.0", "{schemaFormat: 'application/schema+yaml;version=draft-07', payload: {type: string, discriminator: 5}}", "string", ""},
		{
			"2.6.0", "{schemaFormat: 'application/vnd.apache.avro;version=1.9.0', payload: {$ref: 'order.avsc'}}", "",
			`contract.yaml:3:50: /channels/c/publish/message/schemaFormat: warning: schemas in the format "application/vnd.apache.avro;version=1.9.0" are not read: the payload becomes bytes`,
		},
		{
			"2.6.0", "{contentType: application/xml, payload: {type: string}}", "",
			`contract.yaml:3:49: /channels/c/publish/message/contentType: warning: content of type application/xml is not JSON: the payload becomes bytes`,
		},
		{"2.6.0", "{contentType: application/cloudevents+json, payload: {type: string}}", "string", ""},
		{"2.6.0", "{contentType: text/plain, payload: {type: string}}", "string", ""},
		{"3.0.0", "{payload: {schemaFormat: 'application/schema+json;version=draft-07', schema: {type: string}}}", "string", ""},
		{"3.0.0", "{payload: {$ref: '#/components/schemas/multi'}}", "string", ""},
		{
			"3.0.0", "{payload: {schemaFormat: 'application/vnd.google.protobuf;version=3', schema: 'message M {}'}}", "",
			`contract.yaml:3:55: /channels/c/messages/m/payload/schemaFormat: warning: schemas in the format "application/vnd.google.protobuf;version=3" are not read: the payload becomes bytes`,
		},
		{
			"3.0.0", "{payload: {schemaFormat: 'application/schema+json;version=2020-12', schema: {type: string}}}", "",
			`contract.yaml:3:55: /channels/c/messages/m/payload/schemaFormat: warning: schemas in the format "application/schema+json;version=2020-12" are not read: the payload becomes bytes`,
		},
		{
			"3.0.0", "{headers: {schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: {}}}", "",
			`contract.yaml:3:55: /channels/c/messages/m/headers/schemaFormat: warning: schemas in the format "application/vnd.apache.avro;version=1.9.0" are not read: the headers have no types`,
		},
	}
	for _, tt := range tests {
		channel := "channels: {c: {publish: {message: " + tt.message + "}}}"
		if tt.version[0] == '3' {
			channel = "channels: {c: {messages: {m: " + tt.message + "}}}\ncomponents: {schemas: {multi: {schemaFormat: 'application/schema+json;version=draft-07', schema: {type: string}}}}"
		}
		d, problems := loadArchive(t, "-- contract.yaml --\nasyncapi: "+tt.version+"\ninfo: {title: t, version: '1'}\n"+channel+"\n", source.Options{})
		if problems != tt.problem {
			t.Errorf("%s: problems:\n%s\nwant:\n%s", tt.message, problems, tt.problem)
		}
		got := ""
		if p := d.Channels[0].Messages[0].Payload; p != nil {
			got = p.Types[0]
		}
		if got != tt.want {
			t.Errorf("%s: got the payload %q, want %q", tt.message, got, tt.want)
		}
	}
}
