package types

import (
	"math"
	"math/big"
	"reflect"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/runtime/payload"
)

// rule returns what s demands of values of one kind in addition to their Go type, nil when that is
// nothing.
func (c *checker) rule(s *schema.Schema, kind RefKind) payload.Rule {
	switch kind {
	case String:
		return orNil(c.stringRule(s))
	case Int32, Int64, Uint32:
		return orNil(c.integerRule(s, kind))
	case Uint64:
		return orNil(unsignedLimits(s))
	case Decimal:
		return orNil(decimalLimits(s))
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

// integerRule returns the limits of an integer as whole numbers, both included: 1 is the least
// integer above 0.5.
func (c *checker) integerRule(s *schema.Schema, kind RefKind) *payload.IntegerRule {
	none := payload.IntegerRule{Minimum: integerTypes[kind].low, Maximum: integerTypes[kind].high}
	rule := none
	if f := integerFormats[s.Format]; f.kind == kind && !c.ignoreFormats {
		rule.Minimum, rule.Maximum, rule.Format = f.low, int64(f.high), f.header
	}
	if n := ceilingOf(s); n != nil {
		rule.Minimum = max(rule.Minimum, clamped(n))
	}
	if n := floorOf(s); n != nil {
		rule.Maximum = min(rule.Maximum, clamped(n))
	}
	if unit := rational(s.MultipleOf); unit != nil && unit.Num().Cmp(big.NewInt(1)) != 0 {
		rule.MultipleOf = clamped(unit.Num()) // in lowest terms, an integer is a multiple of p/q just when it is one of p
	}
	if reflect.DeepEqual(rule, none) {
		return nil
	}
	return &rule
}

// integerTypes has the limits of the Go integers that an IntegerRule is for.
var integerTypes = map[RefKind]struct{ low, high int64 }{
	Int32: {math.MinInt32, math.MaxInt32}, Int64: {math.MinInt64, math.MaxInt64}, Uint32: {0, math.MaxUint32},
}

// unsignedLimits returns the limits of a uint64 that its Go type does not have.
func unsignedLimits(s *schema.Schema) *payload.NumberLimits {
	bare := *s
	if n := ceilingOf(s); n != nil && n.Sign() <= 0 {
		bare.Minimum, bare.ExclusiveMinimum = "", ""
	}
	if n := floorOf(s); n != nil && n.Sign() > 0 && (!n.IsUint64() || n.Uint64() == math.MaxUint64) {
		bare.Maximum, bare.ExclusiveMaximum = "", ""
	}
	return numberLimits(&bare, false)
}

// decimalLimits returns the limits of a Decimal, which has no constants for the values of an enum.
func decimalLimits(s *schema.Schema) *payload.NumberLimits {
	limits := numberLimits(s, jsonType(s) == "integer")
	for _, v := range values(s) {
		if v.Kind == source.Number {
			if limits == nil {
				limits = &payload.NumberLimits{}
			}
			limits.Enum = append(limits.Enum, v.Text)
		}
	}
	return limits
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
	case Int32, Int64, Uint32:
		rule := &payload.IntegerRule{Minimum: integerTypes[kind].low, Maximum: integerTypes[kind].high}
		for _, text := range texts {
			rule.Enum = append(rule.Enum, rational(text).Num().Int64())
		}
		return rule
	default:
		return &payload.NumberLimits{Enum: texts}
	}
}
