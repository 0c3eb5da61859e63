package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

func decodeMethod(p *plan.Plan, t types.Type) jen.Code {
	return jen.Add(comment("decode reads v and checks it.")).Line().
		Func().Add(pointerReceiver(t)).Id("decode").Params(decoderParam()).
		BlockFunc(func(g *jen.Group) {
			if t.Schema != "" {
				g.Id("at").Op(":=").Id("d").Dot("Offset").Call()
			}
			decodeBody(g, p, t)
			if t.Schema != "" {
				g.Id("d").Dot("CheckSchema").Call(jen.Id("at"), jen.Id("schemas"), jen.Lit(t.Schema))
			}
		}).Line()
}

func decodeBody(g *jen.Group, p *plan.Plan, t types.Type) {
	switch t.Kind {
	case types.StructType:
		decodeStruct(g, p, t)
	case types.TupleType:
		decodeTuple(g, p, t)
	case types.UnionType:
		decodeUnion(g, t)
	case types.ScalarsType:
		decodeScalars(g, p, t)
	case types.EnumType, types.DefinedType:
		value := decoded(p, underlying(t), ruleArgument(t.Underlying.Kind, t.Rule))
		g.Op("*").Id("v").Op("=").Add(converted(t, value))
	}
}

func decoderParam() *jen.Statement { return jen.Id("d").Op("*").Add(pl("Decoder")) }

// underlying is what a type is made of; its checks are the type's.
func underlying(t types.Type) types.Ref {
	r := t.Underlying
	r.Checks = t.Checks
	r.Rule = t.Rule
	return r
}

// converted is value as a t. Slices and maps need no conversion.
func converted(t types.Type, value jen.Code) jen.Code {
	switch t.Underlying.Kind {
	case types.List, types.Bytes:
		return value
	}
	return jen.Id(t.GoName).Call(value)
}

func decodeStruct(g *jen.Group, p *plan.Plan, t types.Type) {
	g.Id("object").Op(":=").Id("d").Dot("Object").Call()
	g.For(jen.Id("d").Dot("Next").Call(jen.Op("&").Id("object"))).Block(decodeMembers(p, t))
	if t.RequiredNames != "" {
		g.Id("d").Dot("Require").Call(jen.Op("&").Id("object"), jen.Id(t.RequiredNames))
	}
	if t.Rule != "" {
		g.Id("d").Dot("CheckObject").Call(jen.Op("&").Id("object"), jen.Op("&").Id(t.Rule))
	}
}

// decodeMembers reads one member of an object: those with a field into it, in the order of the contract's names.
func decodeMembers(p *plan.Plan, t types.Type) jen.Code {
	if len(t.Fields) == 0 {
		return otherMember(p, t)
	}
	numbers := memberNumbers(t)
	return jen.Switch(jen.String().Call(jen.Id("object").Dot("Name"))).BlockFunc(func(g *jen.Group) {
		for i, f := range t.Fields {
			g.Case(jen.Lit(f.JSONName)).BlockFunc(func(g *jen.Group) {
				g.Id("d").Dot("Once").Call(jen.Op("&").Id("object"), jen.Lit(numbers[i]))
				decodeField(g, p, f)
			})
		}
		g.Default().Block(otherMember(p, t))
	})
}

// memberNumbers are the numbers of the fields: the required ones come first.
func memberNumbers(t types.Type) []int {
	numbers := make([]int, len(t.Fields))
	next := 0
	for _, required := range []bool{true, false} {
		for i, f := range t.Fields {
			if f.Required == required {
				numbers[i] = next
				next++
			}
		}
	}
	return numbers
}

// otherMember is what becomes of a member that has no field.
func otherMember(p *plan.Plan, t types.Type) jen.Code {
	if len(t.Patterns) == 0 {
		return restMember(p, t)
	}
	return jen.Switch().BlockFunc(func(g *jen.Group) {
		for _, m := range t.Patterns {
			g.Case(jen.Id(m.Rule).Dot("Match").Call(jen.String().Call(jen.Id("object").Dot("Name")))).Block(decodeRest(p, m.GoName, m.Type))
		}
		g.Default().Block(restMember(p, t))
	})
}

