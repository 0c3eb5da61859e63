package payload

import (
	"encoding/binary"
	"reflect"
	"strconv"
	"strings"
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
	bit      uint64        // of the member among those of openObject.seen; 0 from the 65th on
	isString bool          // the most frequent scalar, which is worth no call through a table
	leadLen  uint8         // of lead; 0 when it is longer than start
	start    [maxLead]byte // of lead, which is mostly no longer: that is appended in one go
	read     func(p *program, d *decoder, at unsafe.Pointer)
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
func (c *compiler) structOf(p *program, values []Value) {
	of, next := p.codec, len(values)
	all := next + len(of.Patterns)
	if of.Rest != nil {
		all++
	}
	c.fields(p.typ, all)
	f := &fields{closed: of.Closed, members: make([]member, len(values)), required: make([]uint64, len(values)/64+1)}
	p.fields = f
	for i := range values {
		f.members[i] = c.member(&values[i], p.typ.Field(i))
		if values[i].Required {
			f.required[i/64] |= 1 << (i % 64)
		}
	}
	for i := range of.Patterns {
		field := p.typ.Field(next + i)
		f.patterns = append(f.patterns, patternField{of.Patterns[i].Pattern, c.others(&of.Patterns[i].Value, field, reflect.Map), field.Offset})
	}
	if of.Rest != nil {
		kind := reflect.Map
		if of.Tuple != nil {
			kind = reflect.Slice
		}
		field := p.typ.Field(all - 1)
		f.rest, f.restAt = c.others(&Value{Item: of.Rest}, field, kind), field.Offset
	}
	f.finish()
}

// fields refuses a type that is no struct with n fields.
func (c *compiler) fields(typ reflect.Type, n int) {
	if typ.Kind() != reflect.Struct || typ.NumField() != n {
		c.refuse("it is no struct of " + strconv.Itoa(n) + " fields")
	}
}

// others is the program of a field for what has no field of its own: a map of members, or a list of items.
func (c *compiler) others(v *Value, field reflect.StructField, kind reflect.Kind) *program {
	if field.Type.Kind() != kind || reflect.PointerTo(field.Type).Implements(codedType) {
		c.refuse("the field " + field.Name + " is no " + kind.String() + " of what has no field")
	}
	return c.value(v, field.Type)
}

// finish makes what follows from the members.
func (f *fields) finish() {
	for i := range f.members {
		m := &f.members[i]
		m.read, m.write, m.bit = m.program.read, m.program.write, 1<<i
		if m.check != nil {
			f.checked = append(f.checked, m)
		}
	}
	f.names = newLookup(f.members)
}

func (c *compiler) member(v *Value, field reflect.StructField) member {
	if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag != "" && tag != "-" && tag != v.Name {
		c.refuse("the field " + field.Name + " is the member " + quote(tag) + " by its tag, and " + quote(v.Name) + " by the codec")
	}
	m := member{name: v.Name, offset: field.Offset, lead: string(appendString([]byte{','}, v.Name)) + ":"}
	var word [8]byte
	copy(word[:], v.Name)
	m.word, m.mask = binary.LittleEndian.Uint64(word[:]), 1<<(8*min(len(v.Name), 8))-1
	if copy(m.start[:], m.lead); len(m.lead) <= maxLead {
		m.leadLen = uint8(len(m.lead))
	}
	typ := field.Type
	switch {
	case v.Required:
	case isOptional(typ):
		m.presence = byState
	case isPointer(typ):
		m.presence = byPointer
		typ = typ.Elem()
	case typ.Kind() == reflect.Slice, typ.Kind() == reflect.Map:
		m.presence = notNil
	default:
		c.refuse("the field " + field.Name + ", a " + typ.String() + ", cannot be absent")
	}
	m.program = c.value(v, typ)
	m.isString = m.presence != byState && !m.nullable && m.scalar == ScalarString && m.only == ""
	return m
}
