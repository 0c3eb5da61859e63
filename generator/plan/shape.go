package plan

import (
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
)

// A shape is what a schema comes down to in Go.
type shape struct {
	kind     shapeKind
	scalar   RefKind           // of shapeScalar
	nullable bool              // null is one of the values
	enum     []*asyncapi.Value // the values of a scalar that has an enum or a const; null is not among them
}

type shapeKind uint8

const (
	shapeAny shapeKind = iota // anything
	shapeScalar
	shapeStruct
	shapeMap
	shapeList
)

// shapeOf returns the shape of s. A schema without a type has the one that its keywords are for.
func (t *typeBuilder) shapeOf(s *asyncapi.Schema) shape {
	sh := shape{nullable: isNullable(s)}
	switch kind := jsonType(s); kind {
	case "object":
		sh.kind = shapeMap
		if len(s.Properties)+len(s.Required) > 0 || isFalse(s.AdditionalProperties) {
			sh.kind = shapeStruct
		}
	case "array":
		sh.kind = shapeList
	case "string", "integer", "number", "boolean":
		sh.kind = shapeScalar
		sh.scalar = scalarKind(kind, s.Format)
		sh.enum = t.allowed(s, kind)
	}
	return sh
}

// isNullable says whether null is one of the values of s, beside others.
func isNullable(s *asyncapi.Schema) bool {
	isNull := func(v *asyncapi.Value) bool { return v.Kind == asyncapi.Null }
	if s.Enum != nil && !slices.ContainsFunc(s.Enum, isNull) || s.Const != nil && !isNull(s.Const) {
		return false
	}
	return s.Nullable || slices.Contains(s.Types, "null") || len(s.Types) == 0 && slices.ContainsFunc(s.Enum, isNull)
}

// jsonType returns the one JSON type that values of s other than null have, "" when it says none or several.
func jsonType(s *asyncapi.Schema) string {
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

// impliedType returns the type that the keywords of a schema without a type are for.
func impliedType(s *asyncapi.Schema) string {
	if kind := valuesType(s); kind != "" {
		return kind
	}
	switch {
	case len(s.Properties)+len(s.Required) > 0 || s.AdditionalProperties != nil:
		return "object"
	case s.Items != nil:
		return "array"
	case s.Pattern != "" || s.MinLength != nil || s.MaxLength != nil || isStringFormat(s.Format):
		return "string"
	case s.Minimum != "" || s.Maximum != "" || s.ExclusiveMinimum != "" || s.ExclusiveMaximum != "" || s.MultipleOf != "":
		return "number"
	}
	return ""
}

// valuesType returns the type that all values of the enum or const of s other than null share, "" when
// there are none or they differ.
func valuesType(s *asyncapi.Schema) string {
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

// values returns those of the enum or const of s.
func values(s *asyncapi.Schema) []*asyncapi.Value {
	if s.Const != nil {
		return []*asyncapi.Value{s.Const}
	}
	return s.Enum
}

func typeOfValue(v *asyncapi.Value) string {
	switch v.Kind {
	case asyncapi.Bool:
		return "boolean"
	case asyncapi.Number:
		if isWhole(v.Text) {
			return "integer"
		}
		return "number"
	case asyncapi.String:
		return "string"
	case asyncapi.Array:
		return "array"
	case asyncapi.Object:
		return "object"
	case asyncapi.Null:
	}
	return "null"
}

// allowed returns the values that the enum or const of a scalar allows, nil when it has neither.
// Values of another type than the schema's can never occur: they are left out, and said.
func (t *typeBuilder) allowed(s *asyncapi.Schema, kind string) []*asyncapi.Value {
	all := values(s)
	if all == nil || kind == "boolean" {
		return nil
	}
	var kept []*asyncapi.Value
	for _, v := range all {
		is := typeOfValue(v)
		if is == kind || is == "integer" && kind == "number" {
			kept = append(kept, v)
		} else if is != "null" {
			t.warn(v.Position, s.Path+"/enum", fmt.Sprintf("this value is left out: it is no %s, which is the schema's type", kind), "")
		}
	}
	return kept
}

func isFalse(s *asyncapi.Schema) bool {
	return s != nil && s.Always != nil && !*s.Always
}
