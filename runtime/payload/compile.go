package payload

import (
	"reflect"
	"strings"
	"sync"
	"unsafe"
)

// compiling is held while a codec is compiled: types that contain each other are compiled together.
var compiling sync.Mutex

// compile compiles c, and the codecs that it needs, for the type that pointer points to.
func compile(c *Codec, pointer reflect.Type) *program {
	compiling.Lock()
	defer compiling.Unlock()
	begun := compiler{begun: map[*Codec]*program{}}
	p := begun.codec(c, pointer.Elem())
	for of, compiled := range begun.begun {
		of.compiled.Store(compiled)
	}
	return p
}

// A compiler has the programs of the codecs that it began: those of types that contain each other need each other.
type compiler struct {
	begun    map[*Codec]*program
	declared reflect.Type // whose codec is being compiled
}

// refuse panics because the type being compiled and its codec do not fit: they are of different contracts, or of different versions of the
// generator.
func (c *compiler) refuse(problem string) {
	of := ""
	if c.declared != nil {
		of = c.declared.String() + " is not as its codec says: "
	}
	panic("payload: " + of + problem + "; generate the package again, and all of it")
}

// codec returns the program of a declared type.
func (c *compiler) codec(of *Codec, typ reflect.Type) *program {
	p, compiled := of.compiled.Load().(*program)
	if !compiled {
		p = c.begun[of]
	}
	if p == nil {
		p = c.begin(of, typ)
	}
	if p.typ != typ { // as where a struct has the method of one that is embedded in it
		c.refuse("a " + typ.String() + " has the codec of " + p.typ.String())
	}
	return p
}

func (c *compiler) begin(of *Codec, typ reflect.Type) *program {
	defer func(around reflect.Type) { c.declared = around }(c.declared)
	c.declared = typ
	p := newProgram(typ)
	c.begun[of] = p
	p.codec = of
	inner := p
	if of.Schema != "" {
		inner = newProgram(typ)
		inner.codec = of
		p.item, p.read, p.write, p.check = inner, readWithSchema, writeItem, checkWithSchema
	}
	c.whole(inner, of)
	c.bind(inner, of.Value.Rule)
	if of.Schema != "" {
		inner.fix(of.Schemas.onlyValue(of.Schema))
	}
	return p
}

// whole makes p the program of a declared type. It says first how its values are read, written and checked: the type may
// contain itself.
func (c *compiler) whole(p *program, of *Codec) {
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
func (c *compiler) value(v *Value, typ reflect.Type) *program {
	if isOptional(typ) {
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
		p := c.codec(codecOf(reflect.New(typ).Interface().(Coded)), typ)
		return c.nullable(v, p)
	}
	p := newProgram(typ)
	c.bare(p, v)
	c.bind(p, v.Rule)
	return c.nullable(v, p)
}

// isPointer says whether typ is the pointer to another type, and not one that somebody has defined.
func isPointer(typ reflect.Type) bool { return typ.Kind() == reflect.Pointer && typ.Name() == "" }

// isOptional says whether typ is an Optional. A method to mark it would be compiled again, as all of its methods are, for
// each type in each package that names one.
func isOptional(typ reflect.Type) bool {
	return strings.HasPrefix(typ.Name(), "Optional[") && typ.PkgPath() == optionalPath
}

var (
	codedType    = reflect.TypeFor[Coded]()
	optionalPath = reflect.TypeFor[Optional[bool]]().PkgPath()
)

// nullable returns p, or the program of what is null when it is nil.
func (c *compiler) nullable(v *Value, p *program) *program {
	if !v.Nullable {
		return p
	}
	if kind := p.typ.Kind(); kind != reflect.Slice && kind != reflect.Map {
		c.refuse("nil stands for null in a " + p.typ.String())
	}
	return c.around(p, p.typ, readNullable, writeNullable, checkNullable)
}

// around returns a program for what has a value of item in it.
func (c *compiler) around(item *program, typ reflect.Type, read func(*program, *decoder, unsafe.Pointer),
	write func(*program, []byte, unsafe.Pointer) ([]byte, error), check func(*program, *report, unsafe.Pointer),
) *program {
	p := newProgram(typ)
	p.item, p.read, p.write, p.check = item, read, write, check
	if isOptional(typ) {
		p.state = typ.Field(1).Offset
	}
	if item.check == nil {
		p.check = nil
	}
	return p
}

// bare makes p the program of a scalar, a list or a map.
func (c *compiler) bare(p *program, v *Value) {
	scalar := v.As
	if scalar == NoScalar {
		scalar = scalarOf(p.typ)
	}
	if scalar != NoScalar {
		if !scalar.is(p.typ) {
			c.refuse("a " + p.typ.String() + " stands for " + scalars[scalar].typ.String())
		}
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
		c.refuse("there is no codec of the type " + p.typ.String())
	}
}
