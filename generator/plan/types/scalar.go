package types

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/runtime/payload"
)

// scalarKind returns the Go type of a scalar of a JSON type. A format that is not known is
// documentation, and so is every format if formats are ignored.
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
		return numberKind(s, format)
	}
	bare := *s
	bare.Format = ""
	if !isStringFormat(format) || implies(&bare, "string") {
		return String // what is said about the text needs the text
	}
	return formats[format].kind
}

// integerKind returns the Go type of integers: that of the format, unless the limits allow values
// that it does not hold. Then it is a uint64 if that holds them, else a Decimal.
func integerKind(s *schema.Schema, format string) RefKind {
	known, ok := integerFormats[format]
	switch {
	case format == "decimal":
		return Decimal
	case ok && known.isUnsigned():
		return known.kind
	case !hasLimitBeyondInt64(s):
	case ceilingOf(s) != nil && ceilingOf(s).Sign() >= 0 && floorOf(s) != nil && floorOf(s).IsUint64():
		return Uint64
	default:
		return Decimal
	}
	if ok {
		return known.kind
	}
	return Int64
}

func hasLimitBeyondInt64(s *schema.Schema) bool {
	return slices.ContainsFunc([]string{s.Minimum, s.Maximum, s.ExclusiveMinimum, s.ExclusiveMaximum}, func(limit string) bool {
		r := rational(limit)
		return r != nil && !new(big.Int).Quo(r.Num(), r.Denom()).IsInt64()
	})
}

// numberKind returns the Go type of numbers. The formats of integers make them integers, as in
// OpenAPI's registry of formats.
func numberKind(s *schema.Schema, format string) RefKind {
	switch {
	case format == "float":
		return Float32
	case format == "decimal":
		return Decimal
	case integerFormats[format] != (integerFormat{}):
		return integerKind(s, format)
	}
	return Float64
}

// An integerFormat is a format of integers: its Go type, and its limits.
type integerFormat struct {
	kind   RefKind
	low    int64
	high   uint64
	header payload.IntegerFormat // of AMQP headers, where they are smaller than the Go type
}

func (f integerFormat) isUnsigned() bool { return f.low == 0 }

// integerFormats are the formats of integers. Those below 32 bits have a type of 32 bits, so that a
// list of them is no []byte, and their limits are checked.
var integerFormats = map[string]integerFormat{
	"int8":   {Int32, math.MinInt8, math.MaxInt8, payload.Int8},
	"int16":  {Int32, math.MinInt16, math.MaxInt16, payload.Int16},
	"int32":  {Int32, math.MinInt32, math.MaxInt32, payload.NoIntegerFormat},
	"int64":  {Int64, math.MinInt64, math.MaxInt64, payload.NoIntegerFormat},
	"uint8":  {Uint32, 0, math.MaxUint8, payload.Uint8},
	"uint16": {Uint32, 0, math.MaxUint16, payload.Uint16},
	"uint32": {Uint32, 0, math.MaxUint32, payload.NoIntegerFormat},
	"uint64": {Uint64, 0, math.MaxUint64, payload.NoIntegerFormat},
}

// warnOfFormat warns of a format that has a meaning for another type than that of s: there it is
// documentation.
func (t *Builder) warnOfFormat(s *schema.Schema, jsonType string) {
	at := s.At("format")
	if t.options.IgnoreFormats || t.warned[at] {
		return
	}
	_, isInteger := integerFormats[s.Format]
	isFloat := s.Format == "float" || s.Format == "double"
	isText := isStringFormat(s.Format) && s.Format != "decimal"
	var instead string
	switch {
	case jsonType == "string" && (isInteger || isFloat):
		instead = "write the format decimal for a number that is a string in JSON, or a pattern"
	case jsonType == "integer" && isFloat:
		instead = "write the type number, or a format of integers such as int64"
	case jsonType != "string" && isText:
		instead = "write the type string, or remove the format"
	default:
		return
	}
	t.warned[at] = true
	t.report.Warn(at, fmt.Sprintf("the format %q is not one of the type %s and is not used", s.Format, jsonType), instead)
}

// formats are the formats of strings that are checked, and their Go types.
var formats = map[string]struct {
	check payload.Format
	kind  RefKind
}{
	"byte":                  {payload.FormatByte, Bytes},
	"date":                  {payload.FormatDate, Date},
	"date-time":             {payload.FormatDateTime, Time},
	"decimal":               {payload.FormatDecimal, DecimalText},
	"duration":              {payload.FormatDuration, Duration},
	"email":                 {payload.FormatEmail, String},
	"hostname":              {payload.FormatHostname, String},
	"ipv4":                  {payload.FormatIPv4, String},
	"ipv6":                  {payload.FormatIPv6, String},
	"json-pointer":          {payload.FormatJSONPointer, String},
	"regex":                 {payload.FormatRegex, String},
	"relative-json-pointer": {payload.FormatRelativeJSONPointer, String},
	"time":                  {payload.FormatTime, String},
	"uri":                   {payload.FormatURI, String},
	"uri-reference":         {payload.FormatURIReference, String},
	"uuid":                  {payload.FormatUUID, UUID},
}

func isStringFormat(format string) bool { return formats[format].check != payload.NoFormat }

// isWhole reports whether a JSON number has no fraction: 1, 1.0 and 1e2 have none.
func isWhole(number string) bool {
	r, ok := new(big.Rat).SetString(number)
	return ok && r.IsInt()
}
