package types

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// A view is the schema from which the Go type of another schema is made: its allOfs are merged, and
// a choice of only one schema is replaced by that.
type view struct {
	schema *schema.Schema
	// loose is true when schema allows more than the original: then the original is checked in
	// addition to the Go type.
	loose bool
	never *contradiction // why no value satisfies the original; nil when that is not known
}

// viewOf returns the view of s.
func (t *Builder) viewOf(s *schema.Schema) view {
	if known, ok := t.views[s]; ok {
		return known
	}
	t.views[s] = view{schema: &schema.Schema{Location: s.Location}, loose: true} // what s is within itself
	v := t.takeChoice(t.takeAllOf(s))
	t.views[s] = v
	return v
}

// takeAllOf merges s with the schemas of its allOf.
func (t *Builder) takeAllOf(s *schema.Schema) view {
	if s.AllOf == nil {
		return view{schema: s}
	}
	own := *s
	own.AllOf = nil
	m := t.newMerger(view{schema: &own})
	m.of = s
	for _, part := range s.AllOf {
		m.add(t.viewOf(part))
	}
	if standsBefore(s, "allOf", "properties") {
		own := m.into.Properties[:len(s.Properties)]
		m.into.Properties = slices.Concat(m.into.Properties[len(s.Properties):], own)
	}
	m.checkLimits()
	return m.view()
}

// view returns what has been merged.
func (m *merger) view() view {
	if m.never != nil {
		into := m.into
		m.into = schema.Schema{Location: into.Location, Name: into.Name, Title: into.Title, Description: into.Description, Always: new(false)}
	}
	return view{schema: &m.into, loose: m.loose, never: m.never}
}

// standsBefore reports whether s has two keywords, the first one before the other.
func standsBefore(s *schema.Schema, first, second string) bool {
	names := s.Source.Names()
	i := slices.Index(names, first)
	return i >= 0 && i < slices.Index(names, second)
}

// takeChoice merges a oneOf or anyOf of one schema and perhaps null.
func (t *Builder) takeChoice(v view) view {
	variants := choices(v.schema)
	others := slices.DeleteFunc(slices.Clone(variants), isOnlyNull)
	if len(others) != 1 || v.schema.OneOf != nil && v.schema.AnyOf != nil {
		return v
	}
	own := *v.schema
	own.OneOf, own.AnyOf = nil, nil
	hasNull := len(others) < len(variants)
	if hasNull && len(own.Types) > 0 {
		return v // the type outside of the choice decides about null
	}
	m := t.newMerger(view{&own, v.loose, v.never})
	other := t.viewOf(others[0])
	if hasNull && isNullable(other.schema) && v.schema.OneOf != nil {
		return v // null is twice among the choices, which is once too often
	}
	m.add(other)
	if hasNull {
		m.into.Nullable = true
	}
	return m.view()
}

// aliasOf returns the one schema that s stands for, if s has nothing of its own: an allOf of one
// schema, or a choice of one schema and perhaps null.
func (t *Builder) aliasOf(s *schema.Schema) (same *schema.Schema, nullable bool) {
	if t.mustName[s] || s.Discriminator != nil {
		return nil, false
	}
	bare := *s
	bare.AllOf, bare.AnyOf, bare.OneOf = nil, nil, nil
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	others := slices.DeleteFunc(slices.Clone(all), isOnlyNull)
	nullable = len(others) < len(all)
	if len(others) != 1 || len(all) > 2 || !saysNothing(&bare) || bare.Format != "" || nullable && s.AllOf != nil {
		return nil, false
	}
	if sh := t.shapeOf(others[0]); nullable && (sh.nullable || sh.kind == shapeAny) {
		return nil, false
	}
	return others[0], nullable || bare.Nullable
}

// choices are the schemas of the oneOf or anyOf of s.
func choices(s *schema.Schema) []*schema.Schema {
	if s.OneOf != nil {
		return s.OneOf
	}
	return s.AnyOf
}

// A merger builds a schema that allows all values that its parts allow together, or somewhat more:
// then it is loose.
type merger struct {
	types      *Builder
	into       schema.Schema // its lists are the merger's own
	loose      bool
	never      *contradiction  // nil: none has been found
	of         *schema.Schema  // whose allOf is merged; nil for a choice
	properties map[string]int  // the indexes of into.Properties, by name
	required   map[string]bool // the names in into.Required
}

// newMerger returns a merger that starts with v.
func (t *Builder) newMerger(v view) *merger {
	m := &merger{types: t, into: *v.schema, loose: v.loose, never: v.never, properties: map[string]int{}, required: map[string]bool{}}
	into := &m.into
	into.Required, into.Properties, into.PatternProperties = nil, slices.Clone(into.Properties), slices.Clone(into.PatternProperties)
	m.addRequired(v.schema.Required)
	for i, p := range into.Properties {
		m.properties[p.Name] = i
	}
	return m
}

