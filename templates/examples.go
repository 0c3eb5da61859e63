package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// examplesFile has a test for each type that the contract has examples of.
func examplesFile(p *plan.Plan) *jen.File {
	file := newFile(p, p.Types)
	for i := 0; i < len(p.Examples); {
		first := i
		for i < len(p.Examples) && p.Examples[i].Type == p.Examples[first].Type {
			i++
		}
		file.Add(examplesTest(p.Examples[first:i])).Line()
	}
	return file
}

// examplesTest reads, checks and writes the examples of one type.
func examplesTest(examples []plan.Example) jen.Code {
	of := examples[0].Type
	name := "TestExamplesOf" + of
	return jen.Add(comment(fmt.Sprintf("%s reads, checks and writes the contract's examples.", name))).Line().
		Func().Id(name).Params(jen.Id("t").Op("*").Qual("testing", "T")).Block(
		jen.For(jen.List(jen.Id("_"), jen.Id("text")).Op(":=").Range().Index().String().Add(exampleTexts(examples))).Block(
			jen.If(
				jen.Err().Op(":=").Add(pl("RoundTrip")).Call(jen.Id("text"), jen.New(jen.Id(of)), jen.New(jen.Id(of))),
				jen.Err().Op("!=").Nil(),
			).Block(jen.Id("t").Dot("Errorf").Call(jen.Lit("%s: %v"), jen.Id("text"), jen.Err())),
		),
	).Line()
}

func exampleTexts(examples []plan.Example) jen.Code {
	return jen.CustomFunc(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, func(g *jen.Group) {
		for _, e := range examples {
			g.Add(quoted(e.Text))
		}
	})
}
