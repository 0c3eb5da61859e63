package templates

import (
	"reflect"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan/types"
	"github.com/scampgen/scampgen/runtime/payload"
)

// codecName and ruleName are the variables of a declared type.
func codecName(goName string) string { return "codecOf" + goName }
func ruleName(goName string) string  { return "ruleOf" + goName }

// codec declares what the contract says about t, as data.
func (m *messages) codec(t types.Type) jen.Code {
	value := field{}
	var parts []field
	switch t.Kind {
	case types.StructType:
		parts = []field{{"Object", m.rows(t.Fields, true)}, {"Patterns", m.patterns(t.Patterns)}}
		value = field{"Value", ruleValue(t.Rule)}
	case types.TupleType:
		parts = []field{{"Tuple", m.rows(t.Fields, false)}}
		value = field{"Value", ruleValue(t.Rule)}
	case types.UnionType:
		parts = []field{{"Union", variantRows(t)}, text("By", t.Member), text("OneOf", t.OneOf)}
	case types.ScalarsType:
		parts = []field{{"Scalars", m.scalarRows(t.Variants)}}
	case types.EnumType:
		value = field{"Value", pl("Value").Add(short(field{"Rule", jen.Op("&").Id(ruleName(t.GoName))}))}
	case types.DefinedType:
		value = field{"Value", m.definedValue(t)}
	}
	if t.Rest != nil {
		parts = append(parts, field{"Rest", jen.Op("&").Add(pl("Value")).Add(short(m.value(*t.Rest)...))})
	}
	parts = append(parts, flag("Closed", t.Closed && t.Rest == nil && (t.Kind == types.StructType || t.Kind == types.TupleType)), value)
	if t.Schema != "" || t.OneOf != "" {
		parts = append(parts, field{"Schemas", jen.Op("&").Id("schemas")}, text("Schema", t.Schema))
	}
	return jen.Var().Id(codecName(t.GoName)).Op("=").Add(pl("Codec")).Add(wide(parts...)).Line()
}

// ruleValue is a payload.Value with a rule alone, nothing without a rule.
func ruleValue(rule payload.Rule) jen.Code {
	if rule == nil {
		return nil
	}
	return pl("Value").Add(short(field{"Rule", literals{}.value(rule)}))
}

// enumRule declares what values of an enum must be.
func enumRule(t types.Type) jen.Code {
	return jen.Var().Id(ruleName(t.GoName)).Op("=").Add(literals{}.value(reflect.ValueOf(t.Rule).Elem().Interface())).Line()
}

// rows are the values of fields, one on a line.
func (m *messages) rows(fields []types.Field, named bool) jen.Code {
	rows := make([]jen.Code, len(fields))
	for i, f := range fields {
		row := []field{{}, flag("Required", f.Required)}
		if named {
			row[0] = field{"Name", jen.Lit(f.JSONName)}
		}
		r := f.Type
		r.Nullable = r.Nullable && !f.Wrapped
		rows[i] = short(append(row, m.value(r)...)...)
	}
	return jen.Index().Add(pl("Value")).Add(spread(true, rows))
}

func (m *messages) patterns(all []types.PatternMembers) jen.Code {
	if len(all) == 0 {
		return nil
	}
	rows := make([]jen.Code, len(all))
	for i, p := range all {
		row := []field{{"Pattern", literals{}.value(p.Pattern)}}
		if item := m.value(p.Type); hasValue(item) {
			row = append(row, field{"Value", pl("Value").Add(short(field{"Item", valuePointer(item)}))})
		}
		rows[i] = short(row...)
	}
	return jen.Index().Add(pl("PatternMembers")).Add(spread(true, rows))
}

func variantRows(t types.Type) jen.Code {
	rows := make([]jen.Code, len(t.Variants))
	for i, v := range t.Variants {
		row := []field{{"Type", jen.Parens(jen.Op("*").Id(v.Type.Name)).Parens(jen.Nil())}}
		if t.ByKind {
			row = append(row, field{"Kinds", literals{}.value(v.Kinds)})
		}
		if len(v.Values) > 0 && !t.ByKind {
			row = append(row, field{"Values", literals{}.value(v.Values)})
		}
		if v.Signs != nil {
			row = append(row, field{"Signs", literals{}.value(v.Signs)})
		}
		if v.Overlap != nil {
			row = append(row, field{"Overlap", literals{}.value(v.Overlap)})
		}
		rows[i] = short(row...)
	}
	return jen.Index().Add(pl("Variant")).Add(spread(true, rows))
}

