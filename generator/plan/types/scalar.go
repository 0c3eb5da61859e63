package types

import (
	"math/big"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// scalarKind returns the Go type of a scalar of a JSON type. A format that it does not know is
// documentation, and so is every format where schemas are read literally.
func (t *Builder) scalarKind(s *schema.Schema, jsonType string) RefKind {
	format := s.Format
	if t.options.IgnoreFormats {
		format = ""
	}
	switch jsonType {
	case "boolean":
		return Bool
	case "integer":
		return integerKind(s, format)
	case "number":
		return numberKind(format)
	}
	kind, ok := stringFormats[format]
	bare := *s
	bare.Format = ""
	if !ok || implies(&bare, "string") {
		return String // what is said about the text needs the text
	}
	return kind
}

// integerKind returns Decimal for integers that the schema expects to be larger than an int64, or whose digits it wants kept.
func integerKind(s *schema.Schema, format string) RefKind {
	for _, limit := range []string{s.Minimum, s.Maximum, s.ExclusiveMinimum, s.ExclusiveMaximum} {
		if r := rational(limit); r != nil && !new(big.Int).Quo(r.Num(), r.Denom()).IsInt64() {
			return Decimal
		}
	}
	switch format {
	case "int32":
		return Int32
	case "decimal":
		return Decimal
	}
	return Int64
}

func numberKind(format string) RefKind {
	switch format {
	case "float":
		return Float32
	case "decimal":
		return Decimal
	}
	return Float64
}

// stringFormats are the formats that have a Go type of their own.
var stringFormats = map[string]RefKind{
	"byte":      Bytes,
	"date-time": Time,
	"date":      Date,
	"uuid":      UUID,
	"duration":  Duration,
	"decimal":   DecimalText,
}

// checkedFormats are the formats of a Go string that a codec can check.
var checkedFormats = []string{
	"email", "hostname", "ipv4", "ipv6", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference",
}

func isStringFormat(format string) bool {
	_, typed := stringFormats[format]
	return typed || slices.Contains(checkedFormats, format)
}

// isWhole says whether a JSON number has no fraction: 1, 1.0 and 1e2 have none.
func isWhole(number string) bool {
	r, ok := new(big.Rat).SetString(number)
	return ok && r.IsInt()
}

// checks returns the constraints of s that its Go type does not express.
func (c *checker) checks(s *schema.Schema, r Ref) []Check {
	var all []Check
	switch r.Kind {
	case String:
		all = append(limits(s, "string"), c.patternCheck(s, s.Pattern)...)
		if isStringFormat(s.Format) && !c.ignoreFormats {
			all = append(all, Check{Keyword: Format, Value: s.Format})
		}
	case Int32, Int64:
		all = integerChecks(s)
	case Float32, Float64, Decimal, DecimalText:
		all = limits(s, "number")
		if r.Kind == Decimal && jsonType(s) == "integer" {
			all = append(all, Check{Keyword: Whole, Value: "true"})
		}
	case List:
		all = limits(s, "array")
		if s.UniqueItems {
			all = append(all, Check{Keyword: UniqueItems, Value: "true"})
		}
	case Map:
		all = limits(s, "object")
	case Raw, Bool, Bytes, Time, Date, UUID, Duration, Named, UserType:
	}
	return all
}
