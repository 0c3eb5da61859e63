package payload

import "unsafe"

// An Overlap says when a Go value of one variant of a union could also be of another: when it has
// everything that the other one requires.
type Overlap struct {
	Always  bool       // nothing tells
	Members []string   // optional ones with a field: when one of them is there
	Others  bool       // when there is a member without a field that tells variants apart
	Within  []*Overlap // of a variant that is a union itself: those of its variants, nil for none
}

// overlaps says whether the value at an address, which is of the type of p, could be of another variant.
func overlaps(o *Overlap, c *signTable, p *program, at unsafe.Pointer) bool {
	if o.Always {
		return true
	}
	if p.codec.Schema != "" {
		p = p.item
	}
	if p.union != nil {
		return overlapsWithin(o, c, p.union, at)
	}
	for _, name := range o.Members {
		if i := p.fields.find([]byte(name), 0); i >= 0 && p.fields.members[i].value(at) != nil {
			return true
		}
	}
	return o.Others && p.fields.hasOther(c, at)
}

func overlapsWithin(o *Overlap, c *signTable, u *union, at unsafe.Pointer) bool {
	v, value := u.heldBy(at)
	for i, inner := range o.Within {
		if inner != nil && v == &u.variants[i] {
			return overlaps(inner, c, v.program, value)
		}
	}
	return false
}

// hasOther says whether there is a member without a field that tells the variants of a union apart.
func (f *fields) hasOther(c *signTable, at unsafe.Pointer) bool {
	for i := range f.patterns {
		if p := &f.patterns[i]; p.hasEntry(c, unsafe.Add(at, p.offset)) {
			return true
		}
	}
	return f.rest != nil && f.rest.hasEntry(c, unsafe.Add(at, f.restAt))
}

// hasEntry says whether a map has a member that tells the variants of a union apart.
func (p *program) hasEntry(c *signTable, at unsafe.Pointer) bool {
	if mapLen(at) == 0 {
		return false
	}
	var room [16]string
	for _, name := range p.mapped.names(p.mapped, at, room[:0]) {
		if c.members[name] != nil {
			return true
		}
	}
	return false
}

// checkOne checks a union of which one variant alone must fit, where only the schema called name decides whether that is so. check reports
// what is wrong with the value as the variant that it is. The value is written once for all unions that are checked so within it.
func checkOne(r *report, encode func([]byte) ([]byte, error), schemas Schemas, name string, check func(*report)) {
	if r.sound || !r.isSound(encode, schemas, name) {
		mark := r.Mark()
		check(r)
		if !r.sound && !r.tooDeep {
			checkSchema(r, mark, encode, schemas, name)
		}
		return
	}
	r.sound = true
	check(r)
	r.sound = false
}

// isSound says whether the schema called name finds nothing wrong with what encode appends.
func (r *report) isSound(encode func([]byte) ([]byte, error), schemas Schemas, name string) bool {
	text, err := encode(nil)
	if err != nil {
		return false
	}
	of, ok := parse(text)
	if !ok {
		return false
	}
	work := budgetOf(len(text))
	c := newSchemaCheck(schemas, of, &work)
	return c.holds(c.target(name), 0) && !work.over()
}