func (m *messages) scalarRows(variants []types.Variant) jen.Code {
	rows := make([]jen.Code, len(variants))
	for i, v := range variants {
		rows[i] = short(m.value(v.Type)...)
	}
	return jen.Index().Add(pl("Value")).Add(spread(true, rows))
}

// definedValue is the value of a list, map or scalar with a name of its own.
func (m *messages) definedValue(t types.Type) jen.Code {
	r := t.Underlying
	r.Rule = t.Rule
	fields := m.value(r)
	fields[asField] = as(r.Kind, true)
	if !hasValue(fields) {
		return nil
	}
	return pl("Value").Add(short(fields...))
}

// asField is the index of the field As in what value returns.
const asField = 1

// value are the fields of a payload.Value for a use of a type.
func (m *messages) value(r types.Ref) []field {
	fields := []field{flag("Nullable", canBeNil(r)), as(r.Kind, false), {}, {}}
	switch {
	case r.Kind == types.Named && m.isEnum[r.Name]:
		fields[2] = field{"Rule", jen.Op("&").Id(ruleName(r.Name))}
	case r.Rule != nil:
		fields[2] = field{"Rule", literals{}.value(r.Rule)}
	}
	if r.Elem != nil {
		if item := m.value(*r.Elem); hasValue(item) {
			fields[3] = field{"Item", valuePointer(item)}
		}
	}
	return fields
}

// canBeNil reports whether nil means null in a value of r.
func canBeNil(r types.Ref) bool {
	return r.Nullable && r.Kind != types.Raw && !r.Any && (r.Pointer || r.Nilable())
}

func hasValue(fields []field) bool {
	for _, f := range fields {
		if f.value != nil {
			return true
		}
	}
	return false
}

func valuePointer(fields []field) jen.Code { return jen.Op("&").Add(pl("Value")).Add(short(fields...)) }

// methods are the methods of a type that is read and written by its codec.
func methods(t types.Type) jen.Code {
	codec := func() *jen.Statement { return jen.Id(codecName(t.GoName)) }
	v := jen.Id("v")
	if !byPointer(t) {
		v = jen.Op("&").Id("v")
	}
	code := jen.Null()
	method := func(says string, receiver, rest, result jen.Code) {
		if says != "" { // otherwise the comment of the package says it
			code.Line().Add(comment(says)).Line()
		}
		code.Func().Add(receiver).Add(rest).Add(body(jen.Return(result))).Line()
	}
	method("",
		receiver(t), jen.Id("AppendJSON").Params(jen.Id("dst").Index().Byte()).Params(jen.Index().Byte(), jen.Error()),
		codec().Dot("Append").Call(jen.Id("dst"), v))
	method("",
		jen.Params(jen.Op("*").Id(t.GoName)), jen.Id("JSONCodec").Params().Add(pl("OpaqueCodec")), jen.Op("&").Add(codec()))
	method("",
		jen.Params(jen.Id("v").Id(t.GoName)), jen.Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()),
		codec().Dot("Append").Call(jen.Nil(), jen.Op("&").Id("v")))
	method("",
		jen.Params(jen.Id("v").Op("*").Id(t.GoName)), jen.Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error(),
		codec().Dot("Unmarshal").Call(jen.Id("data"), jen.Id("v")))
	method("Validate returns a *payload.Violations when v breaks the contract.",
		receiver(t), jen.Id("Validate").Params().Error(), codec().Dot("Validate").Call(v))
	if t.IsHeaders {
		table := func() *jen.Statement { return jen.Map(jen.String()).Any() }
		method("MarshalHeaders returns the headers of an AMQP message, without checking them.",
			receiver(t), jen.Id("MarshalHeaders").Params().Params(table(), jen.Error()), codec().Dot("MarshalHeaders").Call(v))
		method("UnmarshalHeaders reads and checks the headers of an AMQP message. Others than these are ignored.",
			receiver(t), jen.Id("UnmarshalHeaders").Params(jen.Id("headers").Add(table())).Error(), codec().Dot("UnmarshalHeaders").Call(jen.Id("headers"), v))
	}
	return code.Line()
}

// body is the body of a function on the line of its signature.
func body(statement jen.Code) jen.Code {
	return jen.Custom(jen.Options{Open: "{", Close: "}"}, statement)
}

// receiver is v, a pointer if copying the value is expensive.
func receiver(t types.Type) jen.Code {
	if byPointer(t) {
		return jen.Params(jen.Id("v").Op("*").Id(t.GoName))
	}
	return jen.Params(jen.Id("v").Id(t.GoName))
}

func byPointer(t types.Type) bool {
	return t.Kind == types.StructType || t.Kind == types.TupleType || t.Kind == types.UnionType || t.Kind == types.ScalarsType
}
