// Package types decides which Go types the schemas of a contract become, and what is checked of
// their values. It knows nothing of RabbitMQ.
package types

import (
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A Type is one declared type of the messages package.
type Type struct {
	GoName string
	File   string // of the schema, as problems name it
	Path   string // of the schema in the file
	In     string // the schema's file as seen from the contract's; "" for the contract itself
	Doc    names.Doc
	Kind   TypeKind

	// Fields are the members of a StructType or the items of a TupleType, in the contract's order.
	Fields []Field
	// Rest, if not nil, is the type of the members of a StructType that are not Fields: they are
	// kept in the field RestName, a map. Without it other members are ignored when read, or, if
	// Closed, refused. For a TupleType it is the type of the items after the Fields, a list.
	Rest     *Ref
	RestName string
	Closed   bool

	// Underlying is what an EnumType or a DefinedType is made of.
	Underlying Ref
	// Values are those of an EnumType, in the contract's order.
	Values []EnumValue

	// Rule is what is checked of the value as a whole; nil when nothing is.
	Rule payload.Rule
	// Patterns are maps of members whose names match a pattern, in addition to Rest. The first
	// pattern that matches takes the member.
	Patterns []PatternMembers

	// Variants are those of a UnionType, or of a ScalarsType, one for each kind of JSON value, in
	// the contract's order.
	Variants []Variant
	// Interface is the Go name of the interface that the variants of a UnionType implement.
	Interface string
	// Member is the member of an object that distinguishes the variants of a UnionType; empty when
	// their kinds or signs do, or when they must be tried.
	Member string
	// ByKind reports that the kinds of JSON values distinguish the variants of a UnionType.
	ByKind bool
	// OneOf is the name of the entry of Plan.Schemas that decides whether exactly one variant of a
	// UnionType fits, if the signs and the overlaps of the variants do not decide it; empty when
	// that is not needed.
	OneOf string

	// IsHeaders reports that a StructType is the headers of a message: it has methods to read and
	// write them.
	IsHeaders bool

	// Schema is the name of the entry of Plan.Schemas that values must satisfy in addition to the
	// Go type and its rules; empty when there is none.
	Schema string
}

// TypeKind says what a Type is.
type TypeKind uint8

// The kinds of declared types.
const (
	StructType  TypeKind = iota
	TupleType            // a list with a type for each position
	EnumType             // a scalar and its constants
	DefinedType          // a list, map or scalar with a name of its own
	UnionType            // a value of one of several declared types
	ScalarsType          // a scalar of one of several JSON types
)

// A Variant is one of the types that a value of a union can have.
type Variant struct {
	Type    Ref              // of a UnionType: Named
	Pointer bool             // of a UnionType: the variant is a pointer to Type
	GoName  string           // of a ScalarsType: the name of its field
	Kinds   []payload.Kind   // of its values
	Values  []string         // of the union's Member, when that tells the variants apart
	Signs   []payload.Sign   // of a UnionType, when neither kinds nor a Member tell the variants apart
	Overlap *payload.Overlap // of a UnionType with OneOf; nil when no value is of another variant
}

// PatternMembers are the members of an object whose names match a pattern.
type PatternMembers struct {
	GoName  string
	Pattern *payload.Pattern
	Type    Ref
}

// An EnumValue is one constant of an enum.
type EnumValue struct {
	GoName string
	Value  string // for a string its text, else its JSON
}

// A Field is one member of a struct, or one item of a tuple, whose JSONName is its index. The first
// minItems items of a tuple are required. Another item that is nil is absent, and then so are all
// after it.
//
// Required and Type.Nullable are the contract's. Type.Pointer and Wrapped are how Go distinguishes
// the cases:
//
//	required           T, or a nil map or slice for an empty one
//	required, nullable *T, or a nil map or slice; nil is null
//	optional           *T, or a nil map or slice; nil is absent
//	optional, nullable payload.Optional[T]: absent, null or a value
type Field struct {
	GoName   string
	JSONName string
	Doc      names.Doc
	Type     Ref
	Required bool
	Wrapped  bool // payload.Optional[Type]
}

// A Ref is the use of a type: an expression tree.
type Ref struct {
	Kind     RefKind
	Elem     *Ref         // of List and Map
	Name     string       // of Named: the Type's GoName; of UserType: the type's name
	NilNamed bool         // of Named: the Type is a list or map, so that it has a nil of its own
	Any      bool         // of Named: the Type is any JSON value, null too, in its checks' bounds
	Package  string       // of UserType: its import path
	Nullable bool         // null is one of the values
	Pointer  bool         // *T
	Rule     payload.Rule // what is demanded of values; nil when nothing is
}

// RefKind says what a Ref refers to.
type RefKind uint8

// The kinds of type uses.
const (
	Raw         RefKind = iota // any JSON value, kept as it is: payload.Raw
	Bool                       // bool
	String                     // string
	Int32                      // int32
	Int64                      // int64
	Uint32                     // uint32
	Uint64                     // uint64
	Float32                    // float32
	Float64                    // float64
	Bytes                      // []byte, base64 in JSON
	Time                       // time.Time, RFC 3339
	Date                       // payload.Date
	UUID                       // payload.UUID
	Duration                   // payload.Duration
	Decimal                    // payload.Decimal, a number in JSON
	DecimalText                // payload.Decimal, a string in JSON
	Named                      // a declared type
	UserType                   // a type of the user's own that encodes itself
	List                       // []Elem
	Map                        // map[string]Elem
)

// Nilable reports whether the Go type has a nil of its own, so that it needs no pointer to be absent.
func (r Ref) Nilable() bool {
	return r.Kind == Raw || r.Kind == Bytes || r.Kind == List || r.Kind == Map || r.NilNamed
}
