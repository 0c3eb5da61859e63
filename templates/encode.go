package templates

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
	"github.com/scampgen/scampgen/runtime/payload"
)

func appendMethod(p *plan.Plan, t types.Type) jen.Code {
	return jen.Add(comment("AppendJSON appends v as JSON to dst. It does not check v: Validate does.")).Line().
		Func().Add(receiver(t)).Id("AppendJSON").Params(jen.Id("dst").Index().Byte()).Params(jen.Index().Byte(), jen.Error()).
		BlockFunc(func(g *jen.Group) {
			switch t.Kind {
			case types.StructType:
				appendStruct(g, p, t)
				return
			case types.TupleType:
				appendTuple(g, p, t)
				return
			case types.UnionType:
				appendUnion(g)
				return
			case types.ScalarsType:
				appendScalars(g, p, t)
				return
			}
			returnAppended(g, p, t.Underlying, jen.Add(typeCode(p, t.Underlying)).Call(jen.Id("v")))
		}).Line()
}

// appendStruct appends each member with a comma in front; payload.EndObject makes the first one the brace.
func appendStruct(g *jen.Group, p *plan.Plan, t types.Type) {
	if canFail(t) {
		g.Var().Err().Error()
	}
	g.Id("start").Op(":=").Len(jen.Id("dst"))
	for _, f := range t.Fields {
		value := jen.Id("v").Dot(f.GoName)
		if f.Required {
			appendMember(g, p, f, value)
		} else {
			g.If(isThere(f)).BlockFunc(func(g *jen.Group) { appendMember(g, p, f, value) })
		}
	}
	for _, m := range t.Patterns {
		appendRest(g, p, m.GoName, m.Type)
	}
	if t.Rest != nil {
		appendRest(g, p, t.RestName, *t.Rest)
	}
	g.Return(pl("EndObject").Call(jen.Id("dst"), jen.Id("start")), jen.Nil())
}

// appendRest appends the members of a map.
func appendRest(g *jen.Group, p *plan.Plan, name string, r types.Ref) {
	rest := pl("AppendRest").Call(jen.Id("dst"), jen.Id("v").Dot(name), elementEncoder(p, r))
	g.If(jen.List(jen.Id("dst"), jen.Err()).Op("=").Add(rest), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Id("dst"), jen.Err()))
}

func appendMember(g *jen.Group, p *plan.Plan, f types.Field, value *jen.Statement) {
	name := string(payload.AppendString([]byte{','}, f.JSONName)) + ":"
	g.Id("dst").Op("=").Append(jen.Id("dst"), quoted(name).Op("..."))
	appendValue(g, p, f, value)
}

// appendValue appends the value of a field that is not absent.
func appendValue(g *jen.Group, p *plan.Plan, f types.Field, value *jen.Statement) {
	if f.Wrapped {
		orReturnUnder(g, f.JSONName, value.Clone().Dot("Append").Call(jen.Id("dst"), elementEncoder(p, neverNull(f.Type))))
		return
	}
	appendNullable(g, p, f, value)
}

// appendNullable appends a value, or null when it is nil and the contract allows that.
func appendNullable(g *jen.Group, p *plan.Plan, f types.Field, value *jen.Statement) {
	bare := func(g *jen.Group) {
		expression := encoded(p, f.Type, content(f.Type, value))
		if fails(f.Type) {
			orReturnUnder(g, f.JSONName, expression)
		} else {
			g.Id("dst").Op("=").Add(expression)
		}
	}
	if !canBeNil(f.Type) || !f.Required {
		bare(g)
		return
	}
	g.If(value.Clone().Op("==").Nil()).Block(appendNull()).Else().BlockFunc(bare)
}

func appendNull() jen.Code {
	return jen.Id("dst").Op("=").Append(jen.Id("dst"), quoted("null").Op("..."))
}

// canBeNil says whether nil stands for null in a value of r.
func canBeNil(r types.Ref) bool {
	return r.Nullable && r.Kind != types.Raw && !r.Any && (r.Pointer || r.Nilable())
}

// neverNull is r where null has been dealt with before.
func neverNull(r types.Ref) types.Ref {
	r.Nullable = false
	return r
}

// content is the value behind the pointer, if r is one. Methods are called through the pointer, and encoding/json finds those of a user's
// type by its pointer only.
func content(r types.Ref, value *jen.Statement) *jen.Statement {
	if r.Kind == types.UserType && !r.Pointer {
		return jen.Op("&").Add(value.Clone())
	}
	if r.Pointer && r.Kind != types.Named && r.Kind != types.UserType {
		return jen.Op("*").Add(value.Clone())
	}
	return value.Clone()
}

