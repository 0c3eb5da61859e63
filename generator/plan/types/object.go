package types

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// structType sets the fields of a struct: the properties of s, and those that it only requires.
// With keep, no member may be ignored.
func (t *Builder) structType(declared *Type, s *schema.Schema, keep, isHeaders bool) {
	fields := t.fieldScope(declared.GoName)
	if isHeaders {
		reserveMethods(fields, headerMethods)
	}
	for _, name := range []string{restName, patternName} {
		fields.Reserve(name, "the field for members without one of their own")
	}
	properties := slices.Concat(s.Properties, requiredOnly(s))
	required := setOf(s.Required)
	for i, name := range t.memberNames(properties, fields) {
		declared.Fields = append(declared.Fields, t.newField(declared.GoName, name, properties[i], required[properties[i].Name]))
	}
	declared.Rule = orNil(mapRule(s))
	t.rest(declared, s, fields, keep)
}

// fieldScope has the names of the fields of a struct.
func (t *Builder) fieldScope(structName string) *names.Scope {
	fields := names.NewScope("struct "+structName, t.report)
	reserveMethods(fields, typeMethods)
	return fields
}

func reserveMethods(fields *names.Scope, methods []string) {
	for _, method := range methods {
		fields.Reserve(method, "the method "+method)
	}
}

// typeMethods are the names of the methods of generated types, which no field can have.
var typeMethods = []string{"AppendJSON", "JSONCodec", "MarshalJSON", "UnmarshalJSON", "Validate"}

// requiredOnly returns the names that s requires but that are not among its properties:
// additionalProperties describes them.
func requiredOnly(s *schema.Schema) []schema.Property {
	described := make(map[string]bool, len(s.Properties))
	for _, p := range s.Properties {
		described[p.Name] = true
	}
	var missing []schema.Property
	for _, name := range s.Required {
		if !described[name] {
			described[name] = true
			missing = append(missing, schema.Property{Position: s.Position, Name: name, Schema: restSchema(s)})
		}
	}
	return missing
}

// restSchema returns the schema of the members of s that are not properties; an empty one when they
// may be anything.
func restSchema(s *schema.Schema) *schema.Schema {
	if s.AdditionalProperties == nil || s.AdditionalProperties.Always != nil {
		return &schema.Schema{Location: s.Location}
	}
	return s.AdditionalProperties
}

// rest decides what happens to members that are not fields. They are kept if the contract says
// something about them or a check needs them. Otherwise they are ignored, so that a contract may
// grow.
func (t *Builder) rest(declared *Type, s *schema.Schema, fields *names.Scope, keep bool) {
	t.patternMembers(declared, s, fields)
	additional := s.AdditionalProperties
	declared.Closed = isFalse(additional)
	kept := keep || additional != nil || declared.Schema != "" || declared.Rule != nil || s.Discriminator != nil
	if declared.Closed || !kept {
		return
	}
	declared.RestName = restName
	declared.Rest = t.element(restSchema(s), declared.GoName+"Value")
}

// The names of the fields for members that are no properties, which no property can have.
const (
	restName    = "AdditionalProperties"
	patternName = "PatternProperties"
)

// patternMembers makes a map for the members of each pattern.
func (t *Builder) patternMembers(declared *Type, s *schema.Schema, fields *names.Scope) {
	for i, p := range s.PatternProperties {
		pattern := t.checker.pattern(s, p.Name)
		if pattern == nil {
			continue
		}
		name := patternName
		if given := t.memberGoName(p); given != "" {
			name = given
			fields.Claim(name, t.memberOrigin("pattern", p))
		} else if i > 0 {
			name = fields.Free(patternName)
			fields.Claim(name, t.memberOrigin("pattern", p))
		}
		declared.Patterns = append(declared.Patterns, PatternMembers{
			GoName: name, Pattern: pattern, Type: *t.element(p.Schema, declared.GoName+name+"Value"),
		})
	}
}

// memberNames returns the names of the fields for properties: those that are given, and else those that
// are made of the properties' names. Where these meet, the property whose name comes first in the order
// of bytes has the name, and the others get a number: the members of an object have no order.
func (t *Builder) memberNames(properties []schema.Property, fields *names.Scope) []string {
	all := make([]string, len(properties))
	var left []int
	for i, p := range properties {
		if all[i] = t.memberGoName(p); all[i] != "" {
			fields.Claim(all[i], t.memberOrigin("property", p))
		} else {
			left = append(left, i)
		}
	}
	slices.SortFunc(left, func(i, j int) int { return cmp.Compare(properties[i].Name, properties[j].Name) })
	for _, i := range left {
		at := t.memberOrigin("property", properties[i])
		made := t.namer.Exported(properties[i].Name)
		if !names.IsExported(made) {
			t.report.Mistake(at.Location, at.What+" cannot be made a Go name", "set x-go-name on its schema, or beside its $ref, or write in scampgen.yaml "+at.Way)
		}
		all[i] = fields.Free(made)
		if other, taken := fields.Has(made); taken {
			t.report.Note(at.Location, fmt.Sprintf("%s is the field %s, because %s is %s; x-go-name or, in scampgen.yaml, %s gives it a better name", at.What, all[i], other.What, made, at.Way))
		}
		fields.Claim(all[i], at)
	}
	return all
}

// memberOrigin returns a property, or a pattern for properties, as the origin of a Go name.
func (t *Builder) memberOrigin(what string, p schema.Property) names.Origin {
	at := names.Origin{Location: p.Location(), What: names.Called(what, p.Name)}
	if p.Source != nil {
		at.Way = names.InConfig("types", names.Place(t.contract, at.Location), "name")
	}
	return at
}

func (t *Builder) newField(parent, name string, p schema.Property, required bool) Field {
	f := Field{
		GoName:   name,
		JSONName: p.Name,
		Doc:      schemaDoc(p.Schema),
		Type:     t.ref(p.Schema, parent+name),
		Required: required,
	}
	switch {
	case f.Type.Kind == Named && p.Schema.Name != "":
		f.Doc = names.Doc{Deprecated: f.Doc.Deprecated} // the type says the rest
	case f.Type.Kind == Named && t.titles[p.Schema] != "":
		f.Doc.Summary = "" // it is the type's name
	}
	f.presence()
	return f
}

// memberGoName returns the Go name that is set for a member of an object: in the configuration by its
// place, beside its $ref, or as that of its schema.
func (t *Builder) memberGoName(p schema.Property) string {
	if source.Reference(p.Source) != nil {
		if choice := t.options.Choices[names.Place(t.contract, p.Location())]; choice.Name != "" {
			return choice.Name
		}
		if name := names.Given(t.read, p.Source.Extensions()); name != "" {
			return name
		}
	}
	return t.propertyGoName(p.Schema)
}

// propertyGoName returns the Go name that is set for a property. An x-go-name of a schema with a
// name of its own belongs to the type instead.
func (t *Builder) propertyGoName(s *schema.Schema) string {
	if s.Name != "" {
		return ""
	}
	return t.givenName(s)
}

// presence decides how Go distinguishes a value, null and an absent member.
func (f *Field) presence() {
	raw := f.Type.Kind == Raw || f.Type.Any // holds null as a value
	switch {
	case f.Required:
		f.Type.Pointer = f.Type.Nullable && !f.Type.Nilable()
	case f.Type.Nullable && !raw:
		f.Wrapped = true
	default:
		f.Type.Pointer = !f.Type.Nilable()
	}
}

// setOf returns the set of the strings of list.
func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, x := range list {
		set[x] = true
	}
	return set
}
