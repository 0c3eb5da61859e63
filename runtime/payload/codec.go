package payload

import (
	"reflect"
	"sync/atomic"
)

// A Codec is what a contract says about a Go type, as data: how its values are written in JSON, and
// what is checked of them. Generated packages have one for each type that they declare. It is
// compiled for the Go type when it is first used. Many goroutines may use a Codec.
//
// Neither its fields nor the methods of what it is made of name the type program: a package that
// names a generated type compiles again all generic methods that can be reached from there, those of
// package reflect too, which took a third of its time.
//
// A Codec has one of the fields Object, Tuple, Union and Scalars, or else a Value.
type Codec struct {
	// Object says that the Go type is a struct that is an object in JSON, with a member for each of its first fields, in
	// their order.
	Object []Value
	// Patterns are members of an Object whose names match a pattern: maps, in the fields behind those of Object. The
	// first pattern that matches takes the member.
	Patterns []PatternMembers
	// Tuple says that the Go type is a struct that is an array in JSON, with an item for each of its first fields, in their
	// order.
	Tuple []Value
	// Rest, if not nil, says that the last field has the other members of an Object, a map, or the items behind a Tuple, a
	// list. Without it other members are ignored when they are read, or refused when Closed.
	Rest   *Value
	Closed bool

	// Union says that the Go type is a struct with a value of one of several types in its only field, an interface.
	Union []Variant
	// By is the member that tells the variants of a Union apart. Without it their kinds do, or else their signs; where several
	// variants are left, they are tried.
	By string
	// OneOf is the name of the one of Schemas that decides whether one variant of a Union alone fits, where several are left, and for
	// Go values that could be of several.
	OneOf string

	// Scalars says that the Go type is a struct with a Kind in its first field, which says which of the other fields has the
	// value: there is one for each kind of scalar.
	Scalars []Value

	// Value says what a type is that is none of these: a scalar, a list or a map. Its rule is that of an Object or Tuple too.
	Value Value

	// Schema is the name of the one of Schemas that values must satisfy beside all this.
	Schema  string
	Schemas *Schemas

	compiled atomic.Value // a *program
}

// A Value is what a contract says about a value. The Go type says the rest: a member that is not
// required is a pointer, a slice, a map or an Optional.
type Value struct {
	Name     string // of the member
	Required bool   // the member or item must be there
	Nullable bool   // null is one of the values, and nil in Go; an Optional says so by itself
	As       Scalar // what the Go type alone does not say
	Rule     Rule   // nil when there is none
	Item     *Value // of the items of a list or the values of a map; nil when nothing is said of them
}

// PatternMembers are the members of an object whose names match a pattern.
type PatternMembers struct {
	Pattern *Pattern
	Value   Value
}

// A Variant is one of the types of a union.
type Variant struct {
	Type   Coded    // a nil pointer to the type
	Kinds  []Kind   // of its values, when these tell the variants apart
	Values []string // of the member that tells them apart
	Signs  []Sign   // what its values look like, when neither kinds nor a member tell

	// Overlap says when a value could be of another variant; nil is never.
	Overlap *Overlap
}

// Coded is implemented by pointers to all generated types except most enums.
type Coded interface {
	// JSONCodec returns how values of the type are read, written and checked: a *Codec. The receiver may be nil.
	JSONCodec() OpaqueCodec
}

// An OpaqueCodec is a *Codec. Generated types return it under this name: a package that names such a type reads and
// writes all types that can be reached from its methods when it is compiled, and those of a Codec are many.
type OpaqueCodec interface{ isCodec() }

func (*Codec) isCodec() {}

// codecOf returns the codec of the type that v is a pointer to, which may be nil.
func codecOf(v Coded) *Codec {
	codec, ok := v.JSONCodec().(*Codec)
	if !ok {
		panic("payload: " + reflect.TypeOf(v).String() + " has no codec")
	}
	return codec
}

// Append appends the value that v points to as JSON to dst. It does not check the value.
func (c *Codec) Append(dst []byte, v any) ([]byte, error) {
	p := programOf(c, v)
	return p.write(p, dst, reflect.ValueOf(v).UnsafePointer())
}

// Unmarshal reads data into the value that v points to, which it sets to zero first. If data breaks
// the contract, the error is a *Violations and the value must not be used. The value shares no
// memory with data.
func (c *Codec) Unmarshal(data []byte, v any) error {
	p, value := programOf(c, v), reflect.ValueOf(v)
	value.Elem().SetZero()
	d := newDecoder(data)
	p.read(p, d, value.UnsafePointer())
	return d.finish()
}

// Validate returns a *Violations when the value that v points to breaks the contract.
func (c *Codec) Validate(v any) error {
	p := programOf(c, v)
	if p.check == nil {
		return nil
	}
	r := newReport()
	p.check(p, r, reflect.ValueOf(v).UnsafePointer())
	return r.finish()
}

// programOf returns what c was compiled to for the type of v, which is a pointer and not nil.
func programOf(c *Codec, v any) *program {
	p, ok := c.compiled.Load().(*program)
	if !ok {
		p = compile(c, reflect.TypeOf(v))
	}
	if p.pointer != reflect.TypeOf(v) {
		panic("payload: a codec of " + p.pointer.String() + " is used for " + reflect.TypeOf(v).String())
	}
	return p
}
