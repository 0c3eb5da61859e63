package templates

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// typesFile has the types of all messages.
func typesFile(p *plan.Plan) *jen.File {
	file := newFile(p, p.Types)
	file.PackageComment(fmt.Sprintf("// Package %s has the types of the contract's messages.", p.Types.Name))
	for _, t := range p.Declared {
		file.Add(declaredType(p, t)).Line()
	}
	return file
}

func declaredType(p *plan.Plan, t types.Type) jen.Code {
	what := fmt.Sprintf("%s is %s in the contract.", t.GoName, t.Path)
	if t.Kind == types.TupleType {
		what += " In JSON it is an array."
	}
	code := jen.Add(described(what, t.Doc)).Line()
	switch t.Kind {
	case types.StructType:
		return code.Type().Id(t.GoName).StructFunc(structFields(p, t)).Line()
	case types.TupleType:
		return code.Type().Id(t.GoName).StructFunc(tupleFields(p, t)).Line()
	case types.UnionType:
		return code.Add(unionType(t))
	case types.ScalarsType:
		return code.Add(scalarsType(p, t))
	case types.EnumType:
		return code.Type().Id(t.GoName).Add(typeCode(p, t.Underlying)).Line().Line().Add(enumConstants(t))
	case types.DefinedType:
		return code.Type().Id(t.GoName).Add(typeCode(p, t.Underlying)).Line()
	}
	panic("templates: a declared type of a kind that the plan does not have")
}

func structFields(p *plan.Plan, t types.Type) func(*jen.Group) {
	return func(g *jen.Group) {
		for _, f := range t.Fields {
			addWords(g, f.Doc)
			g.Id(f.GoName).Add(fieldType(p, f)).Tag(jsonTag(f))
		}
		for _, m := range t.Patterns {
			g.Add(comment(m.GoName + " are the members whose names match " + m.Pattern.Value + "."))
			g.Id(m.GoName).Map(jen.String()).Add(typeCode(p, m.Type)).Tag(map[string]string{"json": "-"})
		}
		if t.Rest != nil {
			g.Add(comment(t.RestName + " are the members that have no field of their own."))
			g.Id(t.RestName).Map(jen.String()).Add(typeCode(p, *t.Rest)).Tag(map[string]string{"json": "-"})
		}
	}
}

// addWords adds what the contract says of a field as a comment.
func addWords(g *jen.Group, doc names.Doc) {
	if said := words(doc); strings.Join(said, "") != "" {
		g.Add(comment(said...))
	}
}

func fieldType(p *plan.Plan, f types.Field) jen.Code {
	if f.Wrapped {
		return jen.Qual(payloadPath, "Optional").Types(typeCode(p, f.Type))
	}
	return typeCode(p, f.Type)
}

// jsonTag is for programs that use encoding/json on the struct's copy. It cannot hold
// every name that JSON can.
func jsonTag(f types.Field) map[string]string {
	switch {
	case !fitsTag(f.JSONName):
		return map[string]string{"json": "-"}
	case f.JSONName == "-":
		return map[string]string{"json": "-,"}
	case f.Required:
		return map[string]string{"json": f.JSONName}
	}
	return map[string]string{"json": f.JSONName + ",omitzero"}
}

// fitsTag says whether encoding/json takes name from a struct tag.
func fitsTag(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	})
}

func enumConstants(t types.Type) jen.Code {
	return jen.Add(comment("The values of " + t.GoName + ".")).Line().
		Const().DefsFunc(func(g *jen.Group) {
		for _, v := range t.Values {
			g.Id(v.GoName).Id(t.GoName).Op("=").Add(constant(t.Underlying, v.Value))
		}
	}).Line()
}

// constant is the literal of an enum's value. Numbers stand as in the contract, digit for digit.
func constant(of types.Ref, value string) jen.Code {
	if of.Kind == types.String {
		return jen.Lit(value)
	}
	return jen.Id(value)
}
