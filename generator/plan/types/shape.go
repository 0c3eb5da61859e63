package types

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// A shape is what a schema is in Go.
type shape struct {
	kind     shapeKind
	schema   *schema.Schema   // the view of the schema that the shape is of
	scalar   RefKind          // of shapeScalar
	nullable bool             // null is one of the values
	enum     []*source.Value  // the values of a scalar that has an enum or a const; null is not among them
	variants []*schema.Schema // of shapeUnion and shapeScalars; null is not among them
	demand   demand

	exclusive bool // of shapeUnion: the demand is that one variant alone fits
}

type shapeKind uint8

const (
	shapeAny shapeKind = iota // anything
	shapeScalar
	shapeStruct
	shapeMap
	shapeList
	shapeTuple   // a list with a type for each position
	shapeUnion   // one of several declared types
	shapeScalars // a scalar of one of several JSON types
)

// isStruct reports whether a shape is a struct in Go, which has a name of its own.
func (k shapeKind) isStruct() bool {
	return k == shapeStruct || k == shapeTuple || k == shapeUnion || k == shapeScalars
}

// isAnything reports whether all values are valid.
func (sh shape) isAnything() bool { return sh.kind == shapeAny && sh.demand == demandNothing }

// A demand says what of a schema must be checked in addition to its Go type.
type demand uint8

const (
	demandNothing demand = iota
	demandRest           // the keywords that no Go type expresses
	demandAll            // the whole schema: the Go type allows more
)

// shapeOf returns the shape of s.
func (t *Builder) shapeOf(s *schema.Schema) shape {
	if known, ok := t.shapes[s]; ok {
		return known
	}
	t.shapes[s] = shape{schema: s, demand: demandAll} // what s is within itself
	sh := t.newShape(s)
	t.shapes[s] = sh
	return sh
}

// newShape decides the shape of s. A schema that is neither an object, a list, a scalar nor a
// choice becomes any value, with a check.
func (t *Builder) newShape(s *schema.Schema) shape {
	v := t.viewOf(s)
	if !t.isSmall(v.schema) {
		return shape{schema: &schema.Schema{Location: s.Location}}
	}
	sh := shape{schema: v.schema, nullable: isNullable(v.schema)}
	if v.loose {
		sh.demand = demandAll
	}
	if choice, ok := t.choiceShape(sh, s); ok {
		return choice
	}
	switch kind := t.typeOf(v.schema); kind {
	case "object":
		sh.kind = shapeMap
		if isStruct(v.schema) {
			sh.kind = shapeStruct
		}
	case "array":
		sh.kind = shapeList
		if isTuple(v.schema) {
			sh.kind = shapeTuple
		}
	case "string", "integer", "number", "boolean":
		sh.kind = shapeScalar
		t.warnOfFormat(v.schema, kind)
		sh.enum = t.allowed(s, v, kind)
		if sh.scalar = enumScalar(t.scalarKind(v.schema, kind), sh.enum); sh.scalar == Decimal {
			sh.enum = nil // it is checked
		}
	}
	sh.demand = max(sh.demand, t.demandOf(v.schema, sh))
	switch {
	case len(sh.enum) > 0:
		sh.demand = demandNothing // the values are those that it allows
	case sh.demand != demandNothing && (sh.kind == shapeAny || sh.enum != nil):
		return shape{kind: shapeAny, schema: v.schema, demand: demandAll} // all of it is for the check to decide
	}
	sh.nullable = sh.nullable && t.allowsNull(s, v)
	return sh
}

// isStruct reports whether an object has members with known names. An object that allows only names
// that match one pattern is a map.
func isStruct(s *schema.Schema) bool {
	if len(s.Properties)+len(s.Required) > 0 {
		return true
	}
	if isFalse(s.AdditionalProperties) {
		return len(s.PatternProperties) != 1
	}
	return len(s.PatternProperties) > 0
}

// typeOf returns the one JSON type that values of s have, null apart; "" when there is none, or
// when the Go type must allow any.
func (t *Builder) typeOf(s *schema.Schema) string {
	if t.options.LiteralTypes && len(s.Types) == 0 && valuesType(s) == "" {
		return ""
	}
	if s.Always != nil || isMixedEnum(s) {
		return ""
	}
	return jsonType(s)
}

