package payload

import (
	"reflect"
	"sync"
	"unsafe"
)

// A program is a Value or a Codec, compiled for a Go type: what reads, writes and checks values at an address, and what these
// need. The address is always that of a value of the type: compile holds the Go type against what the codec says.
type program struct {
	read  func(p *program, d *Decoder, at unsafe.Pointer) // the value is zero before
	write func(p *program, dst []byte, at unsafe.Pointer) ([]byte, error)
	check func(p *program, r *Report, at unsafe.Pointer) // nil: every value of the Go type is right
	alloc func(p *program) unsafe.Pointer                // a new value

	typ     reflect.Type
	pointer reflect.Type // to typ

	string  *StringRule
	integer *IntegerRule
	number  *NumberRule
	array   *ArrayRule
	object  *MapRule

	scalar    Scalar // NoScalar when it is none, or within something
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

// compiling is held while a codec is compiled: types that contain each other are compiled together.
var compiling sync.Mutex

// compile compiles c, and the codecs that it needs, for the type that pointer points to.
func compile(c *Codec, pointer reflect.Type) *program {
	compiling.Lock()
	defer compiling.Unlock()
	begun := compiler{}
	p := begun.codec(c, pointer.Elem())
	for of, compiled := range begun {
		of.compiled.Store(compiled)
	}
	return p
}

// A compiler has the programs of the codecs that it began: those of types that contain each other need each other.
type compiler map[*Codec]*program

// codec returns the program of a declared type.
func (c compiler) codec(of *Codec, typ reflect.Type) *program {
	if compiled, ok := of.compiled.Load().(*program); ok {
		return compiled
	}
	if begun := c[of]; begun != nil {
		return begun
	}
	p := newProgram(typ)
	c[of] = p
	p.codec = of
	inner := p
	if of.Schema != "" {
		inner = newProgram(typ)
		inner.codec = of
		p.item, p.read, p.write, p.check = inner, readWithSchema, writeItem, checkWithSchema
	}
	c.declared(inner, of)
	inner.bind(of.Value.Rule)
	return p
}

// declared makes p the program of a declared type. It says first how its values are read, written and checked: the type may
// contain itself.
func (c compiler) declared(p *program, of *Codec) {
	switch {
	case of.Object != nil:
		p.read, p.write, p.check = readObject, writeObject, checkObject
		c.structOf(p, of.Object)
	case of.Tuple != nil:
		p.read, p.write, p.check = readTuple, writeTuple, checkTuple
		c.structOf(p, of.Tuple)
	case of.Union != nil:
		c.unionOf(p)
	case of.Scalars != nil:
		c.scalarsOf(p)
	default:
		c.bare(p, &of.Value)
	}
}

func newProgram(typ reflect.Type) *program {
	return &program{typ: typ, pointer: reflect.PointerTo(typ), alloc: allocate}
}

// allocate returns a new value of any type.
func allocate(p *program) unsafe.Pointer { return reflect.New(p.typ).UnsafePointer() }

// value returns the program of a value of a Go type that v says something about. It may be a pointer or an Optional.
func (c compiler) value(v *Value, typ reflect.Type) *program {
	if typ.Implements(optionalType) {
		return c.around(c.value(v, typ.Field(0).Type), typ, readOptional, writeOptional, checkOptional)
	}
	if isPointer(typ) {
		value := *v
		value.Nullable = false
		p := c.around(c.value(&value, typ.Elem()), typ, readPointer, writePointer, checkPointer)
		if p.nullable = v.Nullable; !p.nullable {
			p.check = checkPointer // nil is no value
		}
		return p
	}
	if v.As == NoScalar && reflect.PointerTo(typ).Implements(codedType) {
		p := c.codec(reflect.Zero(reflect.PointerTo(typ)).Interface().(Coded).JSONCodec(), typ)
		return c.nullable(v, p)
	}
	p := newProgram(typ)
	c.bare(p, v)
	p.bind(v.Rule)
	return c.nullable(v, p)
}

// isPointer says whether typ is the pointer to another type, and not one that somebody has defined.
func isPointer(typ reflect.Type) bool { return typ.Kind() == reflect.Pointer && typ.Name() == "" }

var (
	codedType    = reflect.TypeFor[Coded]()
	optionalType = reflect.TypeFor[interface{ optional() }]()
)

// nullable returns p, or the program of what is null when it is nil.
func (c compiler) nullable(v *Value, p *program) *program {
	if !v.Nullable {
		return p
	}
	return c.around(p, p.typ, readNullable, writeNullable, checkNullable)
}

// around returns a program for what has a value of item in it.
func (c compiler) around(item *program, typ reflect.Type, read func(*program, *Decoder, unsafe.Pointer),
	write func(*program, []byte, unsafe.Pointer) ([]byte, error), check func(*program, *Report, unsafe.Pointer),
) *program {
	p := newProgram(typ)
	p.item, p.read, p.write, p.check = item, read, write, check
	if typ.Implements(optionalType) {
		p.state = typ.Field(1).Offset
	}
	if c.checksNothing(item) {
		p.check = nil
	}
	return p
}

// checksNothing says whether every value of p is right. A type that is being compiled may have something to check.
func (c compiler) checksNothing(p *program) bool {
	return p.check == nil && (p.codec == nil || c[p.codec] == nil)
}

// bare makes p the program of a scalar, a list or a map.
func (c compiler) bare(p *program, v *Value) {
	scalar := v.As
	if scalar == NoScalar {
		scalar = scalarOf(p.typ)
	}
	if scalar != NoScalar {
		p.bindScalar(scalar)
		return
	}
	item := v.Item
	if item == nil {
		item = new(Value)
	}
	switch p.typ.Kind() {
	case reflect.Slice:
		c.listOf(p, item)
	case reflect.Map:
		c.mapOf(p, item)
	default:
		panic("payload: there is no codec of the type " + p.typ.String())
	}
}

// bind gives p its rule, and takes the check from one that has nothing to check.
func (p *program) bind(rule Rule) {
	switch rule := rule.(type) {
	case *StringRule:
		p.string = rule
	case *IntegerRule:
		p.integer = rule
	case *NumberLimits:
		p.number = NewNumberRule(*rule)
	case *ArrayRule:
		p.array = rule
	case *MapRule:
		p.object = rule
	default:
		if p.onlyRuled {
			p.check = nil
		}
	}
}

func (*StringRule) isRule()   {}
func (*IntegerRule) isRule()  {}
func (*NumberLimits) isRule() {}
func (*ArrayRule) isRule()    {}
func (*MapRule) isRule()      {}

// What may be null, or is behind a pointer.

func readPointer(p *program, d *Decoder, at unsafe.Pointer) {
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

func checkPointer(p *program, r *Report, at unsafe.Pointer) {
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

func readNullable(p *program, d *Decoder, at unsafe.Pointer) {
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

func checkNullable(p *program, r *Report, at unsafe.Pointer) {
	if !isNil(at) {
		p.item.check(p.item, r, at)
	}
}

// What a Schema says too.

func readWithSchema(p *program, d *Decoder, at unsafe.Pointer) {
	start := d.Offset()
	p.item.read(p.item, d, at)
	d.CheckSchema(start, *p.codec.Schemas, p.codec.Schema)
}

func writeItem(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	return p.item.write(p.item, dst, at)
}

func checkWithSchema(p *program, r *Report, at unsafe.Pointer) {
	mark := r.Mark()
	if p.item.check != nil {
		p.item.check(p.item, r, at)
	}
	write := func(dst []byte) ([]byte, error) { return p.item.write(p.item, dst, at) }
	CheckSchema(r, mark, write, *p.codec.Schemas, p.codec.Schema)
}
