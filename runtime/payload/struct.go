package payload

import (
	"encoding/binary"
	"unsafe"
)

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
func (m *member) readBehind(d *decoder, field unsafe.Pointer) {
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

func readObject(p *program, d *decoder, at unsafe.Pointer) {
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
func (f *fields) readOther(d *decoder, o *openObject, at unsafe.Pointer) {
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
func (f *fields) require(d *decoder, o *openObject) {
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
			dst = appendString(dst, *(*string)(value))
		} else if dst, err = m.write(m.program, dst, value); err != nil {
			return dst, errorUnder(m.name, err)
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
	return endObject(dst, start), nil
}

func checkObject(p *program, r *report, at unsafe.Pointer) {
	f := p.fields
	if p.object != nil {
		p.object.check(r, f.count(at))
	}
	if len(f.checked) > 0 {
		f.checkMembers(r, at)
	}
	for i := range f.patterns {
		p := &f.patterns[i]
		checkEntries(p.program, r, unsafe.Add(at, p.offset))
	}
	if f.rest != nil {
		checkEntries(f.rest, r, unsafe.Add(at, f.restAt))
	}
}

func (f *fields) checkMembers(r *report, at unsafe.Pointer) {
	if !r.enter() {
		return
	}
	for _, m := range f.checked {
		if value := m.value(at); value != nil {
			mark := len(r.found.List)
			if m.isString {
				checkString(r, *(*string)(value), m.string)
			} else {
				m.check(m.program, r, value)
			}
			r.named(mark, m.name)
		}
	}
	r.leave()
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