// demandOf returns which part of s a Go type of the shape sh does not express.
func (t *Builder) demandOf(s *schema.Schema, sh shape) demand {
	switch {
	case sh.kind == shapeAny:
		if saysNothing(s) || t.options.IgnoreFormats && isAnnotation(s) {
			return demandNothing
		}
		return demandAll
	case s.Const != nil && s.Enum != nil && hasParts(s.Const), sh.enum != nil && len(sh.enum) == 0, sh.kind == shapeScalar && sh.scalar == Bool && values(s) != nil:
		return demandAll
	case len(s.PatternProperties) > 0, isTuple(s) && s.UniqueItems, isFalse(s.AdditionalProperties) && len(requiredOnly(s)) > 0:
		return demandAll
	case hasCondition(s):
		return demandRest
	}
	return demandNothing
}

// isAnnotation reports whether a format is all that s has.
func isAnnotation(s *schema.Schema) bool {
	bare := *s
	bare.Format = ""
	return saysNothing(&bare)
}

// isNullable reports whether null is one of several values of s.
func isNullable(s *schema.Schema) bool {
	isNull := func(v *source.Value) bool { return v.Kind == source.Null }
	if s.Enum != nil && !slices.ContainsFunc(s.Enum, isNull) || s.Const != nil && !isNull(s.Const) {
		return false
	}
	return s.Nullable || slices.Contains(s.Types, "null") || len(s.Types) == 0 && slices.ContainsFunc(s.Enum, isNull)
}

// jsonType returns the one JSON type that values of s have, null apart; "" when there is none or
// several.
func jsonType(s *schema.Schema) string {
	types := slices.DeleteFunc(slices.Clone(s.Types), func(t string) bool { return t == "null" })
	switch {
	case len(types) == 1:
		return types[0]
	case len(types) == 2 && slices.Contains(types, "integer") && slices.Contains(types, "number"):
		return "number"
	case len(types) > 1 || len(s.Types) > 0:
		return ""
	}
	return impliedType(s)
}

// impliedType returns the type that the keywords of a schema without a type imply.
func impliedType(s *schema.Schema) string {
	if kind := valuesType(s); kind != "" {
		return kind
	}
	for _, kind := range []string{"object", "array", "string", "number"} {
		if implies(s, kind) {
			return kind
		}
	}
	return ""
}

// valuesType returns the type that all values of the enum or const of s have, null apart; "" when
// there are none or they differ.
func valuesType(s *schema.Schema) string {
	common := ""
	for _, v := range values(s) {
		kind := typeOfValue(v)
		switch {
		case kind == "null":
		case common == "" || common == kind:
			common = kind
		case common == "integer" && kind == "number" || common == "number" && kind == "integer":
			common = "number"
		default:
			return ""
		}
	}
	return common
}

// values returns the values that the enum and the const of s allow, nil when it has neither. Of an
// enum beside a const it is the value that is both.
func values(s *schema.Schema) []*source.Value {
	switch {
	case s.Const == nil:
		return s.Enum
	case s.Enum == nil || hasParts(s.Const):
		return []*source.Value{s.Const}
	}
	both := []*source.Value{}
	for _, v := range s.Enum {
		if scalarOf(v) == scalarOf(s.Const) {
			return append(both, v)
		}
	}
	return both
}

func typeOfValue(v *source.Value) string {
	switch v.Kind {
	case source.Bool:
		return "boolean"
	case source.Number:
		if isWhole(v.Text) {
			return "integer"
		}
		return "number"
	case source.String:
		return "string"
	case source.Array:
		return "array"
	case source.Object:
		return "object"
	case source.Null:
	}
	return "null"
}

func isFalse(s *schema.Schema) bool {
	return s != nil && s.Always != nil && !*s.Always
}

func isTrueSchema(s *schema.Schema) bool {
	return s != nil && s.Always != nil && *s.Always
}

// isOnlyNull reports whether null is the only value of s.
func isOnlyNull(s *schema.Schema) bool {
	return len(s.Types) == 1 && s.Types[0] == "null"
}

// isMixedEnum reports whether the values of the enum or const of s have no scalar type in common.
func isMixedEnum(s *schema.Schema) bool {
	if values(s) == nil {
		return false
	}
	kind := valuesType(s)
	return kind == "object" || kind == "array" || kind == "" && len(s.Types) == 0
}

// IsPlainString reports whether s demands nothing of its values except, perhaps, that they are
// strings.
func IsPlainString(s *schema.Schema) bool {
	isOther := len(s.Types) > 0 && !slices.Contains(s.Types, "string")
	return !isOther && !implies(s, "string") && s.Format == "" && values(s) == nil
}
