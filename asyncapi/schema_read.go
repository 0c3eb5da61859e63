package asyncapi

import (
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A schemaReader reads the fields of one schema.
type schemaReader struct {
	*decoder
	*Schema
	dialect         dialect
	value           *source.Value
	isTuple         bool    // draft-07: items is a list
	additionalItems *Schema // draft-07: of the items after those of a tuple
	belowIsOut      bool    // OpenAPI 3.0: the minimum itself is not valid
	aboveIsOut      bool
	problemsBefore  int
}

// finish settles what depends on several keywords.
func (r *schemaReader) finish() {
	if r.isTuple {
		r.Items = r.additionalItems
	}
	if r.belowIsOut {
		r.Minimum, r.ExclusiveMinimum = "", r.Minimum
	}
	if r.aboveIsOut {
		r.Maximum, r.ExclusiveMaximum = "", r.Maximum
	}
	if r.dialect == openAPI30 {
		if r.problems.Added() == r.problemsBefore {
			r.checkOpenAPI()
		}
		return
	}
	for _, f := range r.value.Fields {
		if later := laterKeywords[f.Name]; later != nil && later(r, f.Value) {
			r.problems.Add(source.Problem{
				Position: f.Position, Severity: source.Unsupported, Path: f.Value.Pointer(), Feature: "schema/" + f.Name,
				Message: fmt.Sprintf("%q is of a later JSON Schema than draft-07", f.Name),
			})
		}
	}
}

// laterKeywords are keywords that draft-07 has not got and would ignore, though their author means
// them to restrict what is valid. Each function says whether they do.
var laterKeywords = map[string]func(r *schemaReader, v *source.Value) bool{
	"$dynamicRef":           func(*schemaReader, *source.Value) bool { return true },
	"$recursiveRef":         func(*schemaReader, *source.Value) bool { return true },
	"dependentRequired":     notEmpty,
	"dependentSchemas":      notEmpty,
	"prefixItems":           notEmpty,
	"unevaluatedItems":      restricts,
	"unevaluatedProperties": restricts,
	"maxContains":           func(r *schemaReader, _ *source.Value) bool { return r.Contains != nil },
	"minContains":           func(r *schemaReader, v *source.Value) bool { return r.Contains != nil && v.Text != "1" },
}

func notEmpty(_ *schemaReader, v *source.Value) bool { return len(v.Fields)+len(v.Items) > 0 }

func restricts(_ *schemaReader, v *source.Value) bool {
	return v.Text != "true" && notEmpty(nil, v) || v.Text == "false"
}

var typeNames = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

func typeKeyword(r *schemaReader, f source.Field) {
	list := []*source.Value{f.Value}
	if f.Value.Kind == source.Array && r.dialect != openAPI30 {
		list = f.Value.Items
		r.notEmpty(f.Value, f.Name)
	}
	for _, v := range list {
		switch {
		case v.Kind != source.String:
			r.report(source.Mistake, v, fmt.Sprintf("a type is named by a string, found %s", v.Kind), typeHint(v))
		case !slices.Contains(typeNames, v.Text):
			r.report(source.Mistake, v, fmt.Sprintf("there is no type %q", v.Text), source.DidYouMean(v.Text, typeNames))
		case slices.Contains(r.Types, v.Text):
			r.report(source.Mistake, v, fmt.Sprintf("the type %q stands twice", v.Text), "remove one of them")
		default:
			r.Types = append(r.Types, v.Text)
		}
	}
}

func typeHint(v *source.Value) string {
	if v.Kind == source.Null {
		return "write \"null\" in quotes if the type null is meant"
	}
	return ""
}

func enumKeyword(r *schemaReader, f source.Field) {
	if v := r.expect(f, source.Array, ""); v != nil {
		r.notEmpty(v, f.Name)
		r.Enum = append([]*source.Value{}, v.Items...)
	}
}

// notEmpty reports an empty list: nothing would be valid.
func (r *schemaReader) notEmpty(list *source.Value, name string) {
	if len(list.Items) == 0 {
		r.report(source.Mistake, list, fmt.Sprintf("%q must not be empty", name), "")
	}
}

func (r *schemaReader) list(f source.Field, to *[]*source.Value) {
	if v := r.expect(f, source.Array, ""); v != nil {
		*to = v.Items
	}
}

func requiredKeyword(r *schemaReader, f source.Field) {
	hint := ""
	if f.Value.Kind == source.Bool {
		hint = "list the names of the required properties in the object that has them"
	}
	if v := r.expect(f, source.Array, hint); v != nil {
		r.Required = r.names(v, f.Name)
	}
}

// names returns the strings of a list, each once.
func (r *schemaReader) names(list *source.Value, in string) []string {
	seen := map[string]bool{}
	var names []string
	for _, v := range list.Items {
		switch {
		case v.Kind != source.String:
			r.report(source.Mistake, v, fmt.Sprintf("%q lists the names of properties, found %s", in, v.Kind), "")
		case seen[v.Text]:
			r.report(source.Mistake, v, fmt.Sprintf("%q stands twice in %q", v.Text, in), "remove one of them")
		default:
			seen[v.Text] = true
			names = append(names, v.Text)
		}
	}
	return names
}

func (r *schemaReader) properties(f source.Field, to *[]Property) {
	v := r.expect(f, source.Object, "")
	if v == nil {
		return
	}
	for _, p := range v.Fields {
		if s := r.schema(p.Value, r.dialect); s != nil {
			*to = append(*to, Property{Position: p.Position, Name: p.Name, Schema: s})
		}
	}
}

func definitionsKeyword(r *schemaReader, f source.Field) {
	if v := r.expect(f, source.Object, ""); v != nil {
		for _, d := range v.Fields {
			r.schema(d.Value, r.dialect)
		}
	}
}

func itemsKeyword(r *schemaReader, f source.Field) {
	if f.Value.Kind == source.Array {
		r.isTuple = true
		r.PrefixItems = r.all(f.Value.Items)
		return
	}
	r.Items = r.schema(f.Value, r.dialect)
}

func (r *schemaReader) dependencies(f source.Field, to *[]Dependency) {
	v := r.expect(f, source.Object, "")
	if v == nil {
		return
	}
	for _, entry := range v.Fields {
		d := Dependency{Property: entry.Name}
		if entry.Value.Kind == source.Array {
			d.Required = r.names(entry.Value, f.Name)
		} else {
			d.Schema = r.schema(entry.Value, r.dialect)
		}
		*to = append(*to, d)
	}
}

// discriminatorName reads AsyncAPI's discriminator, the name of a property.
func discriminatorName(r *schemaReader, f source.Field) {
	if v := r.expect(f, source.String, "AsyncAPI's discriminator is the name of the property alone"); v != nil {
		r.Discriminator = &Discriminator{Property: v.Text}
	}
}

// discriminatorObject reads OpenAPI's discriminator.
func discriminatorObject(r *schemaReader, f source.Field) {
	v := r.expect(f, source.Object, "")
	name := v.Get("propertyName")
	if name == nil || name.Kind != source.String {
		return // the check by OpenAPI's rules reports it
	}
	r.Discriminator = &Discriminator{Property: name.Text}
	mapping := v.Get("mapping")
	if mapping == nil {
		return
	}
	for _, m := range mapping.Fields {
		if m.Value.Kind != source.String {
			continue
		}
		if target := r.mapped(m.Value); target != nil {
			r.Discriminator.Mapping = append(r.Discriminator.Mapping, DiscriminatorMapping{Value: m.Name, Schema: target})
		}
	}
}

// mapped returns the schema that a value of a mapping means: a reference, or the name of a component.
func (r *schemaReader) mapped(v *source.Value) *Schema {
	if componentName.MatchString(v.Text) {
		v = v.WithText("#/components/schemas/" + v.Text)
	}
	return r.schema(v.WithFields([]source.Field{{Position: v.Position, Name: "$ref", Value: v}}), r.dialect)
}
