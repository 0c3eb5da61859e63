package templates

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A literals writes values of the plan as Go literals. Zero fields are left out, and maps are
// sorted.
type literals struct {
	// instead returns the code that replaces a value, nil if the value is written as it is. field
	// is the name of the struct's field with the value, "" elsewhere. It may be nil.
	instead func(field string, value any) jen.Code
}

// value is v as a literal with its type.
func (l literals) value(v any) *jen.Statement { return l.typed(reflect.ValueOf(v)) }

// untypedOf is the struct v as a literal without its type, spread as its type is.
func (l literals) untypedOf(v any) *jen.Statement { return l.untyped(reflect.ValueOf(v)) }

// spreadFrom is the number of fields from which on a struct is written with one field on a line.
// Other structs are written on one line.
var spreadFrom = map[reflect.Type]int{
	reflect.TypeFor[runtime.Declarations](): 1,
	reflect.TypeFor[payload.Schema]():       2,
}

// given are the fields that are written even if they are zero, because there zero is not the
// default.
var given = map[reflect.Type][]string{reflect.TypeFor[payload.IntegerRule](): {"Minimum", "Maximum"}}

// constants are the values that have names. Other numbers of their types are sets of them.
var constants = map[any]string{
	payload.NoLimit: "NoLimit",

	payload.NullKind: "NullKind", payload.BoolKind: "BoolKind", payload.NumberKind: "NumberKind", payload.StringKind: "StringKind",
	payload.ArrayKind: "ArrayKind", payload.ObjectKind: "ObjectKind",

	payload.TypeNull: "TypeNull", payload.TypeBoolean: "TypeBoolean", payload.TypeInteger: "TypeInteger", payload.TypeNumber: "TypeNumber",
	payload.TypeString: "TypeString", payload.TypeArray: "TypeArray", payload.TypeObject: "TypeObject",

	payload.FormatDateTime: "FormatDateTime", payload.FormatDate: "FormatDate", payload.FormatTime: "FormatTime", payload.FormatDuration: "FormatDuration",
	payload.FormatUUID: "FormatUUID", payload.FormatEmail: "FormatEmail", payload.FormatHostname: "FormatHostname", payload.FormatIPv4: "FormatIPv4",
	payload.FormatIPv6: "FormatIPv6", payload.FormatURI: "FormatURI", payload.FormatURIReference: "FormatURIReference",
	payload.FormatJSONPointer: "FormatJSONPointer", payload.FormatRelativeJSONPointer: "FormatRelativeJSONPointer",
	payload.FormatRegex: "FormatRegex", payload.FormatByte: "FormatByte", payload.FormatDecimal: "FormatDecimal",

	payload.Int8: "Int8", payload.Int16: "Int16", payload.Int32: "Int32",
	payload.Uint8: "Uint8", payload.Uint16: "Uint16", payload.Uint32: "Uint32",
}

// typed is v with its type, unless the type follows from the context.
func (l literals) typed(v reflect.Value) *jen.Statement {
	switch made := v.Interface().(type) {
	case *payload.Pattern:
		return pl("NewPattern").Call(quoted(made.String()), quoted(made.Expression()))
	case *payload.NumberRule:
		return pl("NewNumberRule").Call(l.value(made.Limits()))
	case time.Duration:
		return durationOf(made)
	case time.Time:
		return jen.Qual("time", "Unix").Call(jen.Lit(int(made.Unix())), jen.Lit(0))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return jen.Nil()
		}
		return jen.Op("&").Add(l.typed(v.Elem()))
	case reflect.Interface:
		if v.IsNil() {
			return jen.Nil()
		}
		return l.typed(v.Elem())
	case reflect.Struct, reflect.Slice, reflect.Map:
		return typeOf(v.Type()).Add(l.untyped(v))
	case reflect.String:
		return quoted(v.String())
	case reflect.Bool, reflect.Float64:
		return jen.Lit(v.Interface())
	case reflect.Int, reflect.Int64:
		return integer(v, v.Int())
	case reflect.Uint8:
		return integer(v, int64(v.Uint()))
	}
	panic(fmt.Sprintf("templates: no literal for a %s", v.Type()))
}

