package types

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// has reports whether s has a keyword with an effect. A format that is not known has none.
func has(s *schema.Schema, k schema.Keyword) bool {
	return k.IsIn(s) && (k.Name != "format" || isStringFormat(s.Format))
}

// saysNothing reports whether s allows every value.
func saysNothing(s *schema.Schema) bool {
	return !isFalse(s) && !hasAny(s, func(k schema.Keyword) bool { return k.Effect == schema.Restricts })
}

// implies reports whether s has a keyword that implies one of types.
func implies(s *schema.Schema, types ...string) bool {
	return hasAny(s, func(k schema.Keyword) bool { return k.Implies && slices.Contains(types, k.For) })
}

// hasCondition reports whether s restricts values in a way that no Go type expresses.
func hasCondition(s *schema.Schema) bool {
	return hasAny(s, func(k schema.Keyword) bool { return k.Condition && k.Effect == schema.Restricts })
}

// conditions returns a schema with the keywords of s that no Go type expresses.
func conditions(s *schema.Schema) *schema.Schema {
	some := &schema.Schema{Location: s.Location}
	for _, k := range schema.Keywords {
		if k.Condition {
			k.Copy(some, s)
		}
	}
	return some
}

func hasAny(s *schema.Schema, is func(schema.Keyword) bool) bool {
	return slices.ContainsFunc(schema.Keywords, func(k schema.Keyword) bool { return is(k) && has(s, k) })
}

// together merges the keywords whose merging depends on one another.
var together = []struct {
	keywords []string
	add      func(*merger, *schema.Schema)
}{
	{[]string{"type", "nullable"}, (*merger).addTypes},
	{[]string{"enum", "const"}, (*merger).addValues},
	{[]string{"items", "prefixItems"}, (*merger).addItems},
	{[]string{"required"}, func(m *merger, s *schema.Schema) { m.addRequired(s.Required) }},
	{[]string{"properties", "patternProperties", "additionalProperties"}, (*merger).addMembers},
	{[]string{"anyOf", "oneOf", "discriminator"}, (*merger).addChoice},
	{[]string{"title", "description"}, (*merger).addTexts},
}

// addKeyword merges k of s.
func (m *merger) addKeyword(k schema.Keyword, s *schema.Schema) {
	if !k.IsIn(s) {
		return
	}
	into := &m.into
	switch k.Merge {
	case schema.First, schema.Either: // of two flags that are there, both are true
		if !k.IsIn(into) {
			k.Copy(into, s)
		}
	case schema.One:
		if !k.IsIn(into) {
			k.Copy(into, s)
		} else if *k.Field(into).(*string) != *k.Field(s).(*string) {
			m.loose = true
		}
	case schema.Largest:
		if !k.IsIn(into) || **k.Field(s).(**int) > **k.Field(into).(**int) {
			k.Copy(into, s)
		}
	case schema.Smallest:
		if !k.IsIn(into) || **k.Field(s).(**int) < **k.Field(into).(**int) {
			k.Copy(into, s)
		}
	case schema.Beside:
		m.loose = true
	case schema.Own, schema.Together:
	}
}