// restMember is what becomes of a member that has neither a field nor a pattern.
func restMember(p *plan.Plan, t types.Type) jen.Code {
	switch {
	case t.Rest != nil:
		return decodeRest(p, t.RestName, *t.Rest)
	case t.Closed:
		return jen.Id("d").Dot("Refuse").Call(jen.Op("&").Id("object"))
	}
	return jen.Id("d").Dot("Ignore").Call(jen.Op("&").Id("object"))
}

// decodeRest reads a member into a map.
func decodeRest(p *plan.Plan, name string, r types.Ref) jen.Code {
	return pl("DecodeRest").Call(jen.Id("d"), jen.Op("&").Id("object"), jen.Op("&").Id("v").Dot(name), elementDecoder(p, r))
}

func decodeField(g *jen.Group, p *plan.Plan, f types.Field) {
	target := jen.Id("v").Dot(f.GoName)
	if f.Wrapped {
		g.Add(target).Dot("Decode").Call(jen.Id("d"), elementDecoder(p, neverNull(f.Type)))
		return
	}
	decodeInto(g, p, f.Type, target)
}

// decodeInto reads a value of r into target; null, where it is allowed, leaves target nil.
func decodeInto(g *jen.Group, p *plan.Plan, r types.Ref, target *jen.Statement) {
	if canBeNil(r) {
		g.If(jen.Op("!").Id("d").Dot("Null").Call()).BlockFunc(func(g *jen.Group) { decodeInto(g, p, neverNull(r), target) })
		return
	}
	switch {
	case r.Kind == types.Named, r.Kind == types.UserType:
		if r.Pointer {
			r.Pointer = false
			g.Add(target.Clone()).Op("=").New(typeCode(p, r))
			r.Pointer = true
		}
		g.Add(decodeCall(r, target))
	case r.Pointer:
		g.Add(target.Clone()).Op("=").New(decoded(p, r, ruleArgument(r.Kind, r.Rule)))
	default:
		g.Add(target.Clone()).Op("=").Add(decoded(p, r, ruleArgument(r.Kind, r.Rule)))
	}
}

// decodeCall reads a value by a method of its own or, for a type of the user's, with encoding/json.
func decodeCall(r types.Ref, target *jen.Statement) jen.Code {
	if r.Kind == types.Named {
		return target.Clone().Dot("decode").Call(jen.Id("d"))
	}
	if r.Pointer {
		return jen.Id("d").Dot("Custom").Call(target.Clone())
	}
	return jen.Id("d").Dot("Custom").Call(jen.Op("&").Add(target.Clone()))
}

// decoded is the expression that reads a value of r, which is no type with a method of its own.
func decoded(p *plan.Plan, r types.Ref, rule jen.Code) *jen.Statement {
	method := func(name string, arguments ...jen.Code) *jen.Statement {
		return jen.Id("d").Dot(name).Call(arguments...)
	}
	switch r.Kind {
	case types.Raw:
		return method("Raw")
	case types.Bool:
		return method("Bool")
	case types.String:
		return method("String", rule)
	case types.Int32:
		return method("Int32", rule)
	case types.Int64:
		return method("Int64", rule)
	case types.Float32:
		return method("Float32", rule)
	case types.Float64:
		return method("Float64", rule)
	case types.Bytes:
		return method("Bytes")
	case types.Time:
		return method("Time")
	case types.Date:
		return method("Date")
	case types.UUID:
		return method("UUID")
	case types.Duration:
		return method("Duration")
	case types.Decimal:
		return method("Decimal", rule)
	case types.DecimalText:
		return method("DecimalString", rule)
	case types.List:
		return pl("DecodeList").Call(jen.Id("d"), rule, elementDecoder(p, *r.Elem))
	case types.Map:
		return pl("DecodeMap").Call(jen.Id("d"), rule, elementDecoder(p, *r.Elem))
	}
	panic("templates: a type that is not read with an expression")
}

// elementDecoder is the function that reads one item of a list or value of a map.
func elementDecoder(p *plan.Plan, r types.Ref) jen.Code {
	if r.Kind == types.Named && !canBeNil(r) && !r.Pointer {
		return jen.Parens(jen.Op("*").Id(r.Name)).Dot("decode")
	}
	return jen.Func().Params(jen.Id("item").Op("*").Add(typeCode(p, r)), decoderParam()).BlockFunc(func(g *jen.Group) {
		target := jen.Op("*").Id("item")
		if r.Kind == types.Named {
			target = jen.Parens(target)
		}
		decodeInto(g, p, r, target)
	})
}