// untyped is a struct, slice or map without its type.
func (l literals) untyped(v reflect.Value) *jen.Statement {
	entries := l.entries(v)
	switch v.Kind() {
	case reflect.Struct:
		least := spreadFrom[v.Type()]
		return spread(least > 0 && len(entries) >= least, entries)
	case reflect.Slice:
		return spread(v.Type().Elem().Kind() == reflect.Struct && len(entries) > 1, entries)
	default:
		return spread(v.Type().Elem().Kind() == reflect.Struct || len(entries) > 2, entries)
	}
}

// entries are the fields of a struct, or the elements of a slice or map.
func (l literals) entries(v reflect.Value) []jen.Code {
	var all []jen.Code
	switch v.Kind() {
	case reflect.Struct:
		for field, value := range v.Fields() {
			if !field.IsExported() {
				continue // the runtime's own, which no contract sets
			}
			if code := l.replaced(field.Name, value); code != nil {
				all = append(all, jen.Id(field.Name).Op(":").Add(code))
			} else if !value.IsZero() || slices.Contains(given[v.Type()], field.Name) {
				all = append(all, jen.Id(field.Name).Op(":").Add(l.typed(value)))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, l.element(v.Index(i)))
		}
	default:
		for _, key := range slices.Sorted(maps.Keys(keysOf(v))) {
			all = append(all, quoted(key).Op(":").Add(l.element(v.MapIndex(reflect.ValueOf(key)))))
		}
	}
	return all
}

func keysOf(v reflect.Value) map[string]bool {
	keys := map[string]bool{}
	for _, key := range v.MapKeys() {
		keys[key.String()] = true
	}
	return keys
}

// element is an element of a slice or map. A struct needs no type there.
func (l literals) element(v reflect.Value) jen.Code {
	if code := l.replaced("", v); code != nil {
		return code
	}
	if v.Kind() == reflect.Struct {
		return l.untyped(v)
	}
	return l.typed(v)
}

func (l literals) replaced(field string, v reflect.Value) jen.Code {
	if l.instead == nil {
		return nil
	}
	return l.instead(field, v.Interface())
}

// typeOf is the name of a type.
func typeOf(t reflect.Type) *jen.Statement {
	switch {
	case t.Name() != "" && t.PkgPath() != "":
		return jen.Qual(t.PkgPath(), t.Name())
	case t.Kind() == reflect.Slice:
		return jen.Index().Add(typeOf(t.Elem()))
	case t.Kind() == reflect.Pointer:
		return jen.Op("*").Add(typeOf(t.Elem()))
	case t.Kind() == reflect.Interface:
		return jen.Any()
	}
	return jen.Id(t.Name())
}

// integer is n, the value of v, by name if it or its bits have names.
func integer(v reflect.Value, n int64) *jen.Statement {
	if name, ok := constants[v.Interface()]; ok {
		return pl(name)
	}
	if v.Type().PkgPath() == "" {
		return digits(v.Type(), n)
	}
	code := jen.Null()
	for left := uint64(n); left != 0; left &= left - 1 {
		bit := reflect.ValueOf(uint64(1) << bits.TrailingZeros64(left)).Convert(v.Type())
		if left != uint64(n) {
			code.Op("|")
		}
		code.Add(pl(constants[bit.Interface()]))
	}
	return code
}

// digits is n, or the name of a bound of Go's integers.
func digits(t reflect.Type, n int64) *jen.Statement {
	if t.Kind() == reflect.Int64 {
		for _, bound := range []struct {
			n    int64
			name string
		}{{math.MinInt32, "MinInt32"}, {math.MaxInt32, "MaxInt32"}, {math.MinInt64, "MinInt64"}, {math.MaxInt64, "MaxInt64"}} {
			if n == bound.n {
				return jen.Qual("math", bound.name)
			}
		}
	}
	return jen.Id(strconv.FormatInt(n, 10))
}

// durationOf is d in the largest unit that it is a whole number of.
func durationOf(d time.Duration) *jen.Statement {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {1, "Nanosecond"}} {
		switch {
		case d == unit.of:
			return jen.Qual("time", unit.name)
		case d%unit.of == 0:
			return jen.Lit(int(d/unit.of)).Op("*").Qual("time", unit.name)
		}
	}
	return nil
}
