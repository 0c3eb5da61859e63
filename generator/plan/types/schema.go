package types

import (
	"cmp"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// A NamedSchema is a schema that is checked as data.
type NamedSchema struct {
	Name   string
	Schema *Schema
}

// A Schema is a JSON Schema as package payload checks it: see payload.Schema. Constants are JSON texts.
type Schema struct {
	Ref   string // the name of another one; then nothing else counts
	Never bool
	Types []string
	Const string
	Enum  []string

	Strings []Check
	Numbers []Check
	Lists   []Check
	Objects []Check

	PrefixItems  []*Schema
	Items        *Schema
	Contains     *Schema
	Properties   []PropertySchema
	Patterns     []PatternSchema
	Additional   *Schema
	Names        *Schema
	Required     []string
	Dependencies []DependencySchema

	AllOf, AnyOf, OneOf []*Schema
	Not, If, Then, Else *Schema
}

// A PropertySchema is the schema of a member.
type PropertySchema struct {
	Name   string
	Schema *Schema
}

// A PatternSchema is the schema of the members whose names match a pattern.
type PatternSchema struct {
	Pattern Check
	Schema  *Schema
}

// A DependencySchema is what an object must be when it has a member.
type DependencySchema struct {
	Name     string
	Required []string
	Schema   *Schema
}

// A schemaBuilder turns schemas of the contract into schemas that are checked as data. A schema with a name, or within
// itself, is made once and referred to.
type schemaBuilder struct {
	checker *checker
	report  *report.Report
	within  map[*schema.Schema]bool // at least one schema of each circle of schemas that contain each other
	made    map[*schema.Schema]string
	all     map[string]*Schema
}

func newSchemaBuilder(c *checker) *schemaBuilder {
	return &schemaBuilder{checker: c, report: c.report, made: map[*schema.Schema]string{}, all: map[string]*Schema{}}
}

// demand makes the schema of what a Go type of s does not express, and returns its name. v is the view that the type is made from.
func (b *schemaBuilder) demand(name string, s, v *schema.Schema, d demand) string {
	if d == demandAll {
		return b.schema(s, true).Ref
	}
	b.all[name] = b.keywords(conditions(v))
	return name
}

// finish returns what has been made, sorted by name.
func (b *schemaBuilder) finish() []NamedSchema {
	var all []NamedSchema
	for name, s := range b.all {
		all = append(all, NamedSchema{name, s})
	}
	slices.SortFunc(all, func(x, y NamedSchema) int { return cmp.Compare(x.Name, y.Name) })
	return all
}

// schema returns s, or a reference to it.
func (b *schemaBuilder) schema(s *schema.Schema, inline bool) *Schema {
	if s == nil {
		return nil
	}
	if name, ok := b.made[s]; ok {
		return &Schema{Ref: name}
	}
	if !b.report.Spend(1, s.Position, s.Path) {
		return &Schema{}
	}
	if !inline && s.Name == "" && !b.within[s] {
		return b.keywords(s)
	}
	name := "#" + s.Path
	if b.all[name] != nil {
		name = source.Masked(s.File) + "#" + s.Path
	}
	b.made[s] = name
	b.all[name] = &Schema{}
	b.all[name] = b.keywords(s)
	return &Schema{Ref: name}
}

func (b *schemaBuilder) keywords(s *schema.Schema) *Schema {
	made := &Schema{Never: isFalse(s), Types: allTypes(s), Required: slices.Compact(slices.Sorted(slices.Values(s.Required)))}
	if s.Const != nil {
		made.Const = JSON(s.Const)
	}
	for _, v := range s.Enum {
		made.Enum = append(made.Enum, JSON(v))
	}
	made.Strings = b.checker.checks(s, Ref{Kind: String})
	made.Numbers = b.checker.checks(s, Ref{Kind: Float64})
	made.Lists = b.checker.checks(s, Ref{Kind: List})
	made.Objects = b.checker.checks(s, Ref{Kind: Map})
	b.report.Spend(report.Weight(*made), s.Position, s.Path)
	b.items(made, s)
	b.members(made, s)
	b.combined(made, s)
	return made
}

// allTypes returns the types that s allows, with OpenAPI's nullable.
func allTypes(s *schema.Schema) []string {
	if s.Nullable && len(s.Types) > 0 && !slices.Contains(s.Types, "null") {
		return append(slices.Clone(s.Types), "null")
	}
	return s.Types
}

func (b *schemaBuilder) items(made *Schema, s *schema.Schema) {
	for _, item := range s.PrefixItems {
		made.PrefixItems = append(made.PrefixItems, b.schema(item, false))
	}
	made.Items = b.schema(s.Items, false)
	made.Contains = b.schema(s.Contains, false)
}

func (b *schemaBuilder) members(made *Schema, s *schema.Schema) {
	for _, p := range byName(s.Properties) {
		made.Properties = append(made.Properties, PropertySchema{p.Name, b.schema(p.Schema, false)})
	}
	for _, p := range byName(s.PatternProperties) {
		if check := b.checker.patternCheck(s, p.Name); check != nil {
			made.Patterns = append(made.Patterns, PatternSchema{check[0], b.schema(p.Schema, false)})
		}
	}
	made.Additional = b.schema(s.AdditionalProperties, false)
	made.Names = b.schema(s.PropertyNames, false)
	dependencies := slices.SortedFunc(slices.Values(s.Dependencies), func(x, y schema.Dependency) int { return cmp.Compare(x.Property, y.Property) })
	for _, d := range dependencies {
		made.Dependencies = append(made.Dependencies, DependencySchema{d.Property, d.Required, b.schema(d.Schema, false)})
	}
}

func (b *schemaBuilder) combined(made *Schema, s *schema.Schema) {
	list := func(schemas []*schema.Schema) (all []*Schema) {
		for _, part := range schemas {
			all = append(all, b.schema(part, false))
		}
		return all
	}
	made.AllOf, made.AnyOf, made.OneOf = list(s.AllOf), list(s.AnyOf), list(s.OneOf)
	made.Not, made.If, made.Then, made.Else = b.schema(s.Not, false), b.schema(s.If, false), b.schema(s.Then, false), b.schema(s.Else, false)
}
