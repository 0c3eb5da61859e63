package types

import (
	"math"
	"math/big"
	"reflect"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/runtime/payload"
)

// rule returns what s demands of values of one kind in addition to their Go type, nil when that is
// nothing.
func (c *checker) rule(s *schema.Schema, kind RefKind) payload.Rule {
	switch kind {
	case String:
		return orNil(c.stringRule(s))
	case Int32:
		return orNil(integerRule(s, math.MinInt32, math.MaxInt32, payload.NoIntegerFormat))
	case Int64:
		size := c.integerSize(s)
		return orNil(integerRule(s, size.low, size.high, size.format))
	case Decimal:
		return orNil(numberLimits(s, jsonType(s) == "integer"))
	case Float32, Float64, DecimalText:
		return orNil(numberLimits(s, false))
	case List:
		return orNil(arrayRule(s, s.UniqueItems))
	case Map:
		return orNil(mapRule(s))
	}
	return nil
}

// orNil returns r, or a nil Rule for a nil pointer.
func orNil[R interface {
	comparable
	payload.Rule
}](r R) payload.Rule {
	var none R
	if r == none {
		return nil
	}
	return r
}

func (c *checker) stringRule(s *schema.Schema) *payload.StringRule {
	rule := payload.StringRule{MinLength: least(s.MinLength), MaxLength: most(s.MaxLength)}
	if p := c.pattern(s, s.Pattern); p != nil {
		rule.Patterns = []*payload.Pattern{p}
	}
	if !c.ignoreFormats {
		rule.Format = formats[s.Format].check
	}
	if reflect.DeepEqual(rule, payload.StringRule{MaxLength: payload.NoLimit}) {
		return nil
	}
	return &rule
}

// An integerSize is the bounds of an integer by its format.
type integerSize struct {
	format    payload.IntegerFormat
	low, high int64
}

// integerSizes are the formats of integers that are int64 in Go and smaller elsewhere.
var integerSizes = map[string]integerSize{
	"int8":   {payload.Int8, math.MinInt8, math.MaxInt8},
	"int16":  {payload.Int16, math.MinInt16, math.MaxInt16},
	"uint8":  {payload.Uint8, 0, math.MaxUint8},
	"uint16": {payload.Uint16, 0, math.MaxUint16},
	"uint32": {payload.Uint32, 0, math.MaxUint32},
}

// integerSize returns the bounds of s, those of an int64 if its format says nothing of them.
func (c *checker) integerSize(s *schema.Schema) integerSize {
	if size, ok := integerSizes[s.Format]; ok && !c.ignoreFormats {
		return size
	}
	return integerSize{payload.NoIntegerFormat, math.MinInt64, math.MaxInt64}
}

// integerRule returns the limits of an integer as whole numbers, both included: 1 is the least
// integer above 0.5. low and high are the limits of its Go type, or of its format.
func integerRule(s *schema.Schema, low, high int64, format payload.IntegerFormat) *payload.IntegerRule {
	none := payload.IntegerRule{Minimum: low, Maximum: high}
	rule := none
	rule.Format = format
	if n := tightest(1, ceiling(s.Minimum, false), ceiling(s.ExclusiveMinimum, true)); n != nil {
		rule.Minimum = clamped(n)
	}
	if n := tightest(-1, floor(s.Maximum, false), floor(s.ExclusiveMaximum, true)); n != nil {
		rule.Maximum = clamped(n)
	}
	if format != payload.NoIntegerFormat {
		rule.Minimum, rule.Maximum = max(rule.Minimum, low), min(rule.Maximum, high)
	}
	if unit := rational(s.MultipleOf); unit != nil && unit.Num().Cmp(big.NewInt(1)) != 0 {
		rule.MultipleOf = clamped(unit.Num()) // in lowest terms, an integer is a multiple of p/q just when it is one of p
	}
	if reflect.DeepEqual(rule, none) {
		return nil
	}
	return &rule
}

// clamped returns n, or the nearest integer of 64 bits if it does not fit: no value is beyond that.
func clamped(n *big.Int) int64 {
	switch {
	case n.IsInt64():
		return n.Int64()
	case n.Sign() < 0:
		return math.MinInt64
	default:
		return math.MaxInt64
	}
}

func numberLimits(s *schema.Schema, whole bool) *payload.NumberLimits {
	limits := payload.NumberLimits{
		Minimum: s.Minimum, ExclusiveMinimum: s.ExclusiveMinimum, Maximum: s.Maximum, ExclusiveMaximum: s.ExclusiveMaximum,
		MultipleOf: s.MultipleOf, Whole: whole,
	}
	if reflect.ValueOf(limits).IsZero() {
		return nil
	}
	return &limits
}

// arrayRule returns what s demands of lists. For tuples, a check of the whole value finds duplicate
// items.
func arrayRule(s *schema.Schema, unique bool) *payload.ArrayRule {
	rule := payload.ArrayRule{MinItems: least(s.MinItems), MaxItems: most(s.MaxItems), UniqueItems: unique}
	if rule == (payload.ArrayRule{MaxItems: payload.NoLimit}) {
		return nil
	}
	return &rule
}

func mapRule(s *schema.Schema) *payload.MapRule {
	rule := payload.MapRule{MinProperties: least(s.MinProperties), MaxProperties: most(s.MaxProperties)}
	if rule == (payload.MapRule{MaxProperties: payload.NoLimit}) {
		return nil
	}
	return &rule
}

func least(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

func most(n *int) int {
	if n == nil {
		return payload.NoLimit
	}
	return *n
}

// enumRule returns the rule of an enum. It has the values in the order that checking needs: strings
// sorted as strings, numbers as numbers.
func enumRule(kind RefKind, values []EnumValue) payload.Rule {
	var texts []string
	for _, v := range values {
		texts = append(texts, v.Value)
	}
	if kind == String {
		slices.Sort(texts)
		return &payload.StringRule{MaxLength: payload.NoLimit, Enum: texts}
	}
	slices.SortFunc(texts, func(x, y string) int { return rational(x).Cmp(rational(y)) })
	switch kind {
	case Int32, Int64:
		rule := &payload.IntegerRule{Minimum: math.MinInt64, Maximum: math.MaxInt64}
		if kind == Int32 {
			rule.Minimum, rule.Maximum = math.MinInt32, math.MaxInt32
		}
		for _, text := range texts {
			rule.Enum = append(rule.Enum, rational(text).Num().Int64())
		}
		return rule
	default:
		return &payload.NumberLimits{Enum: texts}
	}
}