// orReturnUnder takes over what expression appended; an error is said to be of the member called name.
func orReturnUnder(g *jen.Group, name string, expression jen.Code) {
	g.If(jen.List(jen.Id("dst"), jen.Err()).Op("=").Add(expression), jen.Err().Op("!=").Nil()).Block(
		jen.Return(jen.Id("dst"), pl("Under").Call(jen.Lit(name), jen.Err())),
	)
}

// encoded is the expression that appends a value that is not null. It returns an error too if the kind fails.
func encoded(p *plan.Plan, r types.Ref, value *jen.Statement) *jen.Statement {
	dst := jen.Id("dst")
	switch r.Kind {
	case types.Raw, types.Named:
		return value.Dot("AppendJSON").Call(dst)
	case types.Bool:
		return pl("AppendBool").Call(dst, value)
	case types.String:
		return pl("AppendString").Call(dst, value)
	case types.Int32:
		return pl("AppendInt64").Call(dst, jen.Int64().Parens(value))
	case types.Int64:
		return pl("AppendInt64").Call(dst, value)
	case types.Float32:
		return pl("AppendFloat32").Call(dst, value)
	case types.Float64:
		return pl("AppendFloat64").Call(dst, value)
	case types.Bytes:
		return pl("AppendBytes").Call(dst, value)
	case types.Time:
		return pl("AppendTime").Call(dst, value)
	case types.Date:
		return pl("AppendDate").Call(dst, value)
	case types.UUID:
		return pl("AppendUUID").Call(dst, value)
	case types.Duration:
		return pl("AppendDuration").Call(dst, value)
	case types.Decimal:
		return pl("AppendDecimal").Call(dst, value)
	case types.DecimalText:
		return pl("AppendDecimalString").Call(dst, value)
	case types.UserType:
		return pl("AppendCustom").Call(dst, value)
	case types.List:
		return pl("AppendList").Call(dst, value, elementEncoder(p, *r.Elem))
	case types.Map:
		return pl("AppendMap").Call(dst, value, elementEncoder(p, *r.Elem))
	}
	panic("templates: a type of a kind that the plan does not have")
}

// elementEncoder is the function that appends one item of a list or value of a map.
func elementEncoder(p *plan.Plan, r types.Ref) jen.Code {
	if r.Kind == types.Named && !canBeNil(r) && !r.Pointer {
		return jen.Parens(jen.Op("*").Id(r.Name)).Dot("AppendJSON")
	}
	if r.Kind == types.Raw {
		return jen.Parens(jen.Op("*").Add(pl("Raw"))).Dot("AppendJSON")
	}
	return jen.Func().Params(jen.Id("item").Op("*").Add(typeCode(p, r)), jen.Id("dst").Index().Byte()).
		Params(jen.Index().Byte(), jen.Error()).
		BlockFunc(func(g *jen.Group) {
			if canBeNil(r) {
				g.If(jen.Op("*").Id("item").Op("==").Nil()).Block(jen.Return(jen.Append(jen.Id("dst"), quoted("null").Op("...")), jen.Nil()))
			}
			returnAppended(g, p, r, itemContent(r))
		})
}

// itemContent is the content of what item, a pointer, points to.
func itemContent(r types.Ref) *jen.Statement {
	value := jen.Op("*").Id("item")
	switch {
	case r.Kind == types.UserType && !r.Pointer:
		return jen.Id("item")
	case r.Kind == types.Named:
		value = jen.Parens(value)
	}
	return content(r, value)
}

// returnAppended returns what a value is appended with.
func returnAppended(g *jen.Group, p *plan.Plan, r types.Ref, value *jen.Statement) {
	if expression := encoded(p, r, value); fails(r) {
		g.Return(expression)
	} else {
		g.Return(expression, jen.Nil())
	}
}

// fails says whether appending a value of r can return an error.
func fails(r types.Ref) bool {
	switch r.Kind {
	case types.Bool, types.String, types.Int32, types.Int64, types.Bytes, types.UUID, types.Duration, types.Decimal, types.DecimalText:
		return false
	}
	return true
}

// canFail says whether appending a struct can return an error.
func canFail(t types.Type) bool {
	return t.Rest != nil || len(t.Patterns) > 0 || slices.ContainsFunc(t.Fields, func(f types.Field) bool { return f.Wrapped || fails(f.Type) })
}
