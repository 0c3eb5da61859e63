//go:build !race

package schemasuite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// A reference writes a contract's schema as JSON Schema draft-07, in the reading that docs/schemas.md has, for a validator that
// shares no code with the generated codecs. Package asyncapi writes schemas too, for the examples of contracts, but to the letter, as
// the official validator reads them; nor should what checks the codecs forget a keyword that the contract's reader forgets.
type reference struct {
	names       map[key]string
	definitions map[string]any
}

// A key is a schema with the way it is read: literally below "not", "if" and the like.
type key struct {
	schema  *schema.Schema
	literal bool
}

// compile returns the validator of s.
func compile(s *schema.Schema) (*jsonschema.Schema, error) {
	r := &reference{map[key]string{}, map[string]any{}}
	root := map[string]any{"allOf": []any{r.ref(s, false)}, "definitions": r.definitions}
	text, err := json.Marshal(root)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.AssertFormat()
	if err := c.AddResource("memory:///schema.json", document); err != nil {
		return nil, err
	}
	return c.Compile("memory:///schema.json")
}

// ref returns a reference to the definition of s.
func (r *reference) ref(s *schema.Schema, literal bool) any {
	k := key{s, literal}
	name, known := r.names[k]
	if !known {
		name = fmt.Sprintf("s%d", len(r.names))
		r.names[k] = name
		r.definitions[name] = r.keywords(s, literal)
	}
	return map[string]any{"$ref": "#/definitions/" + name}
}

func (r *reference) keywords(s *schema.Schema, literal bool) any {
	if s.Always != nil {
		return *s.Always
	}
	m := map[string]any{}
	types := s.Types
	if implied := impliedType(s); len(types) == 0 && !literal && implied != "" {
		types = []string{implied}
	}
	if len(types) > 0 {
		if s.Nullable {
			types = append(slices.Clone(types), "null")
		}
		m["type"] = types
	}
	if known := []string{"date-time", "date", "time", "duration", "uuid", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "regex", "json-pointer", "relative-json-pointer"}; slices.Contains(known, s.Format) {
		m["format"] = s.Format
	}
	r.values(m, s)
	r.limits(m, s)
	r.parts(m, s, literal)
	return m
}

func (r *reference) values(m map[string]any, s *schema.Schema) {
	if s.Const != nil {
		m["const"] = plain(s.Const)
	}
	if s.Enum != nil {
		list := []any{}
		for _, v := range s.Enum {
			if !slices.ContainsFunc(list, func(x any) bool { return fmt.Sprintf("%#v", x) == fmt.Sprintf("%#v", plain(v)) }) {
				list = append(list, plain(v))
			}
		}
		m["enum"] = list
	}
}

// plain returns v as encoding/json has it.
func plain(v *source.Value) any {
	switch v.Kind {
	case source.Bool:
		return v.Text == "true"
	case source.Number:
		return json.Number(v.Text)
	case source.String:
		return v.Text
	case source.Array:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, plain(item))
		}
		return list
	case source.Object:
		m := map[string]any{}
		for _, f := range v.Fields {
			m[f.Name] = plain(f.Value)
		}
		return m
	case source.Null:
	}
	return nil
}

