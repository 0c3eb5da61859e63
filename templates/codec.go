package templates

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
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
func codecOf(p *plan.Plan, t types.Type) []jen.Code {
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
func marshalMethod(t types.Type) jen.Code {
	return jen.Add(comment("MarshalJSON returns v as JSON.")).Line().
		Func().Params(jen.Id("v").Id(t.GoName)).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).
		Block(jen.Return(jen.Id("v").Dot("AppendJSON").Call(jen.Nil()))).Line()
}

func unmarshalMethod(t types.Type) jen.Code {
	return jen.Add(comment("UnmarshalJSON reads v from data. Where data is not as the contract says the error is a *payload.Violations, and v is of no use.")).Line().
		Func().Add(pointerReceiver(t)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().Block(
		jen.Op("*").Id("v").Op("=").Add(zero(t)),
		jen.Return(pl("Unmarshal").Call(jen.Id("data"), jen.Id("v").Dot("decode"))),
	).Line()
}

func validateMethod(t types.Type) jen.Code {
	return jen.Add(comment("Validate returns a *payload.Violations when v is not as the contract says.")).Line().
		Func().Add(receiver(t)).Id("Validate").Params().Error().
		Block(jen.Return(pl("Validate").Call(jen.Id("v").Dot("check")))).Line()
}

// receiver is v, by pointer where copying costs.
func receiver(t types.Type) jen.Code {
	if byPointer(t) {
		return pointerReceiver(t)
	}
	return jen.Params(jen.Id("v").Id(t.GoName))
}

func pointerReceiver(t types.Type) jen.Code { return jen.Params(jen.Id("v").Op("*").Id(t.GoName)) }

func byPointer(t types.Type) bool {
	return t.Kind == types.StructType || t.Kind == types.TupleType || t.Kind == types.UnionType || t.Kind == types.ScalarsType
}

// zero is the zero value of a declared type.
func zero(t types.Type) jen.Code {
	if byPointer(t) {
		return jen.Id(t.GoName).Values()
	}
	switch t.Underlying.Kind {
	case types.Time, types.Date, types.UUID, types.Duration, types.Decimal, types.DecimalText: // structs and arrays
		return jen.Id(t.GoName).Values()
	}
	return zeroOf(t.Underlying)
}

func zeroOf(r types.Ref) jen.Code {
	switch r.Kind {
	case types.Raw, types.Bytes, types.List, types.Map:
		return jen.Nil()
	case types.Bool:
		return jen.False()
	case types.String:
		return jen.Lit("")
	case types.Int32, types.Int64, types.Float32, types.Float64:
		return jen.Lit(0)
	}
	panic(fmt.Sprintf("templates: no zero value for kind %d", r.Kind))
}
