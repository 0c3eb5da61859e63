package payload

import (
	"math/bits"
	"slices"
)

// A signTable is what tells the variants of a union apart before one of them is read: the type of the value, and the members of an object. It is
// made once for a union.
type signTable struct {
	variants [][]sign           // by variant; each value of it has one of these
	members  map[string]*traits // of the members that count
	count    int                // of bits
}

// A Sign describes what distinguishes the values of a variant of a union. A variant may have
// several signs: then each of its values has one of them.
type Sign struct {
	Types   Types        // of the value; numbers are TypeNumber, and the zero value is all
	Needs   []string     // the members that an object must have, of those that tell variants apart
	Lacks   []string     // the members that an object must not have, of the same
	Members []SignMember // more of members that an object must have
}

// A SignMember describes a member that an object must have.
type SignMember struct {
	Name  string
	Types Types    // of its value, as in a Sign; the zero value is all
	Texts []string // that it can be; nil is all
}

// A sign is a Sign with a bit for each thing that an object can have.
type sign struct {
	types        Types
	needs, lacks uint64
}

// Traits are what tells variants apart about a member: that it is there, of a type, or a text. Each has a bit, but 0 beyond the 64th.
type traits struct {
	there uint64
	types map[Types]uint64
	texts map[string]uint64
}

// newSignTable returns that of a union whose variants have signs. A variant without any can be every value.
func newSignTable(signs [][]Sign) *signTable {
	c := &signTable{variants: make([][]sign, len(signs)), members: map[string]*traits{}}
	for _, of := range signs {
		for _, s := range of {
			for _, m := range s.Members {
				c.addTraits(m)
			}
		}
	}
	for i, of := range signs {
		if len(of) == 0 {
			of = []Sign{{}}
		}
		for _, s := range of {
			c.variants[i] = append(c.variants[i], c.sign(s))
		}
	}
	return c
}

func (c *signTable) sign(s Sign) sign {
	made := sign{types: s.Types, needs: c.there(s.Needs), lacks: c.there(s.Lacks)}
	if made.types == 0 {
		made.types = ^made.types
	}
	for _, m := range s.Members {
		made.lacks |= c.members[m.Name].others(m)
	}
	return made
}

// bit returns a new bit.
func (c *signTable) bit() uint64 {
	c.count++
	return 1 << (c.count - 1)
}

func (c *signTable) member(name string) *traits {
	if c.members[name] == nil {
		c.members[name] = &traits{types: map[Types]uint64{}, texts: map[string]uint64{}}
	}
	return c.members[name]
}

// there returns the bits of members that are there.
func (c *signTable) there(names []string) (bits uint64) {
	for _, name := range names {
		m := c.member(name)
		if m.there == 0 {
			m.there = c.bit()
		}
		bits |= m.there
	}
	return bits
}

func (c *signTable) addTraits(m SignMember) {
	known := c.member(m.Name)
	for _, is := range typeOfKind {
		if _, has := known.types[is]; !has && is&m.Types != 0 {
			known.types[is] = c.bit()
		}
	}
	for _, text := range m.Texts {
		if _, has := known.texts[text]; !has {
			known.texts[text] = c.bit()
		}
	}
}

// others returns the bits of what a member that is as m never is.
func (t *traits) others(m SignMember) (bits uint64) {
	for is, bit := range t.types {
		if m.Types != 0 && is&m.Types == 0 {
			bits |= bit
		}
	}
	for text, bit := range t.texts {
		if m.Texts != nil && !slices.Contains(m.Texts, text) {
			bits |= bit
		}
	}
	return bits
}

// A look is what is seen of a value before it is read.
type look struct {
	is     Types
	has    uint64 // the bits of what an object has
	isJSON bool   // as far as has been looked
}

// look looks at the next value.
func (d *Decoder) look(c *signTable) look {
	kind := d.Kind()
	seen := look{is: typeOfKind[kind], isJSON: kind != None}
	if seen.is != TypeObject || len(c.members) == 0 {
		return seen
	}
	members := d.glance()
	for members.next() {
		if m := c.members[string(members.name)]; m != nil {
			seen.has |= m.there | m.of(&members)
		}
	}
	seen.isJSON = members.whole
	return seen
}

// of returns the bits of what the value of a member is.
func (t *traits) of(member *glance) (bits uint64) {
	if len(t.types) > 0 {
		bits = t.types[typeOfKind[member.kind()]]
	}
	if len(t.texts) == 0 {
		return bits
	}
	if text := member.string(); text != nil {
		bits |= t.texts[string(text)]
	}
	return bits
}

var typeOfKind = [...]Types{NullKind: TypeNull, BoolKind: TypeBoolean, NumberKind: TypeNumber, StringKind: TypeString, ArrayKind: TypeArray, ObjectKind: TypeObject}

// allows says whether a value that looks so can be of a variant.
func (c *signTable) allows(variant int, seen look) bool {
	for _, s := range c.variants[variant] {
		if s.types&seen.is != 0 && s.needs&^seen.has|s.lacks&seen.has == 0 {
			return true
		}
	}
	return false
}

// candidates returns how many variants a value can be of that looks so, and the first of them.
func (c *signTable) candidates(seen look) (count, first int) {
	for variant := range c.variants {
		if !c.allows(variant, seen) {
			continue
		}
		if count == 0 {
			first = variant
		}
		count++
	}
	return count, first
}

// closest returns the variant that least speaks against, of a value that can be of none.
func (c *signTable) closest(seen look) int {
	best, least := 0, 0
	for variant, signs := range c.variants {
		for _, s := range signs {
			against := bits.OnesCount64(s.needs&^seen.has) + bits.OnesCount64(s.lacks&seen.has)
			if s.types&seen.is == 0 {
				against = 2 * 64
			}
			if variant == 0 || against < least {
				best, least = variant, against
			}
		}
	}
	return best
}
