package payload

import (
	"errors"
	"reflect"
	"strings"
	"unsafe"
)

// A union is a value of one of several types: a struct in Go, with an interface as its only field.
type union struct {
	field    reflect.Type // the interface
	variants []variant
	byKind   [ObjectKind + 1]int // the number of the variant for each kind, from 1 on; all 0 when kinds do not tell
	kinds    bool
	byValue  map[string]*variant // of the member that tells the variants apart
	values   []string            // of it
	wanted   string              // the kinds
	choice   *signTable          // what tells the variants apart otherwise, nil when one of these does
}

// A variant is one of the types of a union.
type variant struct {
	program *program
	held    reflect.Type // what the interface holds: the type or a pointer to it
	values  []string     // of the member that tells it from the others, if one does
	overlap *Overlap     // nil when no value is of another variant
}

// unionOf makes p the program of a union.
func (c *compiler) unionOf(p *program) {
	p.read, p.write, p.check = readUnion, writeUnion, checkUnion
	if c.fields(p.typ, 1); p.typ.Field(0).Type.Kind() != reflect.Interface {
		c.refuse("its field is no interface")
	}
	u := &union{field: p.typ.Field(0).Type, byValue: map[string]*variant{}}
	p.union = u
	u.variants = make([]variant, len(p.codec.Union))
	var wanted []string
	signs := make([][]Sign, len(u.variants))
	for i := range p.codec.Union {
		of := &p.codec.Union[i]
		signs[i] = of.Signs
		pointer := reflect.TypeOf(of.Type)
		v := &u.variants[i]
		v.program, v.held = c.codec(codecOf(of.Type), pointer.Elem()), pointer
		if pointer.Elem().Implements(u.field) {
			v.held = pointer.Elem()
		}
		if !v.held.Implements(u.field) {
			c.refuse("a " + v.held.String() + " is no " + u.field.String())
		}
		v.values, v.overlap = of.Values, of.Overlap
		for _, kind := range of.Kinds {
			u.kinds, u.byKind[kind] = true, i+1
			wanted = append(wanted, kind.String())
		}
		for _, value := range of.Values {
			u.byValue[value] = v
			u.values = append(u.values, value)
		}
	}
	if u.wanted = strings.Join(wanted, " or "); !u.kinds && p.codec.By == "" {
		u.choice = newSignTable(signs)
	}
}

// value returns the interface of the union at an address.
func (u *union) value(at unsafe.Pointer) reflect.Value { return reflect.NewAt(u.field, at).Elem() }

// readUnion reads the variant that the kind of the value or a member of it tells, or the one that fits it best.
func readUnion(p *program, d *decoder, at unsafe.Pointer) {
	u := p.union
	switch by := p.codec.By; {
	case u.kinds:
		if i := u.byKind[d.Kind()]; i > 0 {
			u.variants[i-1].read(u, d, at)
		} else {
			d.mismatch(u.wanted)
		}
	case by != "":
		if v := u.byValue[d.Peek(by)]; v != nil {
			v.read(u, d, at)
		} else {
			d.NoVariant(by, u.values...)
		}
	default:
		u.choose(p.codec, d, at)
	}
}

// choose reads the variant that the value can be of, as its type and its members tell. Where several are left they are tried.
func (u *union) choose(of *Codec, d *decoder, at unsafe.Pointer) {
	start, keyword := d.pos, "anyOf"
	if of.OneOf != "" {
		keyword = "oneOf"
	}
	seen, variant, several := d.only(u.choice, keyword)
	if variant >= 0 {
		u.variants[variant].read(u, d, at)
	}
	if !several {
		return
	}
	tries := make([]func(*decoder), len(u.variants))
	for i := range u.variants {
		tries[i] = func(d *decoder) { u.variants[i].read(u, d, at) }
	}
	d.best(u.choice, seen, tries)
	if of.OneOf != "" {
		d.CheckSchema(start, *of.Schemas, of.OneOf)
	}
}

// read reads a value of the variant into a union.
func (v *variant) read(u *union, d *decoder, at unsafe.Pointer) {
	value := reflect.New(v.program.typ)
	v.program.read(v.program, d, value.UnsafePointer())
	if v.held != v.program.pointer {
		value = value.Elem()
	}
	u.value(at).Set(value)
}

// heldBy returns the variant that a union has, and the address of its value; nil when it has none.
func (u *union) heldBy(at unsafe.Pointer) (*variant, unsafe.Pointer) {
	value := u.value(at)
	if value.IsNil() {
		return nil, nil
	}
	value = value.Elem()
	for i := range u.variants {
		v := &u.variants[i]
		switch {
		case value.Type() != v.held:
		case v.held == v.program.pointer:
			return v, value.UnsafePointer()
		default:
			copied := reflect.New(v.held)
			copied.Elem().Set(value)
			return v, copied.UnsafePointer()
		}
	}
	return nil, nil
}

