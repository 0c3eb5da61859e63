package types

import (
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A look is what the values of a schema of one Go type have in common.
type look struct {
	types    payload.Types // as typesOf has them
	isStruct bool          // they are objects, of which more is known
	members  map[string]member
	required []string // names of members, sorted
	closed   bool     // they have no other members
}

// looksOf returns what values of s look like: those of a union are like one of its variants.
func (t *Builder) looksOf(s *schema.Schema) []look {
	if t.looks[s] == nil {
		t.looks[s] = t.newLooks(s)
	}
	return t.looks[s]
}

func (t *Builder) newLooks(s *schema.Schema) []look {
	sh := t.shapeOf(s)
	switch sh.kind {
	case shapeStruct:
		return []look{{
			types: kindSet(t.kindsOf(s)), isStruct: true, members: t.membersOf(sh.schema), required: slices.Compact(slices.Sorted(slices.Values(sh.schema.Required))),
			closed: isFalse(sh.schema.AdditionalProperties) && len(sh.schema.PatternProperties) == 0,
		}}
	case shapeUnion:
		var all []look
		for _, v := range sh.variants {
			all = append(all, t.looksOf(v)...)
		}
		if len(all) <= maxLooks {
			return all
		}
	}
	return []look{{types: kindSet(t.kindsOf(s))}}
}

// allTypes is all types that typesOf has.
var allTypes = kindSet(kindsOfTypes(nil))

// kindSet returns the types that are kinds.
func kindSet(kinds []payload.Kind) (set payload.Types) {
	for _, k := range kinds {
		set |= jsonTypes[k.String()]
	}
	return set
}

// typesOf returns the types of values of s, with a number for an integer, and all where s names none.
func typesOf(s *schema.Schema) payload.Types {
	set := kindSet(kindsOfTypes(s.Types))
	if s.Nullable {
		set |= payload.TypeNull
	}
	return set
}

// needs reports whether each value has the member called name.
func (l look) needs(name string) bool { return l.members[name].required }

// lacks reports whether no value has it.
func (l look) lacks(name string) bool {
	m, known := l.members[name]
	return m.never || l.closed && !known
}

// areApart reports whether no value can be of two of the variants.
func (t *Builder) areApart(variants []*schema.Schema) bool {
	if t.haveOwnKinds(variants) || t.constantDiscriminator(variants) != "" {
		return true
	}
	for i, v := range variants {
		for _, other := range variants[:i] {
			if !t.isApart(v, other) {
				return false
			}
		}
	}
	return true
}

// isApart reports whether no value can be of both schemas.
func (t *Builder) isApart(s, other *schema.Schema) bool {
	for _, x := range t.looksOf(s) {
		for _, y := range t.looksOf(other) {
			if !t.cannotBe(x, y) {
				return false
			}
		}
	}
	return true
}

// cannotBe reports whether nothing looks like both: the kinds differ, or a member that one of them
// needs is not what the other has there.
func (t *Builder) cannotBe(x, y look) bool {
	return x.types&y.types == 0 || x.isStruct && y.isStruct && (t.hasAnother(x, y) || t.hasAnother(y, x))
}

// hasAnother reports whether x needs a member that y has otherwise or never.
func (t *Builder) hasAnother(x, y look) bool {
	return t.spendComparing(len(x.required)) && slices.ContainsFunc(x.required, func(name string) bool {
		one, other := x.members[name], y.members[name]
		return y.lacks(name) || other.required && (one.types&other.types == 0 || one.values != nil && other.values != nil && areDisjoint(one.values, other.values))
	})
}

func areDisjoint(x, y []string) bool {
	return !slices.ContainsFunc(x, func(one string) bool { return slices.Contains(y, one) })
}

// giveSigns gives the variants of a union the signs of their schemas. A member that all need tells
// nothing.
func (t *Builder) giveSigns(variants []Variant, schemas []*schema.Schema) {
	var all []look
	for _, v := range schemas {
		all = append(all, t.looksOf(v)...)
	}
	told := map[string]bool{}
	for _, name := range needed(all) {
		told[name] = t.spendComparing(len(all)) && slices.ContainsFunc(all, func(l look) bool { return l.isStruct && !l.needs(name) })
	}
	left := maxLacks
	for i, v := range schemas {
		for _, l := range t.looksOf(v) {
			sign := payload.Sign{Lacks: t.lacking(l, all, left), Members: t.tellingMembers(l, all)}
			if l.types != allTypes {
				sign.Types = l.types
			}
			for _, name := range l.required {
				if told[name] {
					sign.Needs = append(sign.Needs, name)
				}
			}
			left -= len(sign.Lacks)
			variants[i].Signs = append(variants[i].Signs, sign)
		}
	}
}

// tellingMembers returns what values which look like l have as members that others need too, and
// have otherwise.
func (t *Builder) tellingMembers(l look, all []look) []payload.SignMember {
	var members []payload.SignMember
	for _, name := range l.required {
		if !t.spendComparing(len(all)) {
			break
		}
		own, made := l.members[name], payload.SignMember{Name: name}
		for _, other := range all {
			m := other.members[name]
			switch {
			case !other.isStruct || !m.required:
			case own.types&m.types == 0:
				made.Types = own.types
			case own.values != nil && m.values != nil && areDisjoint(own.values, m.values):
				made.Texts = own.values
			}
		}
		if made.Types != 0 || made.Texts != nil {
			members = append(members, made)
		}
	}
	return members
}

// needed returns the names of the members that some of looks need, sorted.
func needed(looks []look) []string {
	all := map[string]bool{}
	for _, l := range looks {
		for _, name := range l.required {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// lacking returns members, at most so many, that values which look like l lack: one that the others
// need, for each of those that can have all that l needs.
func (t *Builder) lacking(l look, all []look, most int) []string {
	lacks := map[string]bool{}
	for _, other := range all {
		if !t.spendComparing(len(l.required) + len(other.required)) {
			break
		}
		if !l.isStruct || !other.isStruct || slices.ContainsFunc(l.required, other.lacks) {
			continue
		}
		if i := slices.IndexFunc(other.required, l.lacks); i >= 0 && len(lacks) < most {
			lacks[other.required[i]] = true
		}
	}
	return slices.Sorted(maps.Keys(lacks))
}
