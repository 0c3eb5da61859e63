package templates

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// unionType is a struct with a value of one of several types, and the interface that these have in common.
func unionType(t types.Type) jen.Code {
	return jen.Type().Id(t.GoName).Struct(jen.Id("Value").Id(t.Interface)).Line().Line().
		Add(comment(t.Interface+" is "+strings.Join(variantNames(t), " or ")+".")).Line().
		Type().Id(t.Interface).Interface(
		jen.Id("AppendJSON").Params(jen.Id("dst").Index().Byte()).Params(jen.Index().Byte(), jen.Error()),
		jen.Id("check").Params(reportParam()),
		jen.Id(marker(t)).Params(),
	).Line()
}

// marker is the method that only the variants have.
func marker(t types.Type) string { return "is" + t.GoName }

// variantNames are the types of the variants as a type switch has them.
func variantNames(t types.Type) []string {
	var names []string
	for _, v := range t.Variants {
		if v.Pointer {
			names = append(names, "*"+v.Type.Name)
		} else {
			names = append(names, v.Type.Name)
		}
	}
	return names
}

// choice is the variable that has what tells the variants apart.
func choice(t types.Type) jen.Code {
	value := pl("NewChoice").CustomFunc(jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true}, func(g *jen.Group) {
		for _, sign := range t.Signs {
			g.Add(literals{}.value(sign))
		}
	})
	return jen.Add(comment("What tells the variants of " + t.GoName + " apart.")).Line().Var().Id(t.Choice).Op("=").Add(value).Line()
}

// markers make the variants implement the interface.
func markers(t types.Type) []jen.Code {
	var all []jen.Code
	if t.Kind != types.UnionType {
		return nil
	}
	if t.Choice != "" {
		all = append(all, choice(t))
	}
	for _, v := range t.Variants {
		of := jen.Id(v.Type.Name)
		if v.Pointer {
			of = jen.Op("*").Id(v.Type.Name)
		}
		all = append(all, jen.Func().Params(of).Id(marker(t)).Params().Block().Line())
	}
	return all
}

func appendUnion(g *jen.Group) {
	g.If(jen.Id("v").Dot("Value").Op("==").Nil()).Block(jen.Return(jen.Id("dst"), pl("ErrNoValue")))
	g.Return(jen.Id("v").Dot("Value").Dot("AppendJSON").Call(jen.Id("dst")))
}

func checkUnion(g *jen.Group, t types.Type) {
	g.If(jen.Id("v").Dot("Value").Op("==").Nil()).Block(
		jen.Id("r").Dot("NoValue").Call(),
		jen.Return(),
	)
	if slices.ContainsFunc(t.Variants, func(v types.Variant) bool { return !v.Overlap.IsEmpty() }) {
		g.Add(comment("several says whether the value could be of another variant, too."))
		g.Id("several").Op(":=").False()
		g.Add(overlapSwitch(t.Choice, t.Variants))
		g.If(jen.Id("several")).Block(
			pl("CheckOne").Call(jen.Id("r"), jen.Id("v").Dot("AppendJSON"), jen.Id("schemas"), jen.Lit(t.OneOf), jen.Id("v").Dot("Value").Dot("check")),
			jen.Return(),
		)
	}
	g.Id("v").Dot("Value").Dot("check").Call(jen.Id("r"))
}

// overlapSwitch finds out whether a value of one of variants could be of another one.
func overlapSwitch(choice string, variants []types.Variant) jen.Code {
	uses := func(v types.Variant) bool { return !v.Overlap.IsEmpty() && !v.Overlap.Always }
	of := jen.Id("v").Dot("Value").Assert(jen.Type())
	if slices.ContainsFunc(variants, uses) {
		of = jen.Id("v").Op(":=").Add(of)
	}
	return jen.Switch(of).BlockFunc(func(g *jen.Group) {
		for i, v := range variants {
			if !v.Overlap.IsEmpty() {
				g.Case(jen.Id(variantNames(types.Type{Variants: variants})[i])).Block(overlap(choice, v.Overlap))
			}
		}
	})
}

func overlap(choice string, o types.Overlap) jen.Code {
	switch {
	case o.Always:
		return jen.Id("several").Op("=").True()
	case len(o.Within) > 0:
		return overlapSwitch(choice, o.Within)
	}
	code := jen.Id("several").Op("=")
	for i, f := range o.Fields {
		if i > 0 {
			code.Op("||")
		}
		code.Add(isThere(f))
	}
	for i, name := range o.Maps {
		if i+len(o.Fields) > 0 {
			code.Op("||")
		}
		code.Add(pl("HasAny").Call(jen.Id(choice), jen.Id("v").Dot(name)))
	}
	return code
}