// add merges part, unless the limit of merging is exceeded.
func (m *merger) add(part view) {
	into, s := &m.into, part.schema
	if !m.types.spendMerging(s, 1+len(s.Properties)+len(s.Required)+len(s.PatternProperties)+len(values(s))+len(values(into))) {
		return
	}
	m.loose = m.loose || part.loose
	if m.never = cmp.Or(m.never, part.never); m.never != nil {
		return
	}
	if s.Always != nil && *s.Always {
		return
	}
	if s.Always != nil || into.Always != nil && !*into.Always {
		never := false
		into.Always = &never
		return
	}
	for _, several := range together {
		several.add(m, s)
	}
	for _, k := range schema.Keywords {
		m.addKeyword(k, s)
	}
}

// addTypes keeps the types that both have.
func (m *merger) addTypes(s *schema.Schema) {
	into := &m.into
	untyped := func(s *schema.Schema) bool { return len(s.Types) == 0 }
	into.Nullable = (into.Nullable || untyped(into)) && (s.Nullable || untyped(s)) && (into.Nullable || s.Nullable)
	switch {
	case untyped(s):
	case untyped(into):
		into.Types = s.Types
	default:
		both := commonTypes(into.Types, s.Types)
		if len(both) == 0 {
			m.contradict(s, "no value is of the types that all of its schemas want, here and"+cmp.Or(m.place("type", s), " elsewhere"))
		}
		into.Types = both
	}
}

func commonTypes(x, y []string) []string {
	var both []string
	for _, t := range x {
		switch {
		case slices.Contains(y, t), t == "integer" && slices.Contains(y, "number"):
			both = append(both, t)
		case t == "number" && slices.Contains(y, "integer"):
			both = append(both, "integer")
		}
	}
	return both
}

func (m *merger) addItems(s *schema.Schema) {
	into := &m.into
	if s.PrefixItems != nil || into.PrefixItems != nil && s.Items != nil {
		m.loose = m.loose || into.PrefixItems != nil || into.Items != nil
		into.PrefixItems = s.PrefixItems
	}
	into.Items = m.both(into.Items, s.Items)
}

func (m *merger) addMembers(s *schema.Schema) {
	into := &m.into
	if len(into.Properties)+len(into.PatternProperties) > 0 && limitsOthers(s) || len(s.Properties)+len(s.PatternProperties) > 0 && limitsOthers(into) {
		m.loose = true // members of one part are others to the other part
	}
	m.addProperties(s.Properties)
	into.PatternProperties = append(into.PatternProperties, s.PatternProperties...)
	into.AdditionalProperties = m.both(into.AdditionalProperties, s.AdditionalProperties)
}

func (m *merger) addRequired(names []string) {
	for _, name := range names {
		if !m.required[name] {
			m.required[name] = true
			m.into.Required = append(m.into.Required, name)
		}
	}
}

func (m *merger) addProperties(properties []schema.Property) {
	into := &m.into
	for _, p := range properties {
		if i, there := m.properties[p.Name]; there {
			into.Properties[i].Schema = m.both(into.Properties[i].Schema, p.Schema)
			continue
		}
		m.properties[p.Name] = len(into.Properties)
		into.Properties = append(into.Properties, p)
	}
}

// limitsOthers reports whether s restricts members that are not its properties.
func limitsOthers(s *schema.Schema) bool {
	return s.AdditionalProperties != nil && !isTrueSchema(s.AdditionalProperties) || len(s.PatternProperties) > 0
}

// both returns the schema that allows what both x and y allow.
func (m *merger) both(x, y *schema.Schema) *schema.Schema {
	switch {
	case x == nil || x == y:
		return y
	case y == nil:
		return x
	}
	key, boths := [2]*schema.Schema{x, y}, m.types.boths
	if boths[key] == nil {
		path := x.Path + " with " + y.Path
		if len(path) > maxPath {
			path = fmt.Sprintf("%s with others (%d)", y.Path, len(boths))
		}
		boths[key] = &schema.Schema{Location: source.Location{Position: y.Position, Path: path}, Title: y.Title, Description: y.Description, AllOf: key[:]}
	}
	return boths[key]
}

func (m *merger) addChoice(s *schema.Schema) {
	into := &m.into
	if choices(s) == nil {
		return
	}
	if choices(into) != nil {
		m.loose = true
		return
	}
	into.OneOf, into.AnyOf = s.OneOf, s.AnyOf
	if into.Discriminator == nil {
		into.Discriminator = s.Discriminator
	}
}

func (m *merger) addTexts(s *schema.Schema) {
	into := &m.into
	if into.Title == "" && into.Description == "" && into.Name == "" {
		into.Title, into.Description = s.Title, s.Description
	}
}
