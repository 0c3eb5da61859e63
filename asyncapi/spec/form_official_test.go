package spec

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// official reads an official JSON schema into forms. It knows the keywords, and the uses of them,
// that the official schemas have, and fails on any other.
type official struct {
	t           *testing.T
	definitions map[string]schema
}

type schema = map[string]any

// readOfficial returns the form of the contract in the official schema of a version, such as "2.6.0".
func readOfficial(t *testing.T, version string) form {
	t.Helper()
	root := officialSchema(t, version)
	o := official{t: t, definitions: map[string]schema{}}
	for name, s := range root["definitions"].(schema) {
		o.definitions[name] = s.(schema)
	}
	return o.form(root)
}

// resolve follows the reference of a schema.
func (o official) resolve(s schema) schema {
	for s["$ref"] != nil {
		name, pointer, _ := strings.Cut(s["$ref"].(string), "#")
		target, ok := o.definitions[name]
		if !ok {
			o.t.Fatalf("no definition %q", name)
		}
		for _, part := range strings.Split(pointer, "/")[1:] {
			target = target[part].(schema)
		}
		s = target
	}
	return s
}

// form reads what a schema says of a value.
func (o official) form(s schema) form {
	if f, ok := o.wellKnown(s); ok {
		return f
	}
	s = o.resolve(s)
	if list, ok := s["oneOf"]; ok {
		return o.oneOf(s, o.flat(list))
	}
	s = o.merged(s)
	f := form{kinds: kindsOf(s["type"]), choices: joined(s["enum"])}
	f.format, _ = s["format"].(string)
	if pattern, ok := s["pattern"].(string); ok {
		f.format = pattern
	}
	if only, ok := s["const"].(string); ok {
		f.choices = only
	}
	if s["uniqueItems"] == true {
		f.unique = "items"
	}
	if items, ok := s["items"].(schema); ok {
		f.items = new(o.form(items))
	}
	if s["properties"] != nil {
		f.object = o.object(s)
	} else {
		o.mapOf(s, &f)
	}
	if properties, ok := s["properties"].(schema); ok && properties["$ref"] != nil {
		f.reference = "or a reference"
	}
	o.onlyKnown(s)
	return f
}

// wellKnown reads the schemas that are leaves here: references, schemas, and the bindings of
// protocols.
func (o official) wellKnown(s schema) (form, bool) {
	ref, _ := s["$ref"].(string)
	switch name := path.Base(ref); {
	case name == "Reference.json":
		return form{reference: "a reference alone"}, true
	case name == "schema.json" && strings.Contains(ref, "/definitions/"), name == "anySchema.json":
		return form{content: "schema"}, true
	}
	if all, ok := s["allOf"].([]any); ok && len(all) == 2 {
		first, second := all[0].(schema), all[1].(schema)
		if f, _ := o.wellKnown(first); f.content == "schema" && fmt.Sprint(second) == "map[properties:map[type:map[const:object]]]" {
			return form{content: "headers"}, true
		}
	}
	return form{}, false
}

// merged returns a schema with the parts of its allOf.
func (o official) merged(s schema) schema {
	parts, ok := s["allOf"].([]any)
	if !ok {
		return s
	}
	s = maps.Clone(s)
	delete(s, "allOf")
	for _, part := range parts {
		p := o.resolve(part.(schema))
		switch {
		case p["if"] != nil: // of a message: the payload is a schema in the format that schemaFormat names
			s["properties"] = withPayload(s["properties"].(schema))
		case p["not"] != nil:
			properties := maps.Clone(s["properties"].(schema))
			for _, name := range p["not"].(schema)["required"].([]any) {
				delete(properties, name.(string))
			}
			s["properties"] = properties
		default:
			for name, value := range p {
				s[name] = merge(s[name], value)
			}
		}
	}
	return s
}

func withPayload(properties schema) schema {
	properties = maps.Clone(properties)
	properties["payload"] = schema{"$ref": "/definitions/schema.json"}
	return properties
}

// merge returns the union of two lists or objects, else the first of two values that is there.
func merge(a, b any) any {
	switch a := a.(type) {
	case nil:
		return b
	case []any:
		return append(slices.Clone(a), b.([]any)...)
	case schema:
		return both(a, b.(schema))
	}
	return a
}

// object reads the fields of an object.
func (o official) object(s schema) *objectForm {
	f := &objectForm{id: fmt.Sprint(s["$id"], names(s["properties"].(schema)), s["required"]), fields: map[string]fieldForm{}, others: "any"}
	switch patterns, _ := s["patternProperties"].(schema); {
	case s["additionalProperties"] != false:
	case len(patterns) > 0:
		f.others = "extensions"
		if names(patterns) != `^x-[\w\d\.\x2d_]+$` {
			o.t.Fatalf("patternProperties %v beside properties", names(patterns))
		}
	default:
		f.others = "none"
	}
	required, _ := s["required"].([]any)
	for name, value := range s["properties"].(schema) {
		if name == "$ref" {
			continue
		}
		inner := value.(schema)
		f.fields[name] = fieldForm{slices.Contains(required, any(name)), func() form {
			if strings.HasSuffix(fmt.Sprint(s["$id"]), "indingsObject.json") {
				return form{content: "binding"}
			}
			return o.form(inner)
		}}
	}
	if anyOf, ok := s["anyOf"].([]any); ok {
		var list []string
		for _, item := range anyOf {
			list = append(list, joined(item.(schema)["required"]))
		}
		f.anyOf = strings.Join(slices.Sorted(slices.Values(list)), " ")
	}
	return f
}

// mapOf reads an object whose names the author chooses.
func (o official) mapOf(s schema, f *form) {
	if names, ok := s["propertyNames"].(schema); ok {
		f.names = names["format"].(string)
	}
	values, _ := s["additionalProperties"].(schema)
	patterns, _ := s["patternProperties"].(schema)
	for pattern, s := range patterns {
		f.names, values = pattern, s.(schema)
	}
	if values != nil {
		f.values = new(o.form(values))
	}
}

// onlyKnown fails when a schema has a keyword that is not read.
func (o official) onlyKnown(s schema) {
	for name := range s {
		if !slices.Contains(readKeywords, name) {
			o.t.Fatalf("the keyword %q is not read, in %v", name, s)
		}
	}
}

var readKeywords = []string{
	"$id", "$schema", "definitions", "title", "description", "default", "example", "examples", "type", "enum", "const", "format", "pattern",
	"uniqueItems", "items", "properties", "required", "anyOf", "additionalProperties", "patternProperties", "propertyNames",
}

// kindsOf returns the kinds of a type as those of a form: "number or string".
func kindsOf(t any) string {
	list, _ := t.([]any)
	if one, ok := t.(string); ok {
		list = []any{one}
	}
	if len(list) == 6 {
		return ""
	}
	return strings.ReplaceAll(joined(list), " ", " or ")
}

// joined returns the strings of a list, sorted.
func joined(list any) string {
	var texts []string
	all, _ := list.([]any)
	for _, item := range all {
		texts = append(texts, item.(string))
	}
	return strings.Join(slices.Sorted(slices.Values(texts)), " ")
}
