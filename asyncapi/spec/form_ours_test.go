package spec

import (
	"maps"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// ours reads the tables of objects into forms.
type ours struct {
	objects map[string]object
	version Version
}

func (o ours) form(t valueType) form {
	f := form{
		kinds: kindsText(t.kinds), content: o.content(t), reference: [...]string{"", "or a reference", "a reference alone"}[t.reference],
		choices: strings.Join(slices.Sorted(slices.Values(t.choices)), " "),
	}
	if t.unique {
		f.unique = "items"
	}
	if t.uniqueBy != "" {
		f.unique = t.uniqueBy
	}
	if t.format != nil {
		f.format = officialFormats[t.format]
	}
	if t.keys != nil {
		f.names = officialFormats[t.keys]
	}
	if t.items != nil {
		f.items = new(o.form(*t.items))
	}
	if t.values != nil {
		f.values = new(o.form(*t.values))
	}
	if t.reference == demanded {
		return form{reference: f.reference}
	}
	if t.object != "" {
		f.object = o.object(t.object)
	}
	return f
}

// officialFormats are the formats and patterns of the official schemas that stand for ours.
var officialFormats = map[*format]string{
	uri: "uri", email: "email", addressTemplate: "uri-template",
	runtimeExpression: `^\$message\.(header|payload)#(\/(([^\/~])|(~[01]))*)*`,
	componentKey:      `^[\w\d\.\-_]+$`,
	serverName:        `^[A-Za-z0-9_\-]+$`,
}

func (o ours) content(t valueType) string {
	switch {
	case t.content == isBinding:
		return "binding"
	case t.content == isHeaders && o.version < v30:
		return "headers"
	case t.content == isSchema, t.content == isHeaders, t.kinds == notNull.kinds, t.kinds == notBool.kinds:
		return "schema"
	}
	return ""
}

func kindsText(set kinds) string {
	var list []string
	for _, k := range []source.Kind{source.Array, source.Bool, source.Null, source.Number, source.Object, source.String} {
		if set.has(k) {
			list = append(list, k.String())
		}
	}
	if set == anything.kinds {
		return ""
	}
	return strings.Join(list, " or ")
}

// object returns the form of an object, which is one of its variants where it has any.
func (o ours) object(name string) *objectForm {
	base := o.fields(name)
	variants := o.variants(name, nil)
	if len(variants) == 0 {
		return base
	}
	f := &objectForm{id: name, variants: variants}
	if choice, ok := base.fields["type"]; ok && len(base.fields) == 1 { // the object is for a type that chooses no variant
		f.types = choice.form().choices
	} else {
		variants[""] = base
	}
	return f
}

// variants returns the variants of an object that have fields in the version, and their variants,
// by the values that choose them.
func (o ours) variants(name string, chosenBy []string) map[string]*objectForm {
	all := map[string]*objectForm{}
	for _, v := range o.objects[name].variants {
		f := o.fields(v.object)
		if !v.in.has(o.version) || len(f.fields) == 0 {
			continue
		}
		choice := v.field
		if v.value != "" {
			choice += "=" + v.value
		}
		by := append(slices.Clone(chosenBy), choice)
		all[strings.Join(by, " ")] = f
		maps.Copy(all, o.variants(v.object, by))
	}
	return all
}

func (o ours) fields(name string) *objectForm {
	table := o.objects[name]
	f := &objectForm{id: name, fields: map[string]fieldForm{}, others: "extensions"}
	if table.noExtensions {
		f.others = "none"
	}
	if table.open.has(o.version) {
		f.others = "any"
	}
	if table.anyOf.in.has(o.version) {
		f.anyOf = strings.Join(slices.Sorted(slices.Values(table.anyOf.fields)), " ")
	}
	for _, row := range table.fields {
		if row.in.has(o.version) {
			f.fields[row.name] = fieldForm{row.presence == required, func() form { return o.form(row.is) }}
		}
	}
	return f
}
