package types

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// contradiction reports schemas of an allOf that no value satisfies, at s.
func (t *Builder) contradiction(s *schema.Schema, why string) {
	t.report.Mistake(s.Location, "allOf contradicts itself: "+why, "")
}

// reportContradictions reports limits of s, a merged allOf, that no value is within.
func (t *Builder) reportContradictions(s *schema.Schema) {
	numbers := map[string]string{}
	for _, k := range schema.Keywords {
		numbers[k.Name] = k.Limit(s)
	}
	for _, k := range schema.Keywords {
		if low, high := rational(numbers[k.Name]), rational(numbers[k.Upper]); low != nil && high != nil && low.Cmp(high) > 0 {
			t.contradiction(s, fmt.Sprintf("%s is %s and %s is %s", k.Name, numbers[k.Name], k.Upper, numbers[k.Upper]))
		}
	}
}

// addValues keeps the values that both have.
func (m *merger) addValues(s *schema.Schema) {
	into := &m.into
	given, more := values(into), values(s)
	switch {
	case more == nil:
		return
	case given == nil:
		into.Enum, into.Const = s.Enum, s.Const
		return
	case slices.ContainsFunc(slices.Concat(given, more), hasParts):
		m.loose = true
		return
	}
	if hasEnumNames(more) && !hasEnumNames(given) {
		given, more = more, given
	}
	wanted := map[scalar]bool{}
	for _, y := range more {
		wanted[scalarOf(y)] = true
	}
	both := slices.DeleteFunc(slices.Clone(given), func(x *source.Value) bool { return !wanted[scalarOf(x)] })
	if len(both) == 0 {
		m.types.contradiction(s, "no value is one of those that all of its schemas want")
	}
	into.Enum, into.Const = both, nil
}

// hasEnumNames reports whether the contract gives values of an enum Go names.
func hasEnumNames(values []*source.Value) bool {
	return len(values) > 0 && values[0].Parent() != nil && values[0].Parent().Parent().Get(extension.EnumNames) != nil
}

func hasParts(v *source.Value) bool { return v.Kind == source.Array || v.Kind == source.Object }

// A scalar is a JSON value without parts. Equal ones are the same value, however they are written.
type scalar struct {
	kind source.Kind
	text string
}

func scalarOf(v *source.Value) scalar {
	if v.Kind == source.Number {
		return scalar{v.Kind, shortest(v.Text)}
	}
	return scalar{v.Kind, v.Text}
}

// shortest returns a number in JSON's notation as its digits, without leading or trailing zeros,
// and an exponent. Unlike big.Rat it does not make a thousand digits of 1e999.
func shortest(number string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	e, _ := strconv.Atoi(exponent) // the reader of contracts has seen to its size
	mantissa, isNegative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	trimmed := strings.TrimRight(digits, "0")
	e += len(digits) - len(trimmed) - len(fraction)
	if isNegative {
		trimmed = "-" + trimmed
	}
	return trimmed + "e" + strconv.Itoa(e)
}
