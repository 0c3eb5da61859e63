package schema

import (
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A keywordReader reads the keywords of one schema.
type keywordReader struct {
	reader          *Reader
	schema          *Schema
	dialect         Dialect
	value           *source.Value
	isTuple         bool    // draft-07: items is a list
	additionalItems *Schema // draft-07: of the items after those of a tuple
	belowIsOut      bool    // OpenAPI 3.0: the minimum itself is not valid
	aboveIsOut      bool

	ref                   *Schema // OpenAPI 3.1: what $ref leads to
	unevaluatedItems      *Schema // OpenAPI 3.1
	unevaluatedProperties *Schema // OpenAPI 3.1

	wrong []string // keywords that have been reported
}

// within returns a schema within the one that is read, nil when a reference leads nowhere.
func (r *keywordReader) within(v *source.Value) *Schema { return r.reader.Read(v, r.dialect) }

// mistake reports what is wrong with a value.
func (r *keywordReader) mistake(v *source.Value, message, hint string) {
	r.reader.problems.Add(v.Problem(source.Mistake, message, hint))
}

// warnOf warns of a keyword of the schema.
func (r *keywordReader) warnOf(name, message, hint string) {
	r.reader.problems.Add(r.field(name).Problem(source.Warning, message, hint))
}

// finish handles what depends on several keywords.
func (r *keywordReader) finish() {
	if r.isTuple {
		r.schema.Items = r.additionalItems
	}
	if r.belowIsOut {
		r.schema.Minimum, r.schema.ExclusiveMinimum = "", r.schema.Minimum
	}
	if r.aboveIsOut {
		r.schema.Maximum, r.schema.ExclusiveMaximum = "", r.schema.Maximum
	}
	if r.dialect == OpenAPI31 {
		r.finish2020()
	}
	if s := r.schema; s.Nullable && len(s.Types) == 0 && len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 {
		r.warnOf("nullable", "\"nullable\" has no effect without \"type\" beside it", "write it in the schemas that this one is made of, each beside its type")
	}
	if openAPIVersions[r.dialect] != "" {
		r.checkOpenAPI()
	}
	r.warnOfForeign()
	r.refuse()
}

var typeNames = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

func typeKeyword(r *keywordReader, f source.Field) {
	list := []*source.Value{f.Value}
	if f.Value.Kind == source.Array && r.dialect != OpenAPI30 {
		list = f.Value.Items
		r.notEmpty(f.Value, f.Name)
	}
	for _, v := range list {
		switch {
		case v.Kind != source.String:
			r.mistake(v, fmt.Sprintf("a type is named by a string, found %s", v.Kind), typeHint(v))
		case !slices.Contains(typeNames, v.Text):
			r.mistake(v, fmt.Sprintf("there is no type %q", v.Text), source.DidYouMean(v.Text, typeNames))
		case slices.Contains(r.schema.Types, v.Text):
			r.mistake(v, fmt.Sprintf("the type %q appears twice", v.Text), "remove one of them")
		default:
			r.schema.Types = append(r.schema.Types, v.Text)
		}
	}
}

func typeHint(v *source.Value) string {
	if v.Kind == source.Null {
		return "write \"null\" in quotes if the type null is meant"
	}
	return ""
}

func enumKeyword(r *keywordReader, f source.Field) {
	if v := r.read(f.Value, source.List); v != nil {
		r.notEmpty(v, f.Name)
		r.schema.Enum = append([]*source.Value{}, v.Items...)
	}
}

// notEmpty reports an empty list, which would allow no value.
func (r *keywordReader) notEmpty(list *source.Value, name string) {
	if len(list.Items) == 0 {
		r.mistake(list, fmt.Sprintf("%q must not be empty", name), "")
	}
}

func (r *keywordReader) list(f source.Field, to *[]*source.Value) {
	if v := r.read(f.Value, source.List); v != nil {
		*to = v.Items
	}
}

func requiredKeyword(r *keywordReader, f source.Field) {
	hint := ""
	if f.Value.Kind == source.Bool {
		hint = "list the names of the required properties in the object that has them"
	}
	if v := r.read(f.Value, source.List.Hint(hint)); v != nil {
		r.schema.Required = r.names(v, f.Name)
	}
}

// names returns the strings of a list, each once.
func (r *keywordReader) names(list *source.Value, in string) []string {
	seen := map[string]bool{}
	var names []string
	for _, v := range list.Items {
		switch {
		case r.read(v, source.Text) == nil: // reported
		case seen[v.Text]:
			r.mistake(v, fmt.Sprintf("%q appears twice in %q", v.Text, in), "remove one of them")
		default:
			seen[v.Text] = true
			names = append(names, v.Text)
		}
	}
	return names
}

func (r *keywordReader) properties(f source.Field, to *[]Property) {
	v := r.read(f.Value, source.Map)
	if v == nil {
		return
	}
	for _, p := range v.Fields {
		if s := r.within(p.Value); s != nil {
			*to = append(*to, Property{Position: p.Position, Name: p.Name, Schema: s, Source: p.Value})
		}
	}
}

func definitionsKeyword(r *keywordReader, f source.Field) {
	if v := r.read(f.Value, source.Map); v != nil {
		for _, d := range v.Fields {
			r.within(d.Value)
		}
	}
}

func itemsKeyword(r *keywordReader, f source.Field) {
	if f.Value.Kind == source.Array {
		r.isTuple = true
		r.schema.PrefixItems = r.allWithin(f.Value.Items)
		return
	}
	r.schema.Items = r.within(f.Value)
}

func (r *keywordReader) dependencies(f source.Field, to *[]Dependency) {
	v := r.read(f.Value, source.Map)
	if v == nil {
		return
	}
	for _, entry := range v.Fields {
		d := Dependency{Property: entry.Name}
		if entry.Value.Kind == source.Array {
			d.Required = r.names(entry.Value, f.Name)
		} else {
			d.Schema = r.within(entry.Value)
		}
		*to = append(*to, d)
	}
}

// discriminatorName reads AsyncAPI's discriminator, the name of a property.
func discriminatorName(r *keywordReader, f source.Field) {
	if v := r.read(f.Value, source.Text.Hint("AsyncAPI's discriminator is the name of the property alone")); v != nil {
		r.schema.Discriminator = &Discriminator{Property: v.Text}
	}
}

// discriminatorObject reads OpenAPI's discriminator.
func discriminatorObject(r *keywordReader, f source.Field) {
	v := r.read(f.Value, source.Map.Hint("OpenAPI's discriminator is {propertyName: ...}"))
	if v == nil {
		return
	}
	name := v.Get("propertyName")
	if name == nil {
		r.mistake(v, "\"discriminator\" must have \"propertyName\"", "")
		return
	}
	if name.Kind != source.String {
		return // the check by OpenAPI's rules reports it
	}
	r.schema.Discriminator = &Discriminator{Property: name.Text}
	mapping := v.Get("mapping")
	if mapping == nil {
		return
	}
	for _, m := range mapping.Fields {
		if m.Value.Kind != source.String {
			continue
		}
		if target := r.mapped(m.Value); target != nil {
			r.schema.Discriminator.Mapping = append(r.schema.Discriminator.Mapping, DiscriminatorMapping{Value: m.Name, Schema: target})
		}
	}
}

// mapped returns the schema that a value of a mapping means: a reference, or the name of a component.
func (r *keywordReader) mapped(v *source.Value) *Schema {
	if componentName.MatchString(v.Text) {
		v = v.WithText("#/components/schemas/" + v.Text)
	}
	return r.within(v.WithFields([]source.Field{{Position: v.Position, Name: "$ref", Value: v}}))
}
