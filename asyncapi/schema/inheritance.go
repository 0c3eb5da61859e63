package schema

import (
	"cmp"
	"slices"
)

// This file reads inheritance as it is written with a discriminator: schemas extend a parent by
// allOf, and a reference to the parent means one of them. The parent often has its heirs in a oneOf,
// too. Read literally, each would be a part of itself.

// ReadInheritance makes each schema with a discriminator that others extend a choice of its heirs.
// What it says itself becomes a schema of its own, which the heirs extend instead. Without a oneOf or
// anyOf the heirs are all schemas with a name that extend it, and it is one of them, as AsyncAPI's
// and OpenAPI's rules for discriminator say. Call it when all schemas have been read.
func (r *Reader) ReadInheritance() {
	var all, parents []*Schema
	for s := range r.All() {
		all = append(all, s)
		if s.Discriminator != nil {
			parents = append(parents, s)
		}
	}
	byPosition := func(x, y *Schema) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column), cmp.Compare(x.Path, y.Path))
	}
	slices.SortFunc(parents, byPosition)
	slices.SortFunc(all, byPosition)
	extends := extensionsOf(all)
	for _, parent := range parents {
		heirs := extends.heirs(parent)
		choice := slices.Concat(parent.OneOf, parent.AnyOf)
		switch {
		case len(heirs) == 0:
		case len(choice) > 0:
			extends.separate(parent, choice)
		case parent.Name != "":
			named := slices.DeleteFunc(slices.Clone(heirs), func(s *Schema) bool { return s.Name == "" || !slices.Contains(all, s) })
			slices.SortFunc(named, byPosition)
			if base := extends.separate(parent, named); base != nil {
				parent.AnyOf = append([]*Schema{base}, parent.AnyOf...)
				parent.Discriminator = withItself(parent, base)
				base.Name = parent.Name + "Base"
			}
		}
	}
}

// extensions has the schemas that extend a schema: those with it in their allOf.
type extensions map[*Schema][]*Schema

func extensionsOf(all []*Schema) extensions {
	e := extensions{}
	for _, s := range all {
		for _, part := range s.AllOf {
			e[part] = append(e[part], s)
		}
	}
	return e
}

// heirs returns all schemas that extend parent, those that extend these, and so on. A schema that
// extends itself is not an heir of its own.
func (e extensions) heirs(parent *Schema) []*Schema {
	var all []*Schema
	seen := map[*Schema]bool{parent: true}
	left := e[parent]
	for len(left) > 0 {
		s := left[0]
		left = left[1:]
		if !seen[s] {
			seen[s] = true
			all = append(all, s)
			left = append(slices.Clip(left), e[s]...)
		}
	}
	return all
}

// separate makes a parent a choice of some of its heirs, and returns what it says itself. When the
// choice also has schemas that do not extend it, the parent keeps what it says. It does nothing, and
// returns nil, when there is no heir in the choice.
func (e extensions) separate(parent *Schema, choice []*Schema) *Schema {
	heirs := map[*Schema]bool{}
	for _, s := range e.heirs(parent) {
		heirs[s] = true
	}
	isHeir := func(s *Schema) bool { return heirs[s] }
	if !slices.ContainsFunc(choice, isHeir) || slices.Contains(parent.AllOf, parent) {
		return nil
	}
	base := *parent
	base.Name, base.Extensions, base.Examples, base.Default = "", nil, nil, nil
	base.OneOf, base.AnyOf, base.Discriminator = nil, nil, nil
	base.Path += " without its heirs"
	extend := map[*Schema]bool{}
	for _, s := range choice {
		extendInstead(s, parent, &base, extend)
	}
	if slices.ContainsFunc(choice, func(s *Schema) bool { return !isHeir(s) }) || parent.Nullable {
		return &base
	}
	*parent = Schema{
		Location: parent.Location, Name: parent.Name, Title: parent.Title, Description: parent.Description, Deprecated: parent.Deprecated,
		ReadOnly: parent.ReadOnly, WriteOnly: parent.WriteOnly, Default: parent.Default, Examples: parent.Examples,
		AnyOf: choice, Discriminator: parent.Discriminator, Extensions: parent.Extensions, Source: parent.Source,
	}
	return &base
}

// extendInstead lets s, and what it extends, extend base instead of parent. A schema that is no heir
// in the choice goes on to mean the choice: an allOf of the parent alone is one way to refer to it.
func extendInstead(s, parent, base *Schema, seen map[*Schema]bool) {
	if seen[s] {
		return
	}
	seen[s] = true
	for i, part := range s.AllOf {
		if part == parent {
			s.AllOf[i] = base
		} else {
			extendInstead(part, parent, base, seen)
		}
	}
}

// withItself returns the discriminator of a parent whose own name, or what its mapping has for it,
// means base.
func withItself(parent, base *Schema) *Discriminator {
	d := &Discriminator{Property: parent.Discriminator.Property, Mapping: slices.Clone(parent.Discriminator.Mapping)}
	isMapped := false
	for i := range d.Mapping {
		if d.Mapping[i].Schema == parent {
			d.Mapping[i].Schema = base
			isMapped = true
		}
	}
	if !isMapped {
		d.Mapping = append(d.Mapping, DiscriminatorMapping{Value: parent.Name, Schema: base})
	}
	return d
}
