package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// tupleFields has a field for each place of an array, and one for the items behind them.
func tupleFields(p *plan.Plan, t types.Type) func(*jen.Group) {
	return func(g *jen.Group) {
		for _, f := range t.Fields {
			addWords(g, f.Doc)
			g.Id(f.GoName).Add(fieldType(p, f))
		}
		if t.Rest != nil {
			g.Add(comment(t.RestName + " are the items behind these."))
			g.Id(t.RestName).Index().Add(typeCode(p, *t.Rest))
		}
	}
}

// appendTuple appends each item with a comma in front; payload.EndArray makes the first one the bracket.
func appendTuple(g *jen.Group, p *plan.Plan, t types.Type) {
	if canFail(t) {
		g.Var().Err().Error()
	}
	if hasOptional(t) {
		g.Id("items").Op(":=").Add(places(t))
	}
	g.Id("start").Op(":=").Len(jen.Id("dst"))
	for i, f := range t.Fields {
		appendItem(g, p, f, i)
	}
	if t.Rest != nil {
		rest := pl("AppendMore").Call(jen.Id("dst"), jen.Lit(len(t.Fields)), jen.Id("v").Dot(t.RestName), elementEncoder(p, *t.Rest))
		g.If(jen.List(jen.Id("dst"), jen.Err()).Op("=").Add(rest), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Id("dst"), jen.Err()))
	}
	g.Return(pl("EndArray").Call(jen.Id("dst"), jen.Id("start")), jen.Nil())
}

// appendItem appends an item, null for one that is absent where another one follows: Validate has something to say about that.
func appendItem(g *jen.Group, p *plan.Plan, f types.Field, i int) {
	value := jen.Id("v").Dot(f.GoName)
	item := func(g *jen.Group) {
		g.Id("dst").Op("=").Append(jen.Id("dst"), jen.LitRune(','))
		appendValue(g, p, f, value)
	}
	if f.Required {
		item(g)
		return
	}
	g.If(isThere(f)).BlockFunc(item).Else().If(jen.Id("items").Op(">").Lit(i)).Block(
		jen.Id("dst").Op("=").Append(jen.Id("dst"), quoted(",null").Op("...")),
	)
}

func hasOptional(t types.Type) bool {
	return len(t.Fields) > 0 && !t.Fields[len(t.Fields)-1].Required
}

// places is the number of items that a tuple is written with.
func places(t types.Type) *jen.Statement {
	required, optional := presence(t)
	if len(optional) == 0 && t.Rest == nil {
		return jen.Lit(required)
	}
	more := jen.Lit(0)
	if t.Rest != nil {
		more = jen.Len(jen.Id("v").Dot(t.RestName))
	}
	return pl("Places").Call(append([]jen.Code{jen.Lit(required), more}, optional...)...)
}

func decodeTuple(g *jen.Group, p *plan.Plan, t types.Type) {
	g.Id("array").Op(":=").Id("d").Dot("Array").Call()
	g.For(jen.Id("d").Dot("More").Call(jen.Op("&").Id("array"))).Block(
		jen.Switch(jen.Id("array").Dot("Len").Call()).BlockFunc(func(g *jen.Group) {
			for i, f := range t.Fields {
				g.Case(jen.Lit(i + 1)).BlockFunc(func(g *jen.Group) { decodeField(g, p, f) })
			}
			g.Default().Block(moreItem(p, t))
		}),
	)
	if t.Rule != "" {
		g.Id("d").Dot("CheckArray").Call(jen.Op("&").Id("array"), jen.Op("&").Id(t.Rule))
	}
}

// moreItem is what becomes of an item behind those that have fields.
func moreItem(p *plan.Plan, t types.Type) jen.Code {
	switch {
	case t.Rest != nil:
		return pl("DecodeMore").Call(jen.Id("d"), jen.Op("&").Id("v").Dot(t.RestName), elementDecoder(p, *t.Rest))
	case t.Closed:
		return jen.Id("d").Dot("RefuseItem").Call()
	}
	return jen.Id("d").Dot("Skip").Call() // maxItems refuses it
}

func checkTuple(g *jen.Group, p *plan.Plan, t types.Type) {
	items := places(t)
	if hasOptional(t) {
		g.Id("items").Op(":=").Add(items)
		items = jen.Id("items")
	}
	if t.Rule != "" {
		g.Id(t.Rule).Dot("Check").Call(jen.Id("r"), items)
	}
	for i, f := range t.Fields {
		if needsCheck(f.Type) {
			checkField(g, p, f)
		}
		if !f.Required {
			g.If(isAbsent(f).Op("&&").Id("items").Op(">").Lit(i)).Block(jen.Id("r").Dot("NoItem").Call(jen.Lit(i)))
		}
	}
	if t.Rest != nil {
		g.Add(pl("CheckMore").Call(jen.Id("r"), jen.Lit(len(t.Fields)), jen.Id("v").Dot(t.RestName), elementChecker(p, *t.Rest)))
	}
}
