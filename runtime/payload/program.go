package payload

import (
	"reflect"
	"unsafe"
)

// A program is a Value or a Codec, compiled for a Go type: what reads, writes and checks values at an address, and what these
// need. The address is always that of a value of the type: compile holds the Go type against what the codec says.
type program struct {
	read  func(p *program, d *decoder, at unsafe.Pointer) // the value is zero before
	write func(p *program, dst []byte, at unsafe.Pointer) ([]byte, error)
	check func(p *program, r *report, at unsafe.Pointer) // nil: every value of the Go type is right, which is known before another program needs it
	alloc func(p *program) unsafe.Pointer                // a new value

	typ     reflect.Type
	pointer reflect.Type // to typ

	string  *StringRule
	integer *IntegerRule
	number  *NumberRule
	array   *ArrayRule
	object  *MapRule

	scalar    Scalar // NoScalar when it is none, or within something
	only      string // of a scalar that can have one value alone: its JSON, which zero stands for
	onlyRuled bool   // without a rule there is nothing to check
	nullable  bool   // of a pointer: nil is null

	item   *program // of a list, a map, a pointer, an Optional or what may be null; what a schema is for
	list   *listType
	mapped *mapType
	state  uintptr // of an Optional: where its state is
	fields *fields // of an Object or Tuple
	union  *union
	codec  *Codec // of a declared type
}

// What may be null, or is behind a pointer.

func readPointer(p *program, d *decoder, at unsafe.Pointer) {
	if !p.nullable || !d.Null() {
		value := p.item.alloc(p.item)
		*(*unsafe.Pointer)(at) = value
		p.item.read(p.item, d, value)
	}
}

func writePointer(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	value := *(*unsafe.Pointer)(at)
	switch {
	case value != nil:
		return p.item.write(p.item, dst, value)
	case p.nullable:
		return append(dst, "null"...), nil
	}
	return dst, ErrNoValue
}

func checkPointer(p *program, r *report, at unsafe.Pointer) {
	switch value := *(*unsafe.Pointer)(at); {
	case value != nil:
		if p.item.check != nil {
			p.item.check(p.item, r, value)
		}
	case !p.nullable:
		r.NoValue()
	}
}

// isNil says whether a slice, map or pointer is nil: its first word is.
func isNil(at unsafe.Pointer) bool { return *(*unsafe.Pointer)(at) == nil }

func readNullable(p *program, d *decoder, at unsafe.Pointer) {
	if !d.Null() {
		p.item.read(p.item, d, at)
	}
}

func writeNullable(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	if isNil(at) {
		return append(dst, "null"...), nil
	}
	return p.item.write(p.item, dst, at)
}

func checkNullable(p *program, r *report, at unsafe.Pointer) {
	if !isNil(at) {
		p.item.check(p.item, r, at)
	}
}

// What a Schema says too.

func readWithSchema(p *program, d *decoder, at unsafe.Pointer) {
	start := d.Offset()
	p.item.read(p.item, d, at)
	d.CheckSchema(start, *p.codec.Schemas, p.codec.Schema)
}

func writeItem(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	return p.item.write(p.item, dst, at)
}

func checkWithSchema(p *program, r *report, at unsafe.Pointer) {
	mark := r.Mark()
	if p.item.check != nil {
		p.item.check(p.item, r, at)
	}
	if r.tooDeep {
		return
	}
	write := func(dst []byte) ([]byte, error) { return p.item.write(p.item, dst, at) }
	checkSchema(r, mark, write, *p.codec.Schemas, p.codec.Schema)
}
