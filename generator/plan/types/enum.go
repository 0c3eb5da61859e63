package types

import (
	"fmt"
	"math"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// enumKind returns the underlying type of an enum: its constants must be Go constants.
func enumKind(scalar RefKind) RefKind {
	switch scalar {
	case Int32, Int64, Float32, Float64, Bool:
		return scalar
	case Decimal:
		return Float64
	default:
		return String
	}
}

// enumValues returns the constants of an enum, in the contract's order: the type's name with the
// value, or with the name that x-enum-varnames gives the value.
func (t *Builder) enumValues(s *schema.Schema, sh shape, typeName string) []EnumValue {
	given := t.givenEnumNames(s)
	var all []EnumValue
	taken := map[string]string{} // values by their names
	for i, v := range sh.enum {
		word := t.namer.Exported(names.SpellSymbols(v.Text))
		if given != nil {
			word = t.namer.Exported(given[i])
		}
		constant := EnumValue{GoName: typeName + word, Value: v.Text}
		other, clash := taken[constant.GoName]
		switch {
		case !fits(v.Text, enumKind(sh.scalar)):
			t.report.Unsupported(v.Location(), "schema/enum", fmt.Sprintf("no Go constant can have the value %s: it is out of its type's range", v.Text),
				"leave it out, change the format, or give the schema a Go type of your own with x-go-type")
		case word == "":
			t.report.Mistake(v.Location(), fmt.Sprintf("value %q cannot be made a Go name", v.Text), "name the values with "+extension.EnumNames)
		case clash && other == v.Text: // said twice
		case clash:
			t.report.Mistake(v.Location(), fmt.Sprintf("values %q and %q have conflicting Go name %s", other, v.Text, constant.GoName),
				"name the values with "+extension.EnumNames)
		default:
			taken[constant.GoName] = v.Text
			all = append(all, constant)
		}
	}
	return all
}

// fits reports whether a constant of kind can have a value.
func fits(text string, kind RefKind) bool {
	number := rational(text)
	if number == nil {
		return true // no number
	}
	switch kind {
	case Int32:
		return number.Num().IsInt64() && int64(int32(number.Num().Int64())) == number.Num().Int64()
	case Int64:
		return number.Num().IsInt64()
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

// givenEnumNames returns the x-enum-varnames of s, nil when there are none.
func (t *Builder) givenEnumNames(s *schema.Schema) []string {
	v := t.read.Value(s.Extensions, extension.EnumNames)
	given := v.Texts()
	if given != nil && len(given) != len(s.Enum) {
		t.report.Mistake(v.Location(), fmt.Sprintf("%d names for %d values", len(given), len(s.Enum)), "give each value a name, in the same order")
		return nil
	}
	return given
}
