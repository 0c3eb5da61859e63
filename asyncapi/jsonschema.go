package asyncapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// A jsonSchemas writes schemas as definitions of one JSON Schema draft-07 document, for the validator of examples.
type jsonSchemas struct {
	names       map[*Schema]string
	list        []*Schema // by name, which is the index
	definitions map[string]any
	references  int
}

func newJSONSchemas() *jsonSchemas {
	return &jsonSchemas{names: map[*Schema]string{}, definitions: map[string]any{}}
}

// add has s defined, and all that it leads to: one after the other, so that no chain of them becomes a depth of calls.
func (j *jsonSchemas) add(s *Schema) {
	j.pointer(s)
	for len(j.definitions) < len(j.list) {
		i := len(j.definitions)
		j.definitions[strconv.Itoa(i)] = j.keywords(j.list[i])
	}
}

// pointer returns where s stands, or will stand, in the document.
func (j *jsonSchemas) pointer(s *Schema) string {
	name, known := j.names[s]
	if !known {
		name = strconv.Itoa(len(j.list))
		j.names[s] = name
		j.list = append(j.list, s)
	}
	return "#/definitions/" + name
}

// at returns the schema that an address in the document leads to, or into.
func (j *jsonSchemas) at(address string) *Schema {
	_, rest, _ := strings.Cut(address, "#/definitions/")
	name, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(name)
	if err != nil {
		panic(err) // all schemas that are compiled are definitions
	}
	return j.list[i]
}

func (j *jsonSchemas) document() any { return map[string]any{"definitions": j.definitions} }

func (j *jsonSchemas) ref(s *Schema) any {
	j.references++
	return map[string]any{"$ref": j.pointer(s)}
}

func (j *jsonSchemas) keywords(s *Schema) any {
	if s.Always != nil {
		return *s.Always
	}
	m := map[string]any{}
	if len(s.Types) > 0 {
		types := slices.Clone(s.Types)
		if s.Nullable && !slices.Contains(types, "null") {
			types = append(types, "null")
		}
		m["type"] = toAny(types)
	}
	if s.Const != nil {
		m["const"] = s.Const.plain()
	}
	if s.Enum != nil {
		m["enum"] = plainList(s.Enum)
	}
	if slices.Contains(exampleFormats, s.Format) {
		m["format"] = s.Format
	}
	j.limits(m, s)
	j.members(m, s)
	j.combined(m, s)
	return m
}

// exampleFormats are the formats that examples are checked for.
var exampleFormats = []string{"date-time", "date", "email", "ipv4", "ipv6", "uuid"}

func (j *jsonSchemas) limits(m map[string]any, s *Schema) {
	for name, n := range map[string]*int{
		"minLength": s.MinLength, "maxLength": s.MaxLength, "minItems": s.MinItems, "maxItems": s.MaxItems,
		"minProperties": s.MinProperties, "maxProperties": s.MaxProperties,
	} {
		if n != nil {
			m[name] = json.Number(strconv.Itoa(*n))
		}
	}
	for name, text := range map[string]string{
		"minimum": s.Minimum, "maximum": s.Maximum, "exclusiveMinimum": s.ExclusiveMinimum, "exclusiveMaximum": s.ExclusiveMaximum,
		"multipleOf": s.MultipleOf,
	} {
		if text != "" {
			m[name] = json.Number(text)
		}
	}
	if s.Pattern != "" {
		m["pattern"] = s.Pattern
	}
	if s.UniqueItems {
		m["uniqueItems"] = true
	}
}

func (j *jsonSchemas) members(m map[string]any, s *Schema) {
	for name, properties := range map[string][]Property{"properties": s.Properties, "patternProperties": s.PatternProperties} {
		entries := map[string]any{}
		for _, p := range properties {
			entries[p.Name] = j.ref(p.Schema)
		}
		if len(entries) > 0 {
			m[name] = entries
		}
	}
	if required := slices.Compact(slices.Sorted(slices.Values(s.Required))); len(required) > 0 {
		m["required"] = toAny(required)
	}
	dependencies := map[string]any{}
	for _, d := range s.Dependencies {
		if dependencies[d.Property] = toAny(d.Required); d.Schema != nil {
			dependencies[d.Property] = j.ref(d.Schema)
		}
	}
	if len(dependencies) > 0 {
		m["dependencies"] = dependencies
	}
}

func (j *jsonSchemas) combined(m map[string]any, s *Schema) {
	items, rest := "items", s.Items
	if s.PrefixItems != nil {
		items = "additionalItems"
		m["items"] = j.refs(s.PrefixItems)
	}
	for name, part := range map[string]*Schema{
		items: rest, "contains": s.Contains, "additionalProperties": s.AdditionalProperties, "propertyNames": s.PropertyNames,
		"not": s.Not, "if": s.If, "then": s.Then, "else": s.Else,
	} {
		if part != nil {
			m[name] = j.ref(part)
		}
	}
	for name, list := range map[string][]*Schema{"allOf": s.AllOf, "anyOf": s.AnyOf, "oneOf": s.OneOf} {
		if list != nil {
			m[name] = j.refs(list)
		}
	}
}

func (j *jsonSchemas) refs(schemas []*Schema) []any {
	list := []any{}
	for _, s := range schemas {
		list = append(list, j.ref(s))
	}
	return list
}

func toAny(texts []string) []any {
	list := []any{}
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}

// plain returns v as encoding/json has it, numbers as json.Number.
func (v *Value) plain() any {
	switch v.Kind {
	case Bool:
		return v.Text == "true"
	case Number:
		return json.Number(v.Text)
	case String:
		return v.Text
	case Array:
		return plainList(v.Items)
	case Object:
		m := make(map[string]any, len(v.Fields))
		for _, f := range v.Fields {
			m[f.Name] = f.Value.plain()
		}
		return m
	case Null:
	}
	return nil
}

func plainList(values []*Value) []any {
	list := make([]any, 0, len(values))
	for _, v := range values {
		list = append(list, v.plain())
	}
	return list
}
