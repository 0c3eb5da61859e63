package types

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

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
	properties := slices.Concat(s.Properties, requiredOnly(s))
	required := setOf(s.Required)
	for _, p := range properties {
		declared.Fields = append(declared.Fields, t.field(declared.GoName, p, required[p.Name], fields))
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
	declared.RestName = "AdditionalProperties"
	at := schemaOrigin(s)
	if additional != nil {
		at = schemaOrigin(additional)
	}
	at.What = "additionalProperties"
	fields.Claim(declared.RestName, at)
	declared.Rest = t.element(restSchema(s), declared.GoName+"Value")
}

// patternMembers makes a map for the members of each pattern.
func (t *Builder) patternMembers(declared *Type, s *schema.Schema, fields *names.Scope) {
	for i, p := range s.PatternProperties {
		pattern := t.checker.pattern(s, p.Name)
		if pattern == nil {
			continue
		}
		name := cmp.Or(t.memberGoName(p), "PatternProperties")
		if name == "PatternProperties" && i > 0 {
			name += strconv.Itoa(i + 1)
		}
		fields.Claim(name, names.Origin{Location: p.Location(), What: names.Called("pattern", p.Name)})
		declared.Patterns = append(declared.Patterns, PatternMembers{
			GoName: name, Pattern: pattern, Type: *t.element(p.Schema, declared.GoName+name+"Value"),
		})
	}
}

func (t *Builder) field(parent string, p schema.Property, required bool, fields *names.Scope) Field {
	name := t.memberGoName(p)
	at := names.Origin{Location: p.Location(), What: names.Called("property", p.Name)}
	if name == "" {
		made := t.namer.Exported(p.Name)
		if !names.IsExported(made) {
			t.report.Mistake(at.Location, at.What+" cannot be made a Go name", "set x-go-name on its schema, or beside its $ref")
		}
		if name = fields.Free(made); name != made {
			t.report.Note(at.Location, fmt.Sprintf("%s is the field %s, because another member is %s; x-go-name gives it a better name", at.What, name, made))
		}
	}
	fields.Claim(name, at)
	return t.newField(parent, name, p, required)
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

// memberGoName returns the Go name that is set for a member of an object: beside its $ref, or as that
// of its schema.
func (t *Builder) memberGoName(p schema.Property) string {
	if source.Reference(p.Source) != nil {
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
