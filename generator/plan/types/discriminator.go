package types

import (
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/runtime/payload"
)

// discriminator returns the member that distinguishes the variants by constants of its own, or else
// the contract's discriminator.
func (t *Builder) discriminator(sh shape) string {
	if member := t.constantDiscriminator(sh.variants); member != "" {
		return member
	}
	d := sh.schema.Discriminator
	if d == nil {
		return ""
	}
	seen := map[string]bool{}
	for _, v := range sh.variants {
		if t.shapeOf(v).kind != shapeStruct || !t.canSay(v, d.Property) {
			return ""
		}
		own := t.variantValues(sh.schema, v, d.Property)
		if len(own) == 0 {
			return ""
		}
		for _, value := range own {
			if seen[value] {
				return ""
			}
			seen[value] = true
		}
	}
	return d.Property
}

// canSay reports whether values of an object can have a text as the member called name. Without it
// no value could be told from the others by that.
func (t *Builder) canSay(v *schema.Schema, name string) bool {
	s := t.shapeOf(v).schema
	if m, described := t.membersOf(s)[name]; described {
		return !m.never && m.types&payload.TypeString != 0
	}
	return !isFalse(s.AdditionalProperties)
}

// variantValues returns the values of member that mean the variant v: its constants, else those of the
// discriminator's mapping, else its name; none when it has no name.
func (t *Builder) variantValues(s, v *schema.Schema, member string) []string {
	if constants := t.membersOf(t.shapeOf(v).schema)[member].values; len(constants) > 0 {
		return constants
	}
	var mapped []string
	if s.Discriminator != nil {
		for _, m := range s.Discriminator.Mapping {
			if m.Schema == v {
				mapped = append(mapped, m.Value)
			}
		}
	}
	if len(mapped) > 0 || v.Name == "" {
		return mapped
	}
	return []string{v.Name}
}

// constantDiscriminator returns the member that all variants require and whose constants
// distinguish them, "" when there is none.
func (t *Builder) constantDiscriminator(variants []*schema.Schema) string {
	for _, p := range t.shapeOf(variants[0]).schema.Properties {
		if t.tellsApart(p.Name, variants) {
			return p.Name
		}
	}
	return ""
}

func (t *Builder) tellsApart(name string, variants []*schema.Schema) bool {
	seen := map[string]bool{}
	for _, v := range variants {
		sh := t.shapeOf(v)
		m := t.membersOf(sh.schema)[name]
		if sh.kind != shapeStruct || !m.required || len(m.values) == 0 {
			return false
		}
		for _, value := range m.values {
			if seen[value] {
				return false
			}
			seen[value] = true
		}
	}
	return true
}

// A member is what the values of an object have in common.
type member struct {
	required bool
	never    bool          // no value has it
	values   []string      // that it can be; nil when it is not an enumeration of strings
	types    payload.Types // that it can be, as typesOf has them
}

// membersOf returns the properties of s, and what it requires, by their names.
func (t *Builder) membersOf(s *schema.Schema) map[string]member {
	if known, ok := t.members[s]; ok {
		return known
	}
	required := setOf(s.Required)
	all := make(map[string]member, len(s.Properties))
	for _, name := range s.Required {
		all[name] = member{required: true, types: allTypes}
	}
	for _, p := range s.Properties {
		of := t.viewOf(p.Schema).schema
		all[p.Name] = member{required: required[p.Name], never: isFalse(of), values: stringsOf(values(of)), types: typesOf(of)}
	}
	t.members[s] = all
	return all
}

// stringsOf returns the texts of values that are all strings, nil when they are not.
func stringsOf(values []*source.Value) []string {
	var all []string
	for _, v := range values {
		if v.Kind != source.String {
			return nil
		}
		all = append(all, v.Text)
	}
	return all
}
