package templates

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// codecFile has the methods that write, read and check the types of all messages.
func codecFile(p *plan.Plan) *jen.File {
	file := newFile(p, p.Types)
	for _, t := range p.Declared {
		for _, declaration := range codecOf(p, t) {
			file.Add(declaration).Line()
		}
	}
	return file
}

// codecOf are the declarations that make a type a payload.
func codecOf(p *plan.Plan, t plan.Type) []jen.Code {
	return slices.Concat(rules(t), markers(t), []jen.Code{
		appendMethod(p, t),
		marshalMethod(t),
		unmarshalMethod(t),
		validateMethod(t),
		decodeMethod(p, t),
		checkMethod(p, t),
	})
}

// marshalMethod has a value as its receiver, so that encoding/json finds it for values too.
func marshalMethod(t plan.Type) jen.Code {
	return jen.Add(comment("MarshalJSON returns v as JSON.")).Line().
		Func().Params(jen.Id("v").Id(t.GoName)).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).
		Block(jen.Return(jen.Id("v").Dot("AppendJSON").Call(jen.Nil()))).Line()
}

func unmarshalMethod(t plan.Type) jen.Code {
	return jen.Add(comment("UnmarshalJSON reads v from data. Where data is not as the contract says the error is a *payload.Violations, and v is of no use.")).Line().
		Func().Add(pointerReceiver(t)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().Block(
		jen.Op("*").Id("v").Op("=").Add(zero(t)),
		jen.Return(pl("Unmarshal").Call(jen.Id("data"), jen.Id("v").Dot("decode"))),
	).Line()
}

func validateMethod(t plan.Type) jen.Code {
	return jen.Add(comment("Validate returns a *payload.Violations when v is not as the contract says.")).Line().
		Func().Add(receiver(t)).Id("Validate").Params().Error().
		Block(jen.Return(pl("Validate").Call(jen.Id("v").Dot("check")))).Line()
}

// receiver is v, by pointer where copying costs.
func receiver(t plan.Type) jen.Code {
	if byPointer(t) {
		return pointerReceiver(t)
	}
	return jen.Params(jen.Id("v").Id(t.GoName))
}

func pointerReceiver(t plan.Type) jen.Code { return jen.Params(jen.Id("v").Op("*").Id(t.GoName)) }

func byPointer(t plan.Type) bool {
	return t.Kind == plan.StructType || t.Kind == plan.TupleType || t.Kind == plan.UnionType || t.Kind == plan.ScalarsType
}

// zero is the zero value of a declared type.
func zero(t plan.Type) jen.Code {
	if byPointer(t) {
		return jen.Id(t.GoName).Values()
	}
	switch t.Underlying.Kind {
	case plan.Time, plan.Date, plan.UUID, plan.Duration, plan.Decimal, plan.DecimalText: // structs and arrays
		return jen.Id(t.GoName).Values()
	}
	return zeroOf(t.Underlying)
}

func zeroOf(r plan.Ref) jen.Code {
	switch r.Kind {
	case plan.Raw, plan.Bytes, plan.List, plan.Map:
		return jen.Nil()
	case plan.Bool:
		return jen.False()
	case plan.String:
		return jen.Lit("")
	case plan.Int32, plan.Int64, plan.Float32, plan.Float64:
		return jen.Lit(0)
	}
	panic(fmt.Sprintf("templates: no zero value for kind %d", r.Kind))
}
