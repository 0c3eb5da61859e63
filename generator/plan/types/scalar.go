package types

import (
	"math/big"

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
		return numberKind(format)
	}
	bare := *s
	bare.Format = ""
	if !isStringFormat(format) || implies(&bare, "string") {
		return String // what is said about the text needs the text
	}
	return formats[format].kind
}

// integerKind returns Decimal for integers that may be larger than an int64 by their limits, or
// whose digits the schema wants to keep.
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
