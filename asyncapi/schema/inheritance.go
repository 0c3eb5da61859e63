package schema

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
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
	extends := inheritance{heirsOf: map[*Schema][]*Schema{}}
	for _, s := range all {
		for _, part := range s.AllOf {
			extends.heirsOf[part] = append(extends.heirsOf[part], s)
		}
	}
	for _, parent := range parents {
		heirs := extends.heirs(parent)
		if extends.steps > maxInheritance {
			p := parent.Problem(source.Unsupported, fmt.Sprintf("more than %d steps along allOf lead from schemas with a discriminator to those that extend them", maxInheritance), "see the limits in docs/contract.md")
			p.Feature = "limit/inheritance"
			r.problems.Add(p)
			return
		}
		choice := slices.Concat(parent.OneOf, parent.AnyOf)
		switch {
		case len(heirs) == 0:
		case len(choice) > 0:
			extends.separate(parent, heirs, choice)
		case parent.Name != "":
			named := slices.DeleteFunc(slices.Clone(heirs), func(s *Schema) bool { return s.Name == "" })
			slices.SortFunc(named, byPosition)
			if base := extends.separate(parent, heirs, named); base != nil {
				parent.AnyOf = append([]*Schema{base}, parent.AnyOf...)
				parent.Discriminator = withItself(parent, base)
				base.Name = parent.Name + "Base"
			}
		}
	}
}

// maxInheritance is how many steps along allOf may lead from all parents to their heirs and back. A
// long chain of schemas with a discriminator each would take the square of its length.
const maxInheritance = 200_000

// An inheritance knows which schemas extend others.
type inheritance struct {
	heirsOf map[*Schema][]*Schema // those with a schema in their allOf
	steps   int                   // that have been taken; see maxInheritance
}

// heirs returns all schemas that extend parent, those that extend these, and so on. A schema that
// extends itself is not an heir of its own.
func (in *inheritance) heirs(parent *Schema) []*Schema {
	var all []*Schema
	seen := map[*Schema]bool{parent: true}
	left := slices.Clone(in.heirsOf[parent])
	for len(left) > 0 && in.steps <= maxInheritance {
		in.steps++
		s := left[0]
		left = left[1:]
		if !seen[s] {
			seen[s] = true
			all = append(all, s)
			left = append(left, in.heirsOf[s]...)
		}
	}
	return all
}

// separate makes a parent a choice of some of its heirs, and returns what it says itself. When the
// choice also has schemas that do not extend it, the parent keeps what it says. It does nothing, and
// returns nil, when there is no heir in the choice.
func (in *inheritance) separate(parent *Schema, heirs, choice []*Schema) *Schema {
	heir := map[*Schema]bool{}
	for _, s := range heirs {
		heir[s] = true
	}
	isHeir := func(s *Schema) bool { return heir[s] }
	if !slices.ContainsFunc(choice, isHeir) || slices.Contains(parent.AllOf, parent) {
		return nil
	}
	base := *parent
	base.Name, base.Extensions, base.Examples, base.Default = "", nil, nil, nil
	base.OneOf, base.AnyOf, base.Discriminator = nil, nil, nil
	base.Path += " without its heirs"
	extend := map[*Schema]bool{}
	for _, s := range choice {
		in.extendInstead(s, parent, &base, extend)
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
func (in *inheritance) extendInstead(s, parent, base *Schema, seen map[*Schema]bool) {
	if seen[s] {
		return
	}
	in.steps++
	seen[s] = true
	for i, part := range s.AllOf {
		if part == parent {
			s.AllOf[i] = base
		} else {
			in.extendInstead(part, parent, base, seen)
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
