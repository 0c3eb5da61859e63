package payload

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

// fields are what the fields of a struct are in JSON: the members of an object or the items of a tuple.
type fields struct {
	members  []member
	checked  []*member // those that have something to check
	names    lookup
	required []uint64 // one bit for each member that must be there
	patterns []patternField
	rest     *program // of the rest, nil when there is none
	restAt   uintptr
	closed   bool
}

// A member is a field of a struct. What is looked at for each value lies close together.
type member struct {
	*program
	write    func(p *program, dst []byte, at unsafe.Pointer) ([]byte, error)
	offset   uintptr
	presence presence
	bit      uint64        // of the member among those of Object.seen; 0 from the 65th on
	isString bool          // the most frequent scalar, which is worth no call through a table
	leadLen  uint8         // of lead; 0 when it is longer than start
	start    [maxLead]byte // of lead, which is mostly no longer: that is appended in one go
	read     func(p *program, d *Decoder, at unsafe.Pointer)
	name     string
	word     uint64 // the first eight bytes of name
	mask     uint64 // the bits that these have, where there are fewer
	lead     string // what is written in front of the value: a comma, the name and a colon
}

// maxLead is how long a lead can be that is appended in one go.
const maxLead = 32

// presence is how a field says that its member is absent.
type presence uint8

const (
	always    presence = iota // it does not
	notNil                    // by being nil
	byPointer                 // by being a nil pointer; the value is behind it
	byState                   // by the state of an Optional
)

// A patternField is a field for the members whose names match a pattern.
type patternField struct {
	pattern *Pattern
	*program
	offset uintptr
}

// structOf makes p the program of a struct.
func (c compiler) structOf(p *program, values []Value) {
	f := &fields{closed: p.codec.Closed, members: make([]member, len(values)), required: make([]uint64, len(values)/64+1)}
	p.fields = f
	for i := range values {
		f.members[i] = c.member(&values[i], p.typ.Field(i))
		if values[i].Required {
			f.required[i/64] |= 1 << (i % 64)
		}
	}
	next := len(values)
	for i := range p.codec.Patterns {
		of, field := &p.codec.Patterns[i], p.typ.Field(next)
		f.patterns = append(f.patterns, patternField{of.Pattern, c.value(&of.Value, field.Type), field.Offset})
		next++
	}
	if p.codec.Rest != nil {
		f.rest, f.restAt = c.rest(p), p.typ.Field(next).Offset
		next++
	}
	if next != p.typ.NumField() {
		panic("payload: " + p.typ.String() + " has other fields than its codec")
	}
	f.finish(c)
}

// finish makes what follows from the members.
func (f *fields) finish(c compiler) {
	for i := range f.members {
		m := &f.members[i]
		m.read, m.write, m.bit = m.program.read, m.program.write, 1<<i
		if !c.checksNothing(m.program) {
			f.checked = append(f.checked, m)
		}
	}
	f.names = newLookup(f.members)
}

// rest is the program of what has no field of its own: a map of members, or a list of items.
func (c compiler) rest(p *program) *program {
	return c.value(&Value{Item: p.codec.Rest}, p.typ.Field(p.typ.NumField()-1).Type)
}

func (c compiler) member(v *Value, field reflect.StructField) member {
	m := member{name: v.Name, offset: field.Offset, lead: string(AppendString([]byte{','}, v.Name)) + ":"}
	var word [8]byte
	copy(word[:], v.Name)
	m.word, m.mask = binary.LittleEndian.Uint64(word[:]), 1<<(8*min(len(v.Name), 8))-1
	if copy(m.start[:], m.lead); len(m.lead) <= maxLead {
		m.leadLen = uint8(len(m.lead))
	}
	typ := field.Type
	switch {
	case v.Required:
	case typ.Implements(optionalType):
		m.presence = byState
	case isPointer(typ):
		m.presence = byPointer
		typ = typ.Elem()
	case typ.Kind() == reflect.Slice, typ.Kind() == reflect.Map:
		m.presence = notNil
	default:
		panic("payload: an optional member is a " + typ.String())
	}
	m.program = c.value(v, typ)
	m.isString = m.presence != byState && !m.nullable && m.scalar == ScalarString
	return m
}

// appendLead appends what is in front of the member's value.
func (m *member) appendLead(dst []byte) []byte {
	n := len(dst)
	if m.leadLen == 0 || cap(dst)-n < maxLead {
		return append(dst, m.lead...)
	}
	*(*[maxLead]byte)(dst[n : n+maxLead]) = m.start
	return dst[:n+int(m.leadLen)]
}

// value returns the address of the member's value in a struct, nil when it is absent.
func (m *member) value(of unsafe.Pointer) unsafe.Pointer {
	at := unsafe.Add(of, m.offset)
	if m.presence == always {
		return at
	}
	return m.optional(at)
}

