package types

import (
	"slices"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A schemaBuilder turns schemas of the contract into schemas that are checked as data. A schema
// with a name, one that contains itself, or one that is maxInline schemas deep in others, is made
// once and referred to.
type schemaBuilder struct {
	contract string // its file
	checker  *checker
	report   *report.Report
	within   map[*schema.Schema]bool // at least one schema of each circle of schemas that contain each other
	made     map[*schema.Schema]string
	all      payload.Schemas
	level    int // how many schemas the one that is being made is in
}

// maxInline is how many schemas may be within one another in the generated code. gofmt takes a
// literal within literals as often as there are literals around it.
const maxInline = 8

func newSchemaBuilder(contract string, c *checker) *schemaBuilder {
	return &schemaBuilder{contract: contract, checker: c, report: c.report, made: map[*schema.Schema]string{}, all: payload.Schemas{}}
}

// demand makes the schema of what a Go type of s does not express, and returns its name. v is the
// view from which the type is made.
func (b *schemaBuilder) demand(name string, s, v *schema.Schema, d demand) string {
	if d == demandAll {
		return b.schema(s, true).Ref
	}
	b.all[name] = b.keywords(conditions(v))
	return name
}

// schema returns s, or a reference to it.
func (b *schemaBuilder) schema(s *schema.Schema, inline bool) payload.Schema {
	if name, ok := b.made[s]; ok {
		return payload.Schema{Ref: name}
	}
	if !b.report.Spend(report.SchemaWeight, s.Location) {
		return payload.Schema{}
	}
	if !inline && s.Name == "" && !b.within[s] && b.level < maxInline {
		b.level++
		defer func() { b.level-- }()
		return b.keywords(s)
	}
	name := b.newName(s)
	b.report.Spend(report.Weight(name), s.Location)
	b.made[s] = name
	level := b.level
	b.level = 0
	b.all[name] = payload.Schema{}
	b.all[name] = b.keywords(s)
	b.level = level
	return payload.Schema{Ref: name}
}

// newName returns a name for s that no other schema has: its path, with its file if that of another
// file is called so, and with a number if it is read in two dialects.
func (b *schemaBuilder) newName(s *schema.Schema) string {
	name := "#" + s.Path
	for i := 1; ; i++ {
		if _, taken := b.all[name]; !taken {
			return name
		}
		name = names.Place(b.contract, s.Location)
		if i > 1 {
			name += " (" + strconv.Itoa(i) + ")"
		}
	}
}

func (b *schemaBuilder) keywords(s *schema.Schema) payload.Schema {
	made := payload.Schema{
		Never: isFalse(s), Types: typeSet(s), Required: slices.Compact(slices.Sorted(slices.Values(s.Required))),
		String: b.checker.stringRule(s),
		Array:  arrayRule(s, s.UniqueItems),
		Object: mapRule(s),
	}
	if limits := numberLimits(s, false); limits != nil {
		made.Number = payload.NewNumberRule(*limits)
	}
	if s.Const != nil {
		made.Const = JSON(s.Const)
	}
	for _, v := range s.Enum {
		made.Enum = append(made.Enum, JSON(v))
	}
	b.report.Spend(report.Weight(made), s.Location)
	b.items(&made, s)
	b.members(&made, s)
	b.combined(&made, s)
	return made
}

// optional returns a schema that may be absent: nil for nil.
func (b *schemaBuilder) optional(s *schema.Schema) *payload.Schema {
	if s == nil {
		return nil
	}
	return new(b.schema(s, false))
}

// typeSet returns the types that s allows, with OpenAPI's nullable.
func typeSet(s *schema.Schema) payload.Types {
	var set payload.Types
	for _, name := range s.Types {
		set |= jsonTypes[name]
	}
	if s.Nullable && set != 0 {
		set |= payload.TypeNull
	}
	return set
}

var jsonTypes = map[string]payload.Types{
	"null": payload.TypeNull, "boolean": payload.TypeBoolean, "integer": payload.TypeInteger, "number": payload.TypeNumber,
	"string": payload.TypeString, "array": payload.TypeArray, "object": payload.TypeObject,
}

func (b *schemaBuilder) items(made *payload.Schema, s *schema.Schema) {
	for _, item := range s.PrefixItems {
		made.PrefixItems = append(made.PrefixItems, b.schema(item, false))
	}
	made.Items = b.optional(s.Items)
	made.Contains = b.optional(s.Contains)
}

func (b *schemaBuilder) members(made *payload.Schema, s *schema.Schema) {
	for _, p := range s.Properties {
		made.Properties = append(made.Properties, payload.Property{Name: p.Name, Schema: b.schema(p.Schema, false)})
	}
	for _, p := range s.PatternProperties {
		if pattern := b.checker.pattern(s, p.Name); pattern != nil {
			made.Patterns = append(made.Patterns, payload.PatternProperty{Pattern: pattern, Schema: b.schema(p.Schema, false)})
		}
	}
	made.Additional = b.optional(s.AdditionalProperties)
	made.Names = b.optional(s.PropertyNames)
	for _, d := range s.Dependencies {
		made.Dependencies = append(made.Dependencies, payload.Dependency{Name: d.Property, Required: d.Required, Schema: b.optional(d.Schema)})
	}
}

func (b *schemaBuilder) combined(made *payload.Schema, s *schema.Schema) {
	list := func(schemas []*schema.Schema) (all []payload.Schema) {
		for _, part := range schemas {
			all = append(all, b.schema(part, false))
		}
		return all
	}
	made.AllOf, made.AnyOf, made.OneOf = list(s.AllOf), list(s.AnyOf), list(s.OneOf)
	made.Not, made.If, made.Then, made.Else = b.optional(s.Not), b.optional(s.If), b.optional(s.Then), b.optional(s.Else)
}
