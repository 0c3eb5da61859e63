package payload

import "math/bits"

// A Choice is what tells the variants of a union apart before one of them is read: the type of the value, and the names of the members
// of an object. It is made once for a union.
type Choice struct {
	variants [][]sign          // by variant; each value of it has one of these
	bits     map[string]uint64 // of the members that count; 0 of those beyond the 64th
}

// A Sign is what a value of a variant of a union looks like. A variant that has several looks like one of them.
type Sign struct {
	Variant int      // which one of the union's
	Types   Types    // of the value; numbers are TypeNumber
	Needs   []string // the members that an object must have, of those that tell variants apart
	Lacks   []string // the members that an object must not have, of the same
}

// A sign is a Sign with a bit for each member.
type sign struct {
	types        Types
	needs, lacks uint64
}

// NewChoice returns the choice of a union, with a sign for each of its variants at least.
func NewChoice(signs ...Sign) *Choice {
	c := &Choice{bits: map[string]uint64{}}
	for _, s := range signs {
		for len(c.variants) <= s.Variant {
			c.variants = append(c.variants, nil)
		}
		of := &c.variants[s.Variant]
		types := s.Types
		if types == 0 {
			types = ^types
		}
		*of = append(*of, sign{types, c.mask(s.Needs), c.mask(s.Lacks)})
	}
	return c
}

// mask returns the bits of members.
func (c *Choice) mask(members []string) (mask uint64) {
	for _, name := range members {
		bit, known := c.bits[name]
		if !known {
			bit = 1 << len(c.bits)
			c.bits[name] = bit
		}
		mask |= bit
	}
	return mask
}

// HasAny says whether one of members tells the variants of the union apart.
func HasAny[M ~map[string]T, T any](c *Choice, members M) bool {
	for name := range members {
		if _, counts := c.bits[name]; counts {
			return true
		}
	}
	return false
}

// A look is what is seen of a value before it is read.
type look struct {
	is      Types
	members uint64 // that count
	isJSON  bool   // as far as has been looked
}

// look looks at the next value.
func (d *Decoder) look(c *Choice) look {
	kind := d.Kind()
	seen := look{is: typeOfKind[kind], isJSON: kind != None}
	if seen.is != TypeObject || len(c.bits) == 0 {
		return seen
	}
	members := d.glance()
	for members.next() {
		seen.members |= c.bits[string(members.name)]
	}
	seen.isJSON = members.whole
	return seen
}

var typeOfKind = [...]Types{NullKind: TypeNull, BoolKind: TypeBoolean, NumberKind: TypeNumber, StringKind: TypeString, ArrayKind: TypeArray, ObjectKind: TypeObject}

// allows says whether a value that looks so can be of a variant.
func (c *Choice) allows(variant int, seen look) bool {
	for _, s := range c.variants[variant] {
		if s.types&seen.is != 0 && s.needs&^seen.members|s.lacks&seen.members == 0 {
			return true
		}
	}
	return false
}

// candidates returns how many variants a value can be of that looks so, and the first of them.
func (c *Choice) candidates(seen look) (count, first int) {
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
func (c *Choice) closest(seen look) int {
	best, least := 0, 0
	for variant, signs := range c.variants {
		for _, s := range signs {
			against := bits.OnesCount64(s.needs&^seen.members) + bits.OnesCount64(s.lacks&seen.members)
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