func (r *reference) limits(m map[string]any, s *schema.Schema) {
	for name, n := range map[string]*int{
		"minLength": s.MinLength, "maxLength": s.MaxLength, "minItems": s.MinItems, "maxItems": s.MaxItems,
		"minProperties": s.MinProperties, "maxProperties": s.MaxProperties,
	} {
		if n != nil {
			m[name] = *n
		}
	}
	for name, text := range map[string]string{
		"minimum": s.Minimum, "maximum": s.Maximum, "exclusiveMinimum": s.ExclusiveMinimum, "exclusiveMaximum": s.ExclusiveMaximum, "multipleOf": s.MultipleOf,
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
	if len(s.Required) > 0 {
		m["required"] = slices.Compact(slices.Sorted(slices.Values(s.Required)))
	}
}

func (r *reference) parts(m map[string]any, s *schema.Schema, literal bool) {
	for name, part := range map[string]*schema.Schema{"not": s.Not, "if": s.If, "then": s.Then, "else": s.Else, "contains": s.Contains, "propertyNames": s.PropertyNames} {
		if part != nil {
			m[name] = r.ref(part, true)
		}
	}
	for name, list := range map[string][]*schema.Schema{"allOf": s.AllOf, "anyOf": s.AnyOf, "oneOf": s.OneOf} {
		if list != nil {
			m[name] = r.list(list, literal || name != "allOf" && len(s.Types) > 0)
		}
	}
	if s.Discriminator != nil && (s.OneOf != nil || s.AnyOf != nil) {
		delete(m, "oneOf")
		m["anyOf"] = r.told(s.Discriminator, slices.Concat(s.OneOf, s.AnyOf), literal)
	}
	for name, list := range map[string][]schema.Property{"properties": s.Properties, "patternProperties": s.PatternProperties} {
		members := map[string]any{}
		for _, p := range list {
			members[p.Name] = r.ref(p.Schema, literal)
		}
		if len(list) > 0 {
			m[name] = members
		}
	}
	if s.AdditionalProperties != nil {
		m["additionalProperties"] = r.ref(s.AdditionalProperties, literal)
	}
	switch {
	case s.PrefixItems != nil:
		m["items"] = r.list(s.PrefixItems, literal)
		if s.Items != nil {
			m["additionalItems"] = r.ref(s.Items, literal)
		}
	case s.Items != nil:
		m["items"] = r.ref(s.Items, literal)
	}
	r.dependencies(m, s)
}

// told returns the variants of a union, each for the values of the discriminator that mean it: by its mapping, else its own name, else
// what its schema says of the member.
func (r *reference) told(by *schema.Discriminator, variants []*schema.Schema, literal bool) []any {
	list := []any{}
	for _, v := range variants {
		names := []any{}
		for _, m := range by.Mapping {
			if m.Schema == v {
				names = append(names, m.Value)
			}
		}
		if len(names) == 0 {
			names = append(names, v.Name)
		}
		member := map[string]any{"enum": names}
		if hasConstants(v, by.Property) {
			member = map[string]any{}
		}
		told := map[string]any{"required": []any{by.Property}, "properties": map[string]any{by.Property: member}}
		list = append(list, map[string]any{"allOf": []any{r.ref(v, literal), told}})
	}
	return list
}

// hasConstants says whether a schema, or one that it extends, names the values of a member.
func hasConstants(s *schema.Schema, member string) bool {
	says := func(p schema.Property) bool {
		return p.Name == member && (p.Schema.Const != nil || p.Schema.Enum != nil)
	}
	return slices.ContainsFunc(s.Properties, says) || slices.ContainsFunc(s.AllOf, func(part *schema.Schema) bool { return hasConstants(part, member) })
}

func (r *reference) dependencies(m map[string]any, s *schema.Schema) {
	all := map[string]any{}
	for _, d := range s.Dependencies {
		if d.Schema != nil {
			all[d.Property] = r.ref(d.Schema, true)
		} else {
			all[d.Property] = append([]string{}, d.Required...)
		}
	}
	if len(all) > 0 {
		m["dependencies"] = all
	}
}

func (r *reference) list(schemas []*schema.Schema, literal bool) []any {
	list := []any{}
	for _, s := range schemas {
		list = append(list, r.ref(s, literal))
	}
	return list
}

// impliedType is the type of a schema that names none, as docs/schemas.md has it.
func impliedType(s *schema.Schema) string {
	switch {
	case s.Enum != nil || s.Const != nil:
		return ""
	case len(s.Properties)+len(s.Required) > 0 || s.AdditionalProperties != nil:
		return "object"
	case s.Items != nil || s.PrefixItems != nil:
		return "array"
	case s.Pattern != "" || s.MinLength != nil || s.MaxLength != nil || stringFormat(s.Format):
		return "string"
	case s.Minimum != "" || s.Maximum != "" || s.ExclusiveMinimum != "" || s.ExclusiveMaximum != "" || s.MultipleOf != "":
		return "number"
	}
	return ""
}

func stringFormat(format string) bool {
	return slices.Contains([]string{
		"date-time", "date", "time", "duration", "uuid", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "regex", "byte", "decimal",
		"json-pointer", "relative-json-pointer",
	}, format)
}