func writeUnion(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	v, value := p.union.heldBy(at)
	if value == nil {
		return dst, ErrNoValue
	}
	if by := p.codec.By; by != "" {
		var err error
		if value, err = v.told(by, value); err != nil {
			return dst, err
		}
	}
	return v.program.write(v.program, dst, value)
}

func checkUnion(p *program, r *report, at unsafe.Pointer) {
	v, value := p.union.heldBy(at)
	switch {
	case value == nil:
		r.NoValue()
	case v.overlap != nil && overlaps(v.overlap, p.union.choice, v.program, value):
		write := func(dst []byte) ([]byte, error) { return p.write(p, dst, at) }
		checkOne(r, write, *p.codec.Schemas, p.codec.OneOf, func(r *report) { v.check(r, value) })
	case p.codec.By != "":
		v.checkTold(r, p.codec.By, value)
	default:
		v.check(r, value)
	}
}

// checkTold checks a value of the variant with the member that tells it from the others.
func (v *variant) checkTold(r *report, by string, value unsafe.Pointer) {
	told, err := v.told(by, value)
	if err == nil {
		v.check(r, told)
		return
	}
	mark := r.Mark()
	if v.check(r, value); r.Mark() == mark {
		r.Add("oneOf", err.Error())
	}
}

func (v *variant) check(r *report, value unsafe.Pointer) {
	if v.program.check != nil {
		v.program.check(v.program, r, value)
	}
}

// A scalar of one of several kinds is a struct with the kind and a field for each.

// scalarsOf makes p the program of such a scalar.
func (c *compiler) scalarsOf(p *program) {
	p.read, p.write, p.check = readScalars, writeScalars, checkScalars
	if c.fields(p.typ, 1+len(p.codec.Scalars)); p.typ.Field(0).Type != reflect.TypeFor[Kind]() {
		c.refuse("its first field is no payload.Kind")
	}
	p.fields = &fields{members: make([]member, ObjectKind+1)} // by kind
	var wanted []string
	for i := range p.codec.Scalars {
		field := p.typ.Field(i + 1)
		of := c.value(&p.codec.Scalars[i], field.Type)
		kind := scalars[max(p.codec.Scalars[i].As, scalarOf(field.Type))].kind
		p.fields.members[kind] = member{program: of, offset: field.Offset}
		wanted = append(wanted, kind.String())
	}
	p.union = &union{wanted: strings.Join(wanted, " or ")}
}

func readScalars(p *program, d *decoder, at unsafe.Pointer) {
	kind := d.Kind()
	*(*Kind)(at) = kind
	if m := &p.fields.members[kind]; m.program != nil {
		m.program.read(m.program, d, unsafe.Add(at, m.offset))
	} else {
		d.mismatch(p.union.wanted)
	}
}

// held returns the field that has the value, nil when there is none.
func (p *program) held(at unsafe.Pointer) *member {
	if kind := *(*Kind)(at); int(kind) < len(p.fields.members) && p.fields.members[kind].program != nil {
		return &p.fields.members[kind]
	}
	return nil
}

func writeScalars(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	m := p.held(at)
	if m == nil {
		return dst, ErrNoValue
	}
	return m.program.write(m.program, dst, unsafe.Add(at, m.offset))
}

func checkScalars(p *program, r *report, at unsafe.Pointer) {
	switch m := p.held(at); {
	case m == nil:
		r.NoValue()
	case m.check != nil:
		m.check(m.program, r, unsafe.Add(at, m.offset))
	}
}

// ErrNoValue is the reason why a union without a value has no JSON.
var ErrNoValue = errors.New("has no value")

// NoValue reports a union without a value.
func (r *report) NoValue() { r.Add("type", ErrNoValue.Error()) }

// Peek returns the string that the member called name of the next value has, without reading the value. It returns ""
// when the value is no object or has no such string.
func (d *decoder) Peek(name string) string {
	for members := d.glance(); members.next(); {
		if string(members.name) == name {
			return string(members.string())
		}
	}
	return ""
}

// NoVariant reports that the member called name has none of the values that distinguish the
// variants, and skips the value.
func (d *decoder) NoVariant(name string, values ...string) {
	at := d.Offset()
	if d.Kind() != ObjectKind {
		d.mismatch("object")
		return
	}
	found := d.Peek(name)
	if d.any(); d.broken || d.counted() {
		return
	}
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, quote(v))
	}
	d.Violate(at, "oneOf", "has "+quote(found)+" as "+quote(name)+", want one of "+strings.Join(quoted, ", "))
}
