package types

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// A contradiction is why no value satisfies an allOf.
type contradiction struct {
	source.Location
	why string
}

// contradict notes that no value satisfies the schemas that are merged, at s.
func (m *merger) contradict(s *schema.Schema, why string) {
	if m.never == nil {
		m.never = &contradiction{s.Location, why}
		m.types.contradictions = append(m.types.contradictions, m.never)
	}
}

// checkLimits finds limits of the merged schema that no value is within.
func (m *merger) checkLimits() {
	numbers := map[string]string{}
	for _, k := range schema.Keywords {
		numbers[k.Name] = k.Limit(&m.into)
	}
	for _, k := range schema.Keywords {
		if low, high := rational(numbers[k.Name]), rational(numbers[k.Upper]); low != nil && high != nil && low.Cmp(high) > 0 {
			m.contradict(&m.into, fmt.Sprintf("%s is %s%s and %s is %s%s", k.Name, numbers[k.Name], m.place(k.Name, nil), k.Upper, numbers[k.Upper], m.place(k.Upper, nil)))
		}
	}
}

// place returns where the first schema of the allOf that is merged has a keyword, as the end of a
// phrase; "" when that is not known. The schema except, and what it extends, do not count.
func (m *merger) place(keyword string, except *schema.Schema) string {
	seen := map[*schema.Schema]bool{nil: true}
	var find func(s *schema.Schema) string
	find = func(s *schema.Schema) string {
		if seen[s] || except != nil && s.Location == except.Location {
			return ""
		}
		seen[s] = true
		if s.Source.Get(keyword) != nil {
			return " at " + s.At(keyword).Position.String()
		}
		for _, part := range s.AllOf {
			if at := find(part); at != "" {
				return at
			}
		}
		return ""
	}
	return find(m.of)
}

// reportContradictions reports what no value satisfies: a mistake where each message would have to
// have such a value, a warning elsewhere.
func (t *Builder) reportContradictions() {
	needed := map[*contradiction]bool{}
	for _, s := range t.payloads {
		for _, c := range t.impossible(s, map[*schema.Schema]bool{}) {
			needed[c] = true
		}
	}
	for _, c := range t.contradictions {
		if needed[c] {
			t.report.Mistake(c.Location, "allOf contradicts itself: "+c.why, "")
		} else {
			t.report.Warn(c.Location, "allOf contradicts itself: "+c.why, "correct one of the two; until then no value is valid here, so that an optional member must be left out")
		}
	}
}

// impossible returns why no value satisfies s, nil when one can. Schemas within themselves are
// walked once.
func (t *Builder) impossible(s *schema.Schema, seen map[*schema.Schema]bool) []*contradiction {
	if s == nil || seen[s] {
		return nil
	}
	seen[s] = true
	v := t.viewOf(s)
	if v.never != nil {
		return []*contradiction{v.never}
	}
	var all []*contradiction
	required := setOf(v.schema.Required)
	for _, p := range v.schema.Properties {
		if required[p.Name] {
			all = append(all, t.impossible(p.Schema, seen)...)
		}
	}
	if least := least(v.schema.MinItems); least > 0 {
		for _, item := range v.schema.PrefixItems[:min(least, len(v.schema.PrefixItems))] {
			all = append(all, t.impossible(item, seen)...)
		}
		if least > len(v.schema.PrefixItems) {
			all = append(all, t.impossible(v.schema.Items, seen)...)
		}
	}
	var ofVariants []*contradiction
	for _, variant := range choices(v.schema) {
		why := t.impossible(variant, seen)
		if why == nil {
			return all
		}
		ofVariants = append(ofVariants, why...)
	}
	return append(all, ofVariants...)
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
		m.contradict(s, "no value is one of those that all of its schemas want, here and"+cmp.Or(m.place("enum", s), m.place("const", s), " elsewhere"))
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
