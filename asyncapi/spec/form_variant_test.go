package spec

import (
	"fmt"
	"maps"
	"strings"
)

// flat returns the schemas of a oneOf, and those of the oneOfs in it.
func (o official) flat(list any) []schema {
	var all []schema
	for _, item := range list.([]any) {
		if _, ok := o.wellKnown(item.(schema)); ok {
			all = append(all, item.(schema))
			continue
		}
		s := o.resolve(item.(schema))
		if inner, ok := s["oneOf"]; ok {
			all = append(all, o.flat(inner)...)
		} else {
			all = append(all, s)
		}
	}
	return all
}

// oneOf reads alternatives: a reference, an object or its variants, and more.
func (o official) oneOf(s schema, list []schema) form {
	var f form
	var objects []schema
	for _, item := range list {
		switch known, ok := o.wellKnown(item); {
		case ok:
			f.reference = "or a reference"
			if known.reference == "" {
				o.t.Fatalf("oneOf with a schema: %v", item)
			}
		case item["type"] == "array":
			f.more = "array"
		default:
			objects = append(objects, item)
		}
	}
	switch len(objects) {
	case 0:
		o.t.Fatalf("a oneOf of references: %v", s)
	case 1:
		one := o.form(objects[0])
		one.reference, one.more = f.reference, f.more
		f = one
	default:
		f.kinds = "object"
		f.object = &objectForm{id: fmt.Sprint(s["$id"]), variants: map[string]*objectForm{}}
		for _, item := range objects {
			maps.Copy(f.object.variants, o.variant(item))
		}
		f.object.types = typesOf(f.object.variants)
	}
	return f
}

// variant returns a variant by the values of the fields that choose it: once for each value.
func (o official) variant(s schema) map[string]*objectForm {
	keys := []string{""}
	properties := s["properties"].(schema)
	for _, name := range []string{"type", "scheme", "oneOf"} {
		field, ok := properties[name].(schema)
		if !ok {
			continue
		}
		choices, _ := field["enum"].([]any)
		if name == "oneOf" {
			keys = []string{"oneOf"}
		}
		var longer []string
		for _, key := range keys {
			for _, c := range choices {
				longer = append(longer, strings.TrimSpace(key+" "+name+"="+c.(string)))
			}
		}
		if choices != nil {
			keys = longer
			field = maps.Clone(field)
			delete(field, "enum") // the key says it
			properties = maps.Clone(properties)
			properties[name] = field
		}
	}
	s = maps.Clone(s)
	s["properties"] = properties
	if not, ok := s["not"].(schema); ok {
		if scheme, ok := not["properties"].(schema)["scheme"].(schema); ok && joined(scheme["enum"]) == "bearer" {
			delete(s, "not") // the variant of this value is chosen then
		}
	}
	all := map[string]*objectForm{}
	for _, key := range keys {
		all[key] = o.form(s).object
	}
	return all
}

// typesOf returns the types by which variants are chosen.
func typesOf(variants map[string]*objectForm) string {
	types := map[string]bool{}
	for key := range variants {
		if value, ok := strings.CutPrefix(key, "type="); ok {
			types[strings.Fields(value)[0]] = true
		}
	}
	return names(types)
}
