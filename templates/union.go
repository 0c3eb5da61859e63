package templates

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// unionType is a struct with a value of one of several types, and the interface that these have in
// common.
func unionType(t types.Type) jen.Code {
	code := jen.Type().Id(t.GoName).Struct(jen.Id("Value").Id(t.Interface)).Line().Line().
		Add(comment(t.Interface + " is " + strings.Join(variantNames(t), " or ") + ".")).Line().
		Type().Id(t.Interface).Interface(jen.Id(marker(t)).Params()).Line().Line()
	for _, name := range variantNames(t) {
		code.Func().Params(jen.Id(name)).Id(marker(t)).Params().Block().Line()
	}
	return code
}

// marker is the method that only variants have.
func marker(t types.Type) string { return "is" + t.GoName }

// variantNames are the types of the variants as the interface has them.
func variantNames(t types.Type) []string {
	names := make([]string, len(t.Variants))
	for i, v := range t.Variants {
		names[i] = v.Type.Name
		if v.Pointer {
			names[i] = "*" + v.Type.Name
		}
	}
	return names
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
