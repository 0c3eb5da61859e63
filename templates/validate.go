package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

func checkMethod(p *plan.Plan, t plan.Type) jen.Code {
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

func checkBody(g *jen.Group, p *plan.Plan, t plan.Type) {
	switch t.Kind {
	case plan.StructType:
		checkStruct(g, p, t)
	case plan.TupleType:
		checkTuple(g, p, t)
	case plan.UnionType:
		checkUnion(g)
	case plan.ScalarsType:
		checkScalars(g, p, t)
	case plan.EnumType, plan.DefinedType:
		if r := underlying(t); needsCheck(r) {
			addAll(g, checked(p, r, jen.Add(typeCode(p, r)).Call(jen.Id("v"))))
		}
	}
}

func reportParam() *jen.Statement { return jen.Id("r").Op("*").Add(pl("Report")) }

func checkStruct(g *jen.Group, p *plan.Plan, t plan.Type) {
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
func memberCount(t plan.Type) jen.Code {
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

func checkField(g *jen.Group, p *plan.Plan, f plan.Field) {
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
func checkedMember(p *plan.Plan, name string, r plan.Ref, value *jen.Statement) jen.Code {
	method := func(name string, arguments ...jen.Code) jen.Code { return jen.Id("r").Dot(name).Call(arguments...) }
	if r.Kind == plan.Named {
		return method("Member", jen.Lit(name), value.Dot("check"))
	}
	if methodName, ok := checkNames[r.Kind]; ok {
		arguments := append([]jen.Code{jen.Lit(name), checkOperand(r, value)}, ruleIfTaken(r)...)
		return method(methodName, arguments...)
	}
	return method("Member", jen.Lit(name), jen.Func().Params(reportParam()).Block(checked(p, r, value)...))
}

// checkNames are the names that package payload has for checks of values, after "Check" or as methods of Report.
var checkNames = map[plan.RefKind]string{
	plan.String: "String", plan.Int32: "Int64", plan.Int64: "Int64", plan.Float32: "Float32", plan.Float64: "Float64", plan.Decimal: "Decimal",
	plan.DecimalText: "Decimal", plan.Time: "Time", plan.Date: "Date", plan.Duration: "Duration", plan.Raw: "Raw", plan.UserType: "Custom",
}

// checkOperand is value as the check takes it.
func checkOperand(r plan.Ref, value *jen.Statement) jen.Code {
	if r.Kind == plan.Int32 {
		return jen.Int64().Call(value)
	}
	return value
}

// ruleIfTaken is the rule, for the kinds that have rules.
func ruleIfTaken(r plan.Ref) []jen.Code {
	switch r.Kind {
	case plan.Time, plan.Date, plan.Duration, plan.Raw, plan.UserType:
		return nil
	}
	return []jen.Code{ruleArgument(r.Kind, r.Rule)}
}

// checked is what checks a value of r.
func checked(p *plan.Plan, r plan.Ref, value *jen.Statement) []jen.Code {
	switch r.Kind {
	case plan.Named:
		return []jen.Code{value.Dot("check").Call(jen.Id("r"))}
	case plan.List:
		all := []jen.Code{pl("CheckList").Call(jen.Id("r"), ruleArgument(r.Kind, r.Rule), value, elementChecker(p, *r.Elem))}
		if checkSet(r.Checks).value(plan.UniqueItems) != "" {
			all = append(all, pl("CheckUnique").Call(jen.Id("r"), value.Clone(), elementEncoder(p, *r.Elem)))
		}
		return all
	case plan.Map:
		return []jen.Code{pl("CheckMap").Call(jen.Id("r"), ruleArgument(r.Kind, r.Rule), value, elementChecker(p, *r.Elem))}
	}
	arguments := append([]jen.Code{jen.Id("r"), checkOperand(r, value)}, ruleIfTaken(r)...)
	return []jen.Code{pl("Check" + checkNames[r.Kind]).Call(arguments...)}
}

// elementChecker is the function that checks one item of a list or value of a map, nil when there is nothing to check.
func elementChecker(p *plan.Plan, r plan.Ref) jen.Code {
	if !needsCheck(r) {
		return jen.Nil()
	}
	if r.Kind == plan.Named && !canBeNil(r) && !r.Pointer {
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
func needsCheck(r plan.Ref) bool {
	switch r.Kind {
	case plan.Bool, plan.UUID, plan.Bytes:
		return false
	case plan.Int32, plan.Int64, plan.Decimal, plan.DecimalText:
		return r.Rule != ""
	case plan.List:
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
