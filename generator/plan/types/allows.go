package types

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// This file decides, when code is generated, whether a schema allows a scalar: null, or a value of an
// enum. What it allows becomes a Go type and its constants, and need not be checked later.

// allowsNull reports whether s allows null, whose view v has it as a value.
func (t *Builder) allowsNull(s *schema.Schema, v view) bool {
	return t.allowsScalar(s, v, &source.Value{Kind: source.Null})
}

// allowsScalar reports whether the keywords of s that no Go type expresses allow a scalar. v is the
// view of s, which says the rest.
func (t *Builder) allowsScalar(s *schema.Schema, v view, value *source.Value) bool {
	a := allowance{types: t, value: value, known: map[literally]bool{}}
	switch {
	case v.loose:
		return a.allows(literally{schema: s})
	case hasCondition(v.schema):
		return a.allows(literally{schema: conditions(v.schema), is: true})
	}
	return true
}

// An allowance finds out which schemas allow one scalar.
type allowance struct {
	types *Builder
	value *source.Value
	known map[literally]bool
}

// A literally is a schema, and whether a missing type is not implied by its keywords.
type literally struct {
	schema *schema.Schema
	is     bool
}

func (a allowance) allows(l literally) bool {
	if l.schema == nil {
		return true
	}
	if known, ok := a.known[l]; ok {
		return known
	}
	a.known[l] = a.allowsTyped(l) && a.allowsCombined(l)
	return a.known[l]
}

// allowsTyped is about the keywords of a schema that say something of scalars themselves.
func (a allowance) allowsTyped(l literally) bool {
	s := l.schema
	if s.Always != nil {
		return *s.Always
	}
	kind := typeOfValue(a.value)
	allowed := s.Types
	if implied := impliedType(s); len(allowed) == 0 && !l.is && !a.types.options.LiteralTypes && implied != "" && values(s) == nil {
		allowed = []string{implied}
	}
	switch {
	case len(allowed) == 0, slices.Contains(allowed, kind), kind == "integer" && slices.Contains(allowed, "number"), kind == "null" && s.Nullable:
	default:
		return false
	}
	isValue := func(v *source.Value) bool { return !hasParts(v) && scalarOf(v) == scalarOf(a.value) }
	if s.Const != nil && !isValue(s.Const) || s.Enum != nil && !slices.ContainsFunc(s.Enum, isValue) {
		return false
	}
	return a.types.checker.limitsOf(s).allow(a.value)
}

// allowsCombined is about the keywords that hold schemas of the same value. Schemas of an allOf, and
// of a choice that is not beside a type, are read as the schema around them.
func (a allowance) allowsCombined(l literally) bool {
	s := l.schema
	part := func(p *schema.Schema) bool { return a.allows(literally{p, l.is}) }
	choice := func(p *schema.Schema) bool { return a.allows(literally{p, l.is || len(s.Types) > 0}) }
	literal := func(p *schema.Schema) bool { return a.allows(literally{p, true}) }
	fitting := 0
	for _, p := range s.OneOf {
		if choice(p) {
			fitting++
		}
	}
	switch {
	case slices.ContainsFunc(s.AllOf, func(p *schema.Schema) bool { return !part(p) }),
		s.AnyOf != nil && !slices.ContainsFunc(s.AnyOf, choice),
		s.OneOf != nil && fitting != 1,
		s.Not != nil && literal(s.Not):
		return false
	case s.If == nil:
		return true
	case literal(s.If):
		return literal(s.Then)
	}
	return literal(s.Else)
}
