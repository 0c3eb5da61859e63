package types

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime/payload"
)

// allowed returns the values that the enum or const of a scalar allows, nil when it has neither. of is
// the view of s. Values that can never occur, of another type than the schema's or beyond what else
// it says, are left out, with a warning.
func (t *Builder) allowed(s *schema.Schema, of view, kind string) []*source.Value {
	all := values(of.schema)
	if all == nil || kind == "boolean" {
		return nil
	}
	limits := t.checker.limitsOf(of.schema)
	kept := []*source.Value{}
	for _, v := range all {
		switch is := typeOfValue(v); {
		case is != kind && (is != "integer" || kind != "number"):
			if is != "null" {
				t.report.Warn(v.Location(), fmt.Sprintf("this value is left out: it is no %s, which is the schema's type", kind), "take it out, or allow its type")
			}
		case !limits.allow(v) || !t.allowsScalar(s, of, v):
			t.report.Warn(v.Location(), "this value is left out: the other keywords of its schema do not allow it", "take it out, or change the keyword")
		default:
			kept = append(kept, v)
		}
	}
	return kept
}

// limits are what a schema says of scalars beside their type and values; nil is nothing.
type limits struct{ codec *payload.Codec }

// limitsOf returns the limits of s.
func (c *checker) limitsOf(s *schema.Schema) limits {
	if !implies(s, "string", "number") {
		return limits{}
	}
	rules := payload.Schema{String: c.stringRule(s)}
	if n := numberLimits(s, false); n != nil {
		rules.Number = payload.NewNumberRule(*n)
	}
	return limits{&payload.Codec{Value: payload.Value{As: payload.ScalarRaw}, Schemas: &payload.Schemas{"limits": rules}, Schema: "limits"}}
}

// allow reports whether a value is within the limits.
func (l limits) allow(v *source.Value) bool {
	return l.codec == nil || l.codec.Unmarshal([]byte(JSON(v)), new(payload.Raw)) == nil
}

// enumScalar returns the underlying type of an enum whose schema has a Go type: one of which all
// values can be Go constants, else Decimal.
func enumScalar(of RefKind, values []*source.Value) RefKind {
	if values == nil {
		return of
	}
	candidates := []RefKind{String}
	switch of {
	case Int32, Uint32:
		candidates = []RefKind{of, Int64, Uint64}
	case Int64, Uint64:
		candidates = []RefKind{of, Uint64}
	case Float32:
		candidates = []RefKind{of, Float64}
	case Float64, Decimal:
		candidates = []RefKind{Float64}
	case Bool:
		candidates = []RefKind{Bool}
	}
	for _, kind := range candidates {
		if !slices.ContainsFunc(values, func(v *source.Value) bool { return !fits(v.Text, kind) }) {
			return kind
		}
	}
	return Decimal
}

// enumValues returns the constants of an enum, in the contract's order: the type's name with the
// value, or with the name that x-enum-varnames gives the value.
func (t *Builder) enumValues(sh shape, typeName string) []EnumValue {
	given := t.givenEnumNames(sh.enum)
	var all []EnumValue
	taken := map[string]string{} // values by their names
	for _, v := range sh.enum {
		word := t.namer.Exported(names.SpellSymbols(v.Text))
		name, isNamed := given[v]
		if isNamed {
			word = t.namer.Exported(name)
		}
		constant := EnumValue{GoName: typeName + word, Value: v.Text}
		other, clash := taken[constant.GoName]
		isType := t.reserved[constant.GoName] || t.ofPayload[constant.GoName] != nil
		switch {
		case word == "":
			t.report.Mistake(v.Location(), fmt.Sprintf("value %q cannot be made a Go name", v.Text), "name the values with "+extension.EnumNames)
		case clash && other == v.Text: // said twice
		case clash && isNamed:
			t.report.Mistake(v.Location(), fmt.Sprintf("values %q and %q have conflicting Go name %s", other, v.Text, constant.GoName),
				"name the values with "+extension.EnumNames)
		default:
			for i := 2; clash || isType && !isNamed; i++ {
				constant.GoName = t.unreserved(typeName + word + strconv.Itoa(i))
				_, clash = taken[constant.GoName]
				isType = false
			}
			taken[constant.GoName] = v.Text
			all = append(all, constant)
		}
	}
	return all
}

// fits reports whether a constant of kind can have a value.
func fits(text string, kind RefKind) bool {
	number := rational(text)
	if number == nil || kind == String {
		return true
	}
	switch kind {
	case Int32, Int64, Uint32:
		limits := integerTypes[kind]
		return number.IsInt() && number.Num().IsInt64() && number.Num().Int64() >= limits.low && number.Num().Int64() <= limits.high
	case Uint64:
		return number.IsInt() && number.Num().IsUint64()
	case Float32:
		value, _ := number.Float32()
		return !math.IsInf(float64(value), 0)
	case Float64:
		value, _ := number.Float64()
		return !math.IsInf(value, 0)
	default:
		return true
	}
}

// givenEnumNames returns the names that x-enum-varnames gives values, beside the enum that each
// stands in.
func (t *Builder) givenEnumNames(values []*source.Value) map[*source.Value]string {
	all := map[*source.Value]string{}
	seen := map[*source.Value]bool{}
	for _, value := range values {
		holder, named := value.Parent(), []*source.Value{value} // of a const
		if holder != nil && holder.Kind == source.Array {
			holder, named = holder.Parent(), holder.Items
		}
		if holder == nil || seen[holder] {
			continue
		}
		seen[holder] = true
		v := t.read.Value(holder.Extensions(), extension.EnumNames)
		given := v.Texts()
		if given != nil && len(given) != len(named) {
			t.report.Mistake(v.Location(), fmt.Sprintf("%d names for %d values", len(given), len(named)), "give each value a name, in the same order")
			continue
		}
		for i, name := range given {
			all[named[i]] = name
		}
	}
	return all
}
