package asyncapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

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
	if at := node.At("properties"); at.Line != 8 || at.Column != 7 || node.Line != 7 || node.Column != 5 || node.Properties[0].Line != 9 {
		t.Errorf("the schema stands at %v, its properties at %v", node.Position, at)
	}
}

func TestOpenAPI(t *testing.T) {
	const before = "-- contract.yaml --\nasyncapi: 2.6.0\ninfo: {title: t, version: '1'}\nchannels: {c: {publish: {message: {schemaFormat: 'application/vnd.oai.openapi;version=3.0.0', payload: {$ref: '#/components/schemas/a'}}}}}\ncomponents:\n  schemas:\n    Dog: {type: object}\n    a:\n"
	tests := []struct {
		name, schema string
		want         *schema.Schema
		problems     []string
	}{
		{name: "nullable", schema: "{type: string, nullable: true, example: five}", want: &schema.Schema{Types: []string{"string"}, Nullable: true, Examples: []*source.Value{{Kind: source.String, Text: "five"}}}},
		{
			name: "bounds", schema: "{type: integer, minimum: 1, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: false}",
			want: &schema.Schema{Types: []string{"integer"}, ExclusiveMinimum: "1", Maximum: "2"},
		},
		{
			name: "a discriminator", schema: "{oneOf: [{$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {dog: '#/components/schemas/Dog', hound: Dog, cat: Cat}}}",
			want: &schema.Schema{
				OneOf: []*schema.Schema{{Name: "Dog", Types: []string{"object"}}},
				Discriminator: &schema.Discriminator{Property: "kind", Mapping: []schema.DiscriminatorMapping{
					{Value: "dog", Schema: &schema.Schema{Name: "Dog", Types: []string{"object"}}}, {Value: "hound", Schema: &schema.Schema{Name: "Dog", Types: []string{"object"}}},
				}},
			},
			problems: []string{`contract.yaml:8:149: /components/schemas/a/discriminator/mapping/cat: #/components/schemas/Cat is not there: in /components/schemas is nothing called "Cat"; there are "Dog" and "a"`},
		},
		{
			name: "what 3.0 has not got", schema: "{type: [string, 'null']}", want: &schema.Schema{},
			problems: []string{
				`contract.yaml:8:14: /components/schemas/a/type: a type is named by a string, found array`,
			},
		},
		{
			name: "booleans", schema: "{type: object, additionalProperties: false, allOf: [true], properties: {a: false}, pattern: '(?=a)'}", want: &schema.Schema{
				Types: []string{"object"}, AdditionalProperties: &schema.Schema{Always: new(false)}, AllOf: []*schema.Schema{{Always: new(true)}},
				Properties: []schema.Property{{Name: "a", Schema: &schema.Schema{Always: new(false)}}}, Pattern: "(?=a)",
			},
			problems: []string{
				`contract.yaml:8:59: /components/schemas/a/allOf/0: boolean schemas came with OpenAPI 3.1, this schema is one of 3.0; write {} for true, and {not: {}} for false`,
				`contract.yaml:8:82: /components/schemas/a/properties/a: boolean schemas came with OpenAPI 3.1, this schema is one of 3.0; write {} for true, and {not: {}} for false`,
			},
		},
		{
			name: "a keyword of 3.1", schema: "{const: 5}", want: &schema.Schema{},
			problems: []string{`contract.yaml:8:8: /components/schemas/a/const: "const" came with OpenAPI 3.1, this schema is one of 3.0; name OpenAPI 3.1 in schemaFormat: application/vnd.oai.openapi;version=3.1.0`},
		},
		{
			name: "within", schema: "{properties: {b: {type: array}, c: {type: foo}}}",
			want: &schema.Schema{Properties: []schema.Property{{Name: "b", Schema: &schema.Schema{Types: []string{"array"}}}, {Name: "c", Schema: &schema.Schema{}}}},
			problems: []string{
				`contract.yaml:8:31: /components/schemas/a/properties/b/type: an array must have "items" in OpenAPI 3.0; write "items: {}" for items of any kind`,
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
			"",
		},
		{
			"2.6.0", "{contentType: application/xml, payload: {type: string}}", "string",
			"",
		},
		{"2.6.0", "{contentType: application/cloudevents+json, payload: {type: string}}", "string", ""},
		{"2.6.0", "{contentType: text/plain, payload: {type: string}}", "string", ""},
		{"3.0.0", "{payload: {schemaFormat: 'application/schema+json;version=draft-07', schema: {type: string}}}", "string", ""},
		{"3.0.0", "{payload: {$ref: '#/components/schemas/multi'}}", "string", ""},
		{
			"3.0.0", "{payload: {schemaFormat: 'application/vnd.google.protobuf;version=3', schema: 'message M {}'}}", "",
			"",
		},
		{
			"3.0.0", "{payload: {schemaFormat: 'application/schema+json;version=2020-12', schema: {type: string}}}", "",
			"",
		},
		{"2.6.0", "{schemaFormat: 'application/vnd.oai.openapi+json;version=3.1.0', payload: {type: string}}", "string", ""},
		{
			"3.0.0", "{headers: {schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: {}}}", "",
			`contract.yaml:3:55: /channels/c/messages/m/headers/schemaFormat: warning: schemas in the format "application/vnd.apache.avro;version=1.9.0" are not read: nothing is known of the headers; describe them in AsyncAPI's dialect`,
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

// Schemas are read and reported on also where no message leads to them.
func TestSchemasThatNothingUses(t *testing.T) {
	tests := map[string]struct{ contract, want string }{
		"schema of a parameter": {
			open2 + "  orders/{id}:\n    parameters:\n      id: {schema: {type: strnig}}\n",
			`7:27: /channels/orders~1{id}/parameters/id/schema/type: there is no type "strnig"; did you mean "string"?`,
		},
		"empty lists in a schema": {
			"asyncapi: 3.0.0\ninfo: {title: Orders, version: 1.0.0}\n\n\n" + "components:\n  schemas:\n    a: {type: [], enum: []}\n",
			`7:15: /components/schemas/a/type: "type" must not be empty
7:25: /components/schemas/a/enum: "enum" must not be empty`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			checkProblems(t, problemsOf(t, test.contract), test.want)
		})
	}
}
