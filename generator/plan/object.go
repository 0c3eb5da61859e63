package plan

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// structType fills in the fields of a struct for the properties of s, and for those that it only requires. keep says that no member may
// be ignored.
func (t *typeBuilder) structType(declared *Type, s *schema.Schema, keep bool) {
	names := fieldScope(declared.GoName)
	properties := slices.Concat(s.Properties, requiredOnly(s))
	slices.SortFunc(properties, func(x, y schema.Property) int { return cmp.Compare(x.Name, y.Name) })
	required := setOf(s.Required)
	for _, p := range properties {
		declared.Fields = append(declared.Fields, t.field(declared.GoName, s, p, required[p.Name], names))
	}
	declared.Checks = limits(s, "object")
	t.rest(declared, s, names, keep)
}

// fieldScope has the names of the fields of a struct.
func fieldScope(structName string) *scope {
	names := newScope("struct " + structName)
	for _, method := range typeMethods {
		_, _ = names.claim(method, origin{what: "the method " + method})
	}
	return names
}

// typeMethods are the names of the methods of generated types, which no field can have.
var typeMethods = []string{"AppendJSON", "MarshalJSON", "UnmarshalJSON", "Validate"}

// requiredOnly returns the properties that s requires but says nothing about: they are
// described by its additionalProperties.
func requiredOnly(s *schema.Schema) []schema.Property {
	described := make(map[string]bool, len(s.Properties))
	for _, p := range s.Properties {
		described[p.Name] = true
	}
	var missing []schema.Property
	for _, name := range unique(s.Required) {
		if !described[name] {
			missing = append(missing, schema.Property{Position: s.Position, Name: name, Schema: restSchema(s)})
		}
	}
	return missing
}

// restSchema returns the schema of the members of s that are no properties; an empty one when
// they may be anything.
func restSchema(s *schema.Schema) *schema.Schema {
	if s.AdditionalProperties == nil || s.AdditionalProperties.Always != nil {
		return &schema.Schema{Position: s.Position, Path: s.Path}
	}
	return s.AdditionalProperties
}

// rest decides what becomes of members that are no fields. They are kept where the contract says something about them and where
// a check needs them; elsewhere they are ignored, so that a contract may grow.
func (t *typeBuilder) rest(declared *Type, s *schema.Schema, names *scope, keep bool) {
	t.patternMembers(declared, s, names)
	additional := s.AdditionalProperties
	declared.Closed = isFalse(additional)
	kept := keep || additional != nil || declared.Schema != "" || len(declared.Checks) > 0 || s.Discriminator != nil
	if declared.Closed || !kept {
		return
	}
	declared.RestName = "AdditionalProperties"
	at := schemaOrigin(s)
	if additional != nil {
		at = schemaOrigin(additional)
	}
	at.what = "additionalProperties"
	if problem, ok := names.claim(declared.RestName, at); !ok {
		t.problems.Add(problem)
	}
	declared.Rest = t.element(restSchema(s), declared.GoName+"Value")
}

// patternMembers makes a map for the members of each pattern.
func (t *typeBuilder) patternMembers(declared *Type, s *schema.Schema, names *scope) {
	for i, p := range byName(s.PatternProperties) {
		check := t.patternCheck(s, p.Name)
		if check == nil {
			continue
		}
		name := cmp.Or(t.propertyGoName(p.Schema, s.Path+"/patternProperties/"+p.Name), "PatternProperties")
		if name == "PatternProperties" && i > 0 {
			name += strconv.Itoa(i + 1)
		}
		if problem, ok := names.claim(name, origin{p.Position, s.Path, called("pattern", p.Name)}); !ok {
			t.problems.Add(problem)
		}
		declared.Patterns = append(declared.Patterns, PatternMembers{
			GoName: name, Pattern: check[0], Type: *t.element(p.Schema, declared.GoName+name+"Value"),
		})
	}
}

func (t *typeBuilder) field(parent string, s *schema.Schema, p schema.Property, required bool, names *scope) Field {
	path := s.Path + "/properties/" + p.Name
	name := cmp.Or(t.propertyGoName(p.Schema, path), t.namer.exported(p.Name))
	at := origin{p.Position, path, called("property", p.Name)}
	if !isExported(name) {
		t.mistake(at.Position, path, at.what+" cannot be made a Go name", "set x-go-name on its schema")
	}
	if problem, ok := names.claim(name, at); !ok {
		t.problems.Add(problem)
	}
	return t.newField(parent, name, p, required)
}

func (t *typeBuilder) newField(parent, name string, p schema.Property, required bool) Field {
	f := Field{
		GoName:   name,
		JSONName: p.Name,
		Doc:      schemaDoc(p.Schema),
		Type:     t.ref(p.Schema, parent+name),
		Required: required,
	}
	if f.Type.Kind == Named && p.Schema.Name != "" {
		f.Doc = Doc{Deprecated: f.Doc.Deprecated} // the type says the rest
	}
	f.presence()
	return f
}

// propertyGoName returns the x-go-name of a property. That of a schema with a name of its own is the type's.
func (t *typeBuilder) propertyGoName(s *schema.Schema, path string) string {
	if s.Name != "" {
		return ""
	}
	return t.goName(s.Extensions, path)
}

// presence decides how Go tells apart a value, null and a member that is not there.
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
