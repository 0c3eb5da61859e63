package types

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
)

// has says whether s has a keyword that says something. A format that is not known says nothing.
func has(s *asyncapi.Schema, k asyncapi.Keyword) bool {
	return k.IsIn(s) && (k.Name != "format" || isStringFormat(s.Format))
}

// saysNothing says whether s allows every value.
func saysNothing(s *asyncapi.Schema) bool {
	return !isFalse(s) && !hasAny(s, func(k asyncapi.Keyword) bool { return k.Effect == asyncapi.Restricts })
}

// implies says whether s has a keyword by which it is of one of types.
func implies(s *asyncapi.Schema, types ...string) bool {
	return hasAny(s, func(k asyncapi.Keyword) bool { return k.Implies && slices.Contains(types, k.For) })
}

// limits returns the checks of the numbers that s has for the values of a type.
func limits(s *asyncapi.Schema, kind string) []Check {
	var all []Check
	for _, k := range asyncapi.Keywords {
		if limit := k.Limit(s); k.For == kind && limit != "" {
			all = append(all, Check{Keyword: Keyword(k.Name), Value: limit})
		}
	}
	return all
}

// hasCondition says whether s restricts values by what no Go type expresses.
func hasCondition(s *asyncapi.Schema) bool {
	return hasAny(s, func(k asyncapi.Keyword) bool { return k.Condition && k.Effect == asyncapi.Restricts })
}

// conditions returns what s says that no Go type expresses.
func conditions(s *asyncapi.Schema) *asyncapi.Schema {
	some := &asyncapi.Schema{Position: s.Position, Path: s.Path}
	for _, k := range asyncapi.Keywords {
		if k.Condition {
			k.Copy(some, s)
		}
	}
	return some
}

func hasAny(s *asyncapi.Schema, is func(asyncapi.Keyword) bool) bool {
	return slices.ContainsFunc(asyncapi.Keywords, func(k asyncapi.Keyword) bool { return is(k) && has(s, k) })
}

// together merges the keywords whose merging depends on one another.
var together = []struct {
	keywords []string
	add      func(*merger, *asyncapi.Schema)
}{
	{[]string{"type", "nullable"}, (*merger).addTypes},
	{[]string{"enum", "const"}, (*merger).addValues},
	{[]string{"items", "prefixItems"}, (*merger).addItems},
	{[]string{"required"}, func(m *merger, s *asyncapi.Schema) { m.addRequired(s.Required) }},
	{[]string{"properties", "patternProperties", "additionalProperties"}, (*merger).addMembers},
	{[]string{"anyOf", "oneOf", "discriminator"}, (*merger).addChoice},
	{[]string{"title", "description"}, (*merger).addWords},
}

// addKeyword takes in what s has of k.
func (m *merger) addKeyword(k asyncapi.Keyword, s *asyncapi.Schema) {
	if !k.IsIn(s) {
		return
	}
	into := &m.into
	switch k.Merge {
	case asyncapi.First, asyncapi.Either: // of two flags that are there, both are true
		if !k.IsIn(into) {
			k.Copy(into, s)
		}
	case asyncapi.One:
		if !k.IsIn(into) {
			k.Copy(into, s)
		} else if *k.Field(into).(*string) != *k.Field(s).(*string) {
			m.loose = true
		}
	case asyncapi.Largest:
		if !k.IsIn(into) || **k.Field(s).(**int) > **k.Field(into).(**int) {
			k.Copy(into, s)
		}
	case asyncapi.Smallest:
		if !k.IsIn(into) || **k.Field(s).(**int) < **k.Field(into).(**int) {
			k.Copy(into, s)
		}
	case asyncapi.Beside:
		m.loose = true
	case asyncapi.Own, asyncapi.Together:
	}
}
