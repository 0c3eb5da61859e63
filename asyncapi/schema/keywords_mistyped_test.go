package schema

import (
	"fmt"
	"strings"
	"testing"
)

func TestMistypedKeywords(t *testing.T) {
	tests := []struct{ name, meant string }{
		{"propertys", "properties"},
		{"requried", "required"},
		{"maxLenght", "maxLength"},
		{"additionalproperties", "additionalProperties"},
		{"additional_propertys", "additionalProperties"},
		{"min-items", "minItems"},
		{"Type", "type"},
		{"item", "items"},
		{"ref", "$ref"},
		{"oneof", "oneOf"},
		{"descripton", "description"},
		{"prefixItem", "prefixItems"},
	}
	for _, tt := range tests {
		_, problems := loadSchema(t, "{"+tt.name+": {}}")
		checkProblems(t, problems, fmt.Sprintf("contract.yaml:5:6: /components/schemas/a/%s: warning: %q is not a keyword of schemas and is ignored; did you mean %q?",
			tt.name, tt.name, tt.meant))
	}
}

// Keywords of other drafts and dialects, what editors and form builders read, and remarks are no
// mistyped keywords.
func TestOtherFieldsOfSchemas(t *testing.T) {
	names := []string{
		"$schema", "$id", "id", "$anchor", "$comment", "$vocabulary", "$dynamicAnchor", "$recursiveAnchor", "contentSchema",
		"optional", "example", "externalDocs", "xml",
		"defaultSnippets", "deprecationMessage", "enumDescriptions", "enumNames", "errorMessage", "faker", "formatMaximum", "formatMinimum",
		"javaType", "markdownDescription", "options", "propertyOrder", "tsType",
		"comment", "constraints", "contentType", "enumValue", "kind", "label", "location", "name", "note", "payload", "source", "summary",
		"tags", "then-what", "unit", "values", "version", "x-requried", strings.Repeat("a", 200),
	}
	for _, name := range names {
		_, problems := loadSchema(t, "{"+name+": {}}")
		if problems != "" {
			t.Errorf("%s: %s", name, problems)
		}
	}
}

// A keyword of a neighbouring dialect is ignored, which its author does not expect.
func TestForeignKeywords(t *testing.T) {
	for field, hint := range map[string]string{
		"nullable: true": `write type: [..., "null"], or {type: "null"} in a oneOf`, "divisibleBy: 2": `write "multipleOf"`,
		"disallow: string": `write "not" with a schema that has the type`, "extends: {}": `write "allOf"`,
	} {
		name, _, _ := strings.Cut(field, ":")
		_, problems := loadSchema(t, "{"+field+"}")
		checkProblems(t, problems, fmt.Sprintf("contract.yaml:5:6: /components/schemas/a/%s: warning: %q is not a keyword of AsyncAPI's schemas and is ignored; %s", name, name, hint))
	}
	if _, problems := loadSchema(t, "{nullable: false}"); problems != "" {
		t.Errorf("what says that null is not allowed: %s", problems)
	}
}

// Where names are the author's, or the value is one of a message, nothing is a keyword.
func TestNamesAreNoKeywords(t *testing.T) {
	for _, schema := range []string{
		"{properties: {requried: {}}, patternProperties: {propertys: {}}, dependencies: {maxLenght: {}}}",
		"{definitions: {itmes: {}}, $defs: {patern: {}}}",
		"{enum: [{requried: 1}], const: {requried: 1}, default: {requried: 1}, examples: [{requried: 1}], example: {requried: 1}}",
		"{x-form: {requried: 1}, unread: {requried: 1}}",
	} {
		if _, problems := loadSchema(t, schema); strings.Contains(problems, "keyword") {
			t.Errorf("%s: %s", schema, problems)
		}
	}
}
