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
}

// A variant is one of the types of a union.
type variant struct {
	program *program
	held    reflect.Type // what the interface holds: the type or a pointer to it
}

// unionOf makes p the program of a union.
func (c compiler) unionOf(p *program) {
	p.read, p.write, p.check = readUnion, writeUnion, checkUnion
	u := &union{field: p.typ.Field(0).Type, byValue: map[string]*variant{}}
	p.union = u
	u.variants = make([]variant, len(p.codec.Union))
	var wanted []string
	for i := range p.codec.Union {
		of := &p.codec.Union[i]
		pointer := reflect.TypeOf(of.Type)
		v := &u.variants[i]
		v.program, v.held = c.codec(of.Type.JSONCodec(), pointer.Elem()), pointer
		if pointer.Elem().Implements(u.field) {
			v.held = pointer.Elem()
		}
		for _, kind := range of.Kinds {
			u.kinds, u.byKind[kind] = true, i+1
			wanted = append(wanted, kind.String())
		}
		for _, value := range of.Values {
			u.byValue[value] = v
			u.values = append(u.values, value)
		}
	}
	u.wanted = strings.Join(wanted, " or ")
}

// value returns the interface of the union at an address.
func (u *union) value(at unsafe.Pointer) reflect.Value { return reflect.NewAt(u.field, at).Elem() }

// readUnion reads the variant that the kind of the value or a member of it tells, or the one that fits it best.
func readUnion(p *program, d *Decoder, at unsafe.Pointer) {
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
		tries := make([]func(*Decoder), len(u.variants))
		for i := range u.variants {
			tries[i] = func(d *Decoder) { u.variants[i].read(u, d, at) }
		}
		d.Choose(p.typ.Name(), tries...)
	}
}

// read reads a value of the variant into a union.
func (v *variant) read(u *union, d *Decoder, at unsafe.Pointer) {
	value := reflect.New(v.program.typ)
	v.program.read(v.program, d, value.UnsafePointer())
	if v.held != v.program.pointer {
		value = value.Elem()
	}
	u.value(at).Set(value)
}

// held returns the variant that a union has, and the address of its value; nil when it has none.
func (u *union) held(at unsafe.Pointer) (*program, unsafe.Pointer) {
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
			return v.program, value.UnsafePointer()
		default:
			copied := reflect.New(v.held)
			copied.Elem().Set(value)
			return v.program, copied.UnsafePointer()
		}
	}
	return nil, nil
}

func writeUnion(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	of, value := p.union.held(at)
	if value == nil {
		return dst, ErrNoValue
	}
	return of.write(of, dst, value)
}

func checkUnion(p *program, r *Report, at unsafe.Pointer) {
	of, value := p.union.held(at)
	switch {
	case value == nil:
		r.NoValue()
	case of.check != nil:
		of.check(of, r, value)
	}
}

// A scalar of one of several kinds is a struct with the kind and a field for each.