// decodeUnion reads the variant that the kind of the value or a member of it tells, or the one that fits it best.
func decodeUnion(g *jen.Group, t types.Type) {
	switch {
	case t.ByKind:
		g.Switch(jen.Id("d").Dot("Kind").Call()).BlockFunc(func(g *jen.Group) {
			var wanted []string
			for _, v := range t.Variants {
				g.Case(kinds(v)...).Block(decodeVariant(v)...)
				for _, k := range v.Kinds {
					wanted = append(wanted, string(k))
				}
			}
			g.Default().Block(jen.Id("d").Dot("Mismatch").Call(jen.Lit(strings.Join(wanted, " or "))))
		})
	case t.Member != "":
		g.Switch(jen.Id("d").Dot("Peek").Call(jen.Lit(t.Member))).BlockFunc(func(g *jen.Group) {
			var wanted []jen.Code
			for _, v := range t.Variants {
				var values []jen.Code
				for _, value := range v.Values {
					values = append(values, jen.Lit(value))
				}
				wanted = append(wanted, values...)
				g.Case(values...).Block(decodeVariant(v)...)
			}
			g.Default().Block(jen.Id("d").Dot("NoVariant").Call(append([]jen.Code{jen.Lit(t.Member)}, wanted...)...))
		})
	default:
		method, arguments := "Choose", []jen.Code{jen.Id(t.Choice)}
		if t.OneOf != "" {
			method, arguments = "ChooseOne", append(arguments, jen.Id("schemas"), jen.Lit(t.OneOf))
		}
		g.Id("d").Dot(method).CallFunc(func(g *jen.Group) {
			addAll(g, arguments)
			for _, v := range t.Variants {
				g.Line().Func().Params(decoderParam()).Block(decodeVariant(v)...)
			}
			g.Line()
		})
	}
}

// kinds are the constants of payload for the kinds of v's values.
func kinds(v types.Variant) []jen.Code {
	var all []jen.Code
	for _, k := range v.Kinds {
		all = append(all, kindConstant(k))
	}
	return all
}

func kindConstant(k types.JSONKind) jen.Code {
	names := map[types.JSONKind]string{
		"object": "ObjectKind", "array": "ArrayKind", "string": "StringKind", "number": "NumberKind", "boolean": "BoolKind", "null": "NullKind",
	}
	return pl(names[k])
}

func decodeVariant(v types.Variant) []jen.Code {
	value := jen.Var().Id("value").Id(v.Type.Name)
	if v.Pointer {
		value = jen.Id("value").Op(":=").New(jen.Id(v.Type.Name))
	}
	return []jen.Code{
		value,
		jen.Id("value").Dot("decode").Call(jen.Id("d")),
		jen.Id("v").Dot("Value").Op("=").Id("value"),
	}
}

// scalarsType is a struct with a field for each kind of JSON value.
func scalarsType(p *plan.Plan, t types.Type) jen.Code {
	return jen.Type().Id(t.GoName).StructFunc(func(g *jen.Group) {
		g.Add(comment("Kind says which of the other fields is the value."))
		g.Id("Kind").Add(pl("Kind"))
		for _, v := range t.Variants {
			g.Id(v.GoName).Add(typeCode(p, v.Type))
		}
	}).Line()
}

func appendScalars(g *jen.Group, p *plan.Plan, t types.Type) {
	g.Switch(jen.Id("v").Dot("Kind")).BlockFunc(func(g *jen.Group) {
		for _, v := range t.Variants {
			g.Case(kinds(v)...).BlockFunc(func(g *jen.Group) { returnAppended(g, p, v.Type, jen.Id("v").Dot(v.GoName)) })
		}
	})
	g.Return(jen.Id("dst"), pl("ErrNoValue"))
}

func decodeScalars(g *jen.Group, p *plan.Plan, t types.Type) {
	g.Id("v").Dot("Kind").Op("=").Id("d").Dot("Kind").Call()
	g.Switch(jen.Id("v").Dot("Kind")).BlockFunc(func(g *jen.Group) {
		var wanted []string
		for _, v := range t.Variants {
			wanted = append(wanted, string(v.Kinds[0]))
			g.Case(kinds(v)...).BlockFunc(func(g *jen.Group) { decodeInto(g, p, v.Type, jen.Id("v").Dot(v.GoName)) })
		}
		g.Default().Block(jen.Id("d").Dot("Mismatch").Call(jen.Lit(strings.Join(wanted, " or "))))
	})
}

func checkScalars(g *jen.Group, p *plan.Plan, t types.Type) {
	g.Switch(jen.Id("v").Dot("Kind")).BlockFunc(func(g *jen.Group) {
		for _, v := range t.Variants {
			g.Case(kinds(v)...).BlockFunc(func(g *jen.Group) {
				if needsCheck(v.Type) {
					addAll(g, checked(p, v.Type, jen.Id("v").Dot(v.GoName)))
				}
			})
		}
		g.Default().Block(jen.Id("r").Dot("NoValue").Call())
	})
}
