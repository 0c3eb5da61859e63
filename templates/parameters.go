package templates

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/topology"
)

// addParameters adds the structs with the parameters of routing keys, and the types of their enums.
func addParameters(file *jen.File, q plan.Client) {
	for _, p := range q.Parameters {
		file.Add(parametersType(p)).Line()
		for _, f := range p.Fields {
			if f.Type != "" {
				file.Add(parameterEnum(p, f)).Line()
			}
		}
	}
}

func parametersType(p *topology.Parameters) jen.Code {
	var keys []string
	for _, key := range p.Keys {
		keys = append(keys, fmt.Sprintf("%q", key))
	}
	return jen.Add(comment(fmt.Sprintf("%s are the parameters of the routing key %s.", p.GoName, strings.Join(keys, " or ")))).Line().
		Type().Id(p.GoName).StructFunc(func(g *jen.Group) {
		for _, f := range p.Fields {
			if said := docParagraphs(f.Doc); len(said) > 0 {
				g.Add(comment(said...))
			}
			g.Id(f.GoName).Add(parameterType(f)).Comment(oneLine("{" + f.Name + "}"))
		}
	}).Line()
}

func parameterType(f topology.Parameter) jen.Code {
	switch {
	case f.Type != "":
		return jen.Id(f.Type)
	case f.Kind == topology.ParameterInteger:
		return jen.Int64()
	case f.Kind == topology.ParameterBoolean:
		return jen.Bool()
	}
	return jen.String()
}

func parameterEnum(p *topology.Parameters, f topology.Parameter) jen.Code {
	return jen.Add(comment(f.Type + " is a value of " + f.GoName + " in " + p.GoName + ".")).Line().
		Type().Id(f.Type).String().Line().Line().
		Add(comment("The values that the contract allows.")).Line().
		Const().DefsFunc(func(g *jen.Group) {
		for _, c := range f.Values {
			g.Id(c.GoName).Id(f.Type).Op("=").Add(quoted(c.Value))
		}
	}).Line()
}

func parametersParam(m plan.Message) jen.Code { return jen.Id("parameters").Id(m.Parameters.GoName) }

// eachField is the fields of parameters, or pointers to them.
func eachField(m plan.Message, pointers bool) []jen.Code {
	var all []jen.Code
	for _, f := range m.Parameters.Fields {
		code := jen.Id("parameters").Dot(f.GoName)
		if pointers {
			code = jen.Op("&").Add(code)
		}
		all = append(all, code)
	}
	return all
}