// scalarsOf makes p the program of such a scalar.
func (c compiler) scalarsOf(p *program) {
	p.read, p.write, p.check = readScalars, writeScalars, checkScalars
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

func readScalars(p *program, d *Decoder, at unsafe.Pointer) {
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

func checkScalars(p *program, r *Report, at unsafe.Pointer) {
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
func (r *Report) NoValue() { r.Add("type", ErrNoValue.Error()) }

// Peek returns the string that the member called name of the next value has, without reading the value. It returns ""
// when the value is no object or has no such string.
func (d *Decoder) Peek(name string) string {
	if d.peeked > len(d.data) {
		return d.peekOutline(name)
	}
	ahead := Decoder{data: d.data, pos: d.pos, depth: d.depth}
	defer func() { d.peeked += ahead.pos - d.pos }()
	if ahead.Kind() != ObjectKind {
		return ""
	}
	for o := ahead.Object(); ahead.Next(&o); {
		if string(o.Name) != name {
			ahead.any()
			continue
		}
		if ahead.Kind() != StringKind {
			return ""
		}
		return string(ahead.stringBytes())
	}
	return ""
}

// peekOutline is Peek for a message in which it would read the same again and again: objects within objects, with the member behind them.
func (d *Decoder) peekOutline(name string) string {
	at := d.pos
	o := d.outline()
	if d.broken || d.Kind() != ObjectKind {
		return ""
	}
	if member := o.member(o.at(at), name); member >= 0 && o.parts[member].kind == StringKind {
		return strings.Clone(o.string(member))
	}
	return ""
}

// NoVariant reports that the member called name is none of the values that tell variants, and skips the value.
func (d *Decoder) NoVariant(name string, values ...string) {
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

// Choose reads the value with the variant of a union that finds nothing wrong with it and has fields for most of its members, the first of
// those that have as many. Name is the union's. Of a value that fits none it reports so, and what the variant finds that finds least.
func (d *Decoder) Choose(name string, variants ...func(*Decoder)) {
	at := d.pos
	chosen, known := d.known(name)
	if !known {
		chosen = d.tryAll(variants)
		if d.broken || d.trying == 0 && chosen.whole {
			return
		}
	}
	if d.trying > 0 {
		d.pass(name, at, chosen, known)
		return
	}
	d.pos = at
	if !chosen.fits {
		d.Violate(at, "anyOf", "is none of the types that the schema allows")
		if kind := d.Kind(); kind != ObjectKind && kind != ArrayKind {
			d.any()
			return
		}
	}
	variants[chosen.variant](d)
}

// known returns what has been found out about the next value, as one of the union called name.
func (d *Decoder) known(name string) (outcome, bool) {
	if d.chosen == nil {
		return outcome{}, false
	}
	chosen, known := d.chosen[d.choice(name, d.pos)]
	return chosen, known
}

// choice is the union called name and the value at an offset, as one number: maps of numbers are quick.
func (d *Decoder) choice(name string, at int) uint64 {
	number, known := d.unions[name]
	if !known {
		if number = uint64(len(d.unions)); d.unions == nil {
			d.unions = map[string]uint64{}
		}
		d.unions[name] = number
	}
	return number<<40 | uint64(at)
}

// An outcome is the variant that is best for a value, and how good it is.
type outcome struct {
	end     int   // the offset behind the value
	wrong   int32 // how many violations there are
	others  int32 // members that have no field
	fits    bool  // nothing is wrong
	variant uint16
	whole   bool // the value stands where it was read to: it fits, was the last to be tried, and all in it has been built
}

// tryAll returns the best variant. It stands behind the value, where the last one to be tried has read to.
func (d *Decoder) tryAll(variants []func(*Decoder)) outcome {
	at := d.pos
	var best outcome
	for i, decode := range variants {
		d.pos = at
		passed := d.passed
		tried := d.try(decode)
		if tried.variant = uint16(i); i == 0 || tried.wrong < best.wrong || tried.wrong == best.wrong && tried.others < best.others {
			best = tried
		} else {
			best.whole = false
		}
		if d.broken || tried.fits && tried.others == 0 {
			break
		}
		if d.spend(d.pos - at - (d.passed - passed) + workTry); d.broken {
			break
		}
	}
	best.whole = best.whole && best.fits
	return best
}

// try reads the value with decode. What is wrong is counted and not reported, unless it ends the reading.
func (d *Decoder) try(decode func(*Decoder)) outcome {
	r := &d.report
	more, others, unbuilt := r.found.More, d.others, d.unbuilt
	d.trying++
	r.counting = true
	decode(d)
	d.trying--
	r.counting = d.trying > 0 && !d.broken
	wrong := r.found.More - more
	tried := outcome{end: d.pos, wrong: int32(wrong), others: int32(d.others - others), fits: wrong == 0, whole: d.unbuilt == unbuilt}
	r.found.More, d.others = more, others
	return tried
}

// pass moves past a value within one that is tried: what has been found out about it counts, and only what is read for good is built. So
// a union within a union takes no more tries than alone.
func (d *Decoder) pass(name string, at int, chosen outcome, known bool) {
	if !known {
		if !chosen.fits {
			chosen.wrong = 1
		}
		if d.chosen == nil {
			d.chosen = map[uint64]outcome{}
		}
		d.chosen[d.choice(name, at)] = chosen
		d.spend(workMemory)
	}
	if d.broken {
		return
	}
	if known || !chosen.whole {
		d.unbuilt++
	}
	d.passed += chosen.end - at
	d.pos = chosen.end
	d.others += int(chosen.others)
	d.report.found.More += int(chosen.wrong)
}