func (m *member) optional(at unsafe.Pointer) unsafe.Pointer {
	switch m.presence {
	case byPointer:
		return *(*unsafe.Pointer)(at)
	case notNil:
		if isNil(at) {
			return nil
		}
	case byState:
		if *(*state)(unsafe.Add(at, m.state)) == absent {
			return nil
		}
	case always:
	}
	return at
}

// readBehind reads the member's value to where its field points then.
func (m *member) readBehind(d *Decoder, field unsafe.Pointer) {
	value := m.alloc(m.program)
	*(*unsafe.Pointer)(field) = value
	m.read(m.program, d, value)
}

// find returns the index of the member called name, -1 when there is none. It looks at the one with the index next first: most
// messages have their members in the order of the contract.
func (f *fields) find(name []byte, next int) int {
	if next < len(f.members) && f.members[next].is(name) {
		return next
	}
	return f.names.find(name)
}

// is says whether a name is the member's. It may say no to one that stands at the very end of a text: eight bytes are compared at
// once, where a call would take longer.
func (m *member) is(name []byte) bool {
	const size = 8
	if len(name) != len(m.name) || cap(name) < size || binary.LittleEndian.Uint64(name[:size])&m.mask != m.word {
		return false
	}
	return len(name) <= size || string(name[size:]) == m.name[size:]
}

func readObject(p *program, d *Decoder, at unsafe.Pointer) {
	f, next := p.fields, 0
	members := f.members
	object := d.Object()
	for d.Next(&object) {
		i := f.find(object.Name, next)
		if i < 0 {
			f.readOther(d, &object, at)
			continue
		}
		next = i + 1
		m := &members[i]
		if m.bit&^object.seen == 0 {
			d.again(&object, uint(i))
		}
		object.seen |= m.bit
		field := unsafe.Add(at, m.offset)
		switch {
		case m.presence == byPointer:
			m.readBehind(d, field)
		case m.isString:
			*(*string)(field) = d.String(m.string)
		default:
			m.read(m.program, d, field)
		}
	}
	f.require(d, &object)
	d.CheckObject(&object, p.object)
}

// readOther reads a member that has no field.
func (f *fields) readOther(d *Decoder, o *Object, at unsafe.Pointer) {
	for i := range f.patterns {
		if p := &f.patterns[i]; p.pattern.Match(string(o.Name)) {
			readEntry(p.program, d, o, unsafe.Add(at, p.offset))
			return
		}
	}
	switch {
	case f.rest != nil:
		readEntry(f.rest, d, o, unsafe.Add(at, f.restAt))
	case f.closed:
		d.Refuse(o)
	default:
		d.Ignore(o)
	}
}

// require reports the members that are missing from o.
func (f *fields) require(d *Decoder, o *Object) {
	if d.broken || o.start < 0 || len(f.members) <= 64 && f.required[0]&^o.seen == 0 {
		return
	}
	for i := range f.members {
		if f.required[i/64]&(1<<(i%64)) != 0 && !o.Has(i) && !d.counted() {
			d.Violate(o.start, "required", missingMember(f.members[i].name))
		}
	}
}

func writeObject(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	f, start := p.fields, len(dst)
	members := f.members
	var err error
	for i := range members {
		m := &members[i]
		value := m.value(at)
		if value == nil {
			continue
		}
		dst = m.appendLead(dst)
		if m.isString {
			dst = AppendString(dst, *(*string)(value))
		} else if dst, err = m.write(m.program, dst, value); err != nil {
			return dst, Under(m.name, err)
		}
	}
	for i := range f.patterns {
		p := &f.patterns[i]
		if dst, err = writeEntries(p.program, dst, unsafe.Add(at, p.offset)); err != nil {
			return dst, err
		}
	}
	if f.rest != nil {
		if dst, err = writeEntries(f.rest, dst, unsafe.Add(at, f.restAt)); err != nil {
			return dst, err
		}
	}
	return EndObject(dst, start), nil
}

func checkObject(p *program, r *Report, at unsafe.Pointer) {
	f := p.fields
	if p.object != nil {
		p.object.Check(r, f.count(at))
	}
	r.depth++
	for _, m := range f.checked {
		if value := m.value(at); value != nil {
			mark := len(r.found.List)
			if m.isString {
				CheckString(r, *(*string)(value), m.string)
			} else {
				m.check(m.program, r, value)
			}
			r.named(mark, m.name)
		}
	}
	r.depth--
	for i := range f.patterns {
		p := &f.patterns[i]
		checkEntries(p.program, r, unsafe.Add(at, p.offset))
	}
	if f.rest != nil {
		checkEntries(f.rest, r, unsafe.Add(at, f.restAt))
	}
}

// count returns how many members an object is written with.
func (f *fields) count(at unsafe.Pointer) int {
	n := 0
	for i := range f.members {
		if f.members[i].value(at) != nil {
			n++
		}
	}
	for i := range f.patterns {
		n += mapLen(unsafe.Add(at, f.patterns[i].offset))
	}
	if f.rest != nil {
		n += mapLen(unsafe.Add(at, f.restAt))
	}
	return n
}
