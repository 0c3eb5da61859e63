package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

func checkMethod(p *plan.Plan, t types.Type) jen.Code {
	return jen.Add(comment("check reports what is wrong with v.")).Line().
		Func().Add(receiver(t)).Id("check").Params(reportParam()).
		BlockFunc(func(g *jen.Group) {
			if t.Schema != "" {
				g.Id("mark").Op(":=").Id("r").Dot("Mark").Call()
			}
			checkBody(g, p, t)
			if t.Schema != "" {
				g.Add(pl("CheckSchema").Call(jen.Id("r"), jen.Id("mark"), jen.Id("v").Dot("AppendJSON"), jen.Id("schemas"), jen.Lit(t.Schema)))
			}
		}).Line()
}

func checkBody(g *jen.Group, p *plan.Plan, t types.Type) {
	switch t.Kind {
	case types.StructType:
		checkStruct(g, p, t)
	case types.TupleType:
		checkTuple(g, p, t)
	case types.UnionType:
		checkUnion(g, t)
	case types.ScalarsType:
		checkScalars(g, p, t)
	case types.EnumType, types.DefinedType:
		if r := underlying(t); needsCheck(r) {
			addAll(g, checked(p, r, jen.Add(typeCode(p, r)).Call(jen.Id("v"))))
		}
	}
}

func reportParam() *jen.Statement { return jen.Id("r").Op("*").Add(pl("Report")) }

func checkStruct(g *jen.Group, p *plan.Plan, t types.Type) {
	if t.Rule != "" {
		g.Add(jen.Id(t.Rule).Dot("Check").Call(jen.Id("r"), memberCount(t)))
	}
	for _, f := range t.Fields {
		if needsCheck(f.Type) {
			checkField(g, p, f)
		}
	}
	for _, m := range t.Patterns {
		g.Add(pl("CheckRest").Call(jen.Id("r"), jen.Id("v").Dot(m.GoName), elementChecker(p, m.Type)))
	}
	if t.Rest != nil {
		g.Add(pl("CheckRest").Call(jen.Id("r"), jen.Id("v").Dot(t.RestName), elementChecker(p, *t.Rest)))
	}
}

// memberCount is the number of members that a struct is written with.
func memberCount(t types.Type) jen.Code {
	required, optional := presence(t)
	count := pl("Count").Call(append([]jen.Code{jen.Lit(required)}, optional...)...)
	for _, m := range t.Patterns {
		count.Op("+").Len(jen.Id("v").Dot(m.GoName))
	}
	if t.Rest != nil {
		count.Op("+").Len(jen.Id("v").Dot(t.RestName))
	}
	return count
}

func checkField(g *jen.Group, p *plan.Plan, f types.Field) {
	value := jen.Id("v").Dot(f.GoName)
	member := func(g *jen.Group) { g.Add(checkedMember(p, f.JSONName, f.Type, content(f.Type, value))) }
	switch {
	case f.Wrapped:
		pointer := jen.Id("value").Op(":=").Add(value).Dot("Pointer").Call()
		g.If(pointer, jen.Id("value").Op("!=").Nil()).BlockFunc(func(g *jen.Group) {
			r := f.Type
			r.Pointer = true
			g.Add(checkedMember(p, f.JSONName, r, content(r, jen.Id("value"))))
		})
	case !f.Required, canBeNil(f.Type):
		g.If(value.Clone().Op("!=").Nil()).BlockFunc(member)
	default:
		member(g)
	}
}

// checkedMember is the statement that checks a member.
func checkedMember(p *plan.Plan, name string, r types.Ref, value *jen.Statement) jen.Code {
	method := func(name string, arguments ...jen.Code) jen.Code { return jen.Id("r").Dot(name).Call(arguments...) }
	if r.Kind == types.Named {
		return method("Member", jen.Lit(name), value.Dot("check"))
	}
	if methodName, ok := checkNames[r.Kind]; ok {
		arguments := append([]jen.Code{jen.Lit(name), checkOperand(r, value)}, ruleIfTaken(r)...)
		return method(methodName, arguments...)
	}
	return method("Member", jen.Lit(name), jen.Func().Params(reportParam()).Block(checked(p, r, value)...))
}

// checkNames are the names that package payload has for checks of values, after "Check" or as methods of Report.
var checkNames = map[types.RefKind]string{
	types.String: "String", types.Int32: "Int64", types.Int64: "Int64", types.Float32: "Float32", types.Float64: "Float64", types.Decimal: "Decimal",
	types.DecimalText: "Decimal", types.Time: "Time", types.Date: "Date", types.Duration: "Duration", types.Raw: "Raw", types.UserType: "Custom",
}

// checkOperand is value as the check takes it.
func checkOperand(r types.Ref, value *jen.Statement) jen.Code {
	if r.Kind == types.Int32 {
		return jen.Int64().Call(value)
	}
	return value
}

// ruleIfTaken is the rule, for the kinds that have rules.
func ruleIfTaken(r types.Ref) []jen.Code {
	switch r.Kind {
	case types.Time, types.Date, types.Duration, types.Raw, types.UserType:
		return nil
	}
	return []jen.Code{ruleArgument(r.Kind, r.Rule)}
}

// checked is what checks a value of r.
func checked(p *plan.Plan, r types.Ref, value *jen.Statement) []jen.Code {
	switch r.Kind {
	case types.Named:
		return []jen.Code{value.Dot("check").Call(jen.Id("r"))}
	case types.List:
		all := []jen.Code{pl("CheckList").Call(jen.Id("r"), ruleArgument(r.Kind, r.Rule), value, elementChecker(p, *r.Elem))}
		if checkSet(r.Checks).value(types.UniqueItems) != "" {
			all = append(all, pl("CheckUnique").Call(jen.Id("r"), value.Clone(), elementEncoder(p, *r.Elem)))
		}
		return all
	case types.Map:
		return []jen.Code{pl("CheckMap").Call(jen.Id("r"), ruleArgument(r.Kind, r.Rule), value, elementChecker(p, *r.Elem))}
	}
	arguments := append([]jen.Code{jen.Id("r"), checkOperand(r, value)}, ruleIfTaken(r)...)
	return []jen.Code{pl("Check" + checkNames[r.Kind]).Call(arguments...)}
}

// elementChecker is the function that checks one item of a list or value of a map, nil when there is nothing to check.
func elementChecker(p *plan.Plan, r types.Ref) jen.Code {
	if !needsCheck(r) {
		return jen.Nil()
	}
	if r.Kind == types.Named && !canBeNil(r) && !r.Pointer {
		return jen.Parens(jen.Op("*").Id(r.Name)).Dot("check")
	}
	return jen.Func().Params(jen.Id("item").Op("*").Add(typeCode(p, r)), reportParam()).BlockFunc(func(g *jen.Group) {
		if canBeNil(r) {
			g.If(jen.Op("*").Id("item").Op("!=").Nil()).Block(checked(p, r, itemContent(r))...)
			return
		}
		addAll(g, checked(p, r, itemContent(r)))
	})
}

// needsCheck says whether there is something about a Go value of r that can be wrong.
func needsCheck(r types.Ref) bool {
	switch r.Kind {
	case types.Bool, types.UUID, types.Bytes:
		return false
	case types.Int32, types.Int64, types.Decimal, types.DecimalText:
		return r.Rule != ""
	case types.List:
		return r.Rule != "" || needsCheck(*r.Elem)
	}
	return true // strings and names must be UTF-8
}

// addAll adds statements to a block.
func addAll(g *jen.Group, statements []jen.Code) {
	for _, s := range statements {
		g.Add(s)
	}
}
