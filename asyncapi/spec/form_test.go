package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A form is what a valueType and an official JSON schema both can say of a value, in one version.
type form struct {
	kinds     string // "object", "array or string", "" for any
	reference string // "", "or a reference", "a reference alone"
	content   string // "schema", "headers", "binding": what is not compared further
	choices   string // of a string, sorted
	format    string // of a string
	unique    string // of an array: "", "items" or the name of a field
	items     *form
	names     string // of a map: the format of its names
	values    *form  // of a map
	more      string // other kinds of value that are allowed as well
	object    *objectForm
}

// An objectForm is what both say of the fields of an object.
type objectForm struct {
	id       string // what makes it one
	fields   map[string]fieldForm
	others   string // fields without a row: "none", "extensions" or "any"
	anyOf    string
	variants map[string]*objectForm // by the values that choose them: "type=http"
	types    string                 // the values of "type" that choose a variant
}

type fieldForm struct {
	required bool
	form     func() form // a function, as objects contain one another
}

// A comparison collects the facts in which two forms differ.
type comparison struct {
	facts []string
	done  map[string]bool
}

func (c *comparison) differs(path, what string, ours, theirs any) {
	if ours != theirs {
		c.facts = append(c.facts, fmt.Sprintf("%s: %s: ours %v, official %v", path, what, quoted(ours), quoted(theirs)))
	}
}

func quoted(v any) any {
	if s, ok := v.(string); ok && s == "" {
		return "-"
	}
	return v
}

func (c *comparison) forms(path string, ours, theirs form) {
	c.differs(path, "content", ours.content, theirs.content)
	if ours.content != "" {
		return
	}
	c.differs(path, "kinds", ours.kinds, theirs.kinds)
	c.differs(path, "reference", ours.reference, theirs.reference)
	c.differs(path, "choices", ours.choices, theirs.choices)
	c.differs(path, "format", ours.format, theirs.format)
	c.differs(path, "unique", ours.unique, theirs.unique)
	c.differs(path, "names", ours.names, theirs.names)
	c.differs(path, "more", ours.more, theirs.more)
	c.parts(path+"[]", ours.items, theirs.items)
	c.parts(path+"{}", ours.values, theirs.values)
	if c.differs(path, "fields are listed", ours.object != nil, theirs.object != nil); ours.object != nil && theirs.object != nil {
		c.objects(ours.object, theirs.object)
	}
}

func (c *comparison) parts(path string, ours, theirs *form) {
	c.differs(path, "are described", ours != nil, theirs != nil)
	if ours != nil && theirs != nil {
		c.forms(path, *ours, *theirs)
	}
}

// objects compares two objects. The facts have the name of ours.
func (c *comparison) objects(ours, theirs *objectForm) {
	if key := ours.id + " " + theirs.id; c.done[key] {
		return
	} else {
		c.done[key] = true
	}
	if len(ours.variants) > 0 || len(theirs.variants) > 0 {
		c.differs(ours.id, "variants", names(ours.variants), names(theirs.variants))
		c.differs(ours.id, "types", ours.types, theirs.types)
		for _, name := range slices.Sorted(maps.Keys(ours.variants)) {
			if v := theirs.variants[name]; v != nil {
				c.objects(ours.variants[name], v)
			}
		}
		return
	}
	for _, o := range []*objectForm{ours, theirs} {
		maps.DeleteFunc(o.fields, func(_ string, f fieldForm) bool { // a list that is open says nothing by the names of protocols
			return o.others == "any" && f.form().content == "binding"
		})
	}
	for _, name := range slices.Sorted(maps.Keys(both(ours.fields, theirs.fields))) {
		_, mine := ours.fields[name]
		_, official := theirs.fields[name]
		c.differs(ours.id+"."+name, "is a field", mine, official)
	}
	c.differs(ours.id, "other fields", ours.others, theirs.others)
	c.differs(ours.id, "any of", ours.anyOf, theirs.anyOf)
	for _, name := range slices.Sorted(maps.Keys(ours.fields)) {
		mine, theirs := ours.fields[name], theirs.fields[name]
		if theirs.form != nil {
			c.differs(ours.id+"."+name, "required", mine.required, theirs.required)
			c.forms(ours.id+"."+name, mine.form(), theirs.form())
		}
	}
}

func both[T any](a, b map[string]T) map[string]T {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func names[T any](m map[string]T) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }
