package templates

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// rules are the variables that hold what the contract demands of the values in t, beside their Go types.
func rules(t plan.Type) []jen.Code {
	var defs []jen.Code
	add := func(name string, value jen.Code) {
		defs = append(defs, jen.Id(name).Op("=").Add(value))
	}
	if t.Rule != "" {
		add(t.Rule, typeRule(t))
	}
	eachRef(t, func(r plan.Ref) {
		if r.Rule != "" {
			add(r.Rule, rule(r.Kind, r.Checks, nil))
		}
	})
	for _, m := range t.Patterns {
		add(m.Rule, pattern(m.Pattern))
	}
	if required := requiredNames(t); t.RequiredNames != "" {
		add(t.RequiredNames, jen.Index().String().ValuesFunc(func(g *jen.Group) {
			for _, name := range required {
				g.Lit(name)
			}
		}))
	}
	if len(defs) == 0 {
		return nil
	}
	code := jen.Add(comment("What the contract demands of " + t.GoName + ".")).Line().Var()
	if len(defs) == 1 {
		return []jen.Code{code.Add(defs[0]).Line()}
	}
	return []jen.Code{code.Defs(defs...).Line()}
}

// eachRef calls visit for each use of a type in t.
func eachRef(t plan.Type, visit func(plan.Ref)) {
	tree := func(r *plan.Ref) {
		for ; r != nil; r = r.Elem {
			visit(*r)
		}
	}
	tree(&t.Underlying)
	for i := range t.Fields {
		tree(&t.Fields[i].Type)
	}
	for i := range t.Patterns {
		tree(&t.Patterns[i].Type)
	}
	for i := range t.Variants {
		tree(&t.Variants[i].Type)
	}
	tree(t.Rest)
}

func typeRule(t plan.Type) jen.Code {
	switch t.Kind {
	case plan.StructType:
		return rule(plan.Map, t.Checks, nil)
	case plan.TupleType:
		return rule(plan.List, t.Checks, nil)
	case plan.EnumType:
		return rule(t.Underlying.Kind, t.Checks, t.Sorted)
	case plan.DefinedType:
		return rule(t.Underlying.Kind, t.Checks, nil)
	}
	panic("templates: a rule of a declared type that has none")
}

// rule is the rule of payload for values of one kind.
func rule(kind plan.RefKind, checks []plan.Check, enum []string) jen.Code {
	c := checkSet(checks)
	switch kind {
	case plan.String:
		return stringRule(c, enum)
	case plan.Int32, plan.Int64:
		return integerRule(c, kind, enum)
	case plan.Float32, plan.Float64, plan.Decimal, plan.DecimalText:
		return numberRule(c, enum)
	case plan.List:
		return pl("ArrayRule").Add(short(number("MinItems", c.count(plan.MinItems)), field{"MaxItems", c.limit(plan.MaxItems)},
			flag("UniqueItems", c.value(plan.UniqueItems) != "")))
	case plan.Map:
		return pl("MapRule").Add(short(number("MinProperties", c.count(plan.MinProperties)), field{"MaxProperties", c.limit(plan.MaxProperties)}))
	}
	panic("templates: a check of a kind that has none")
}

func stringRule(c checkSet, enum []string) jen.Code {
	var patterns, format, values jen.Code
	if all := c.patterns(); len(all) > 0 {
		patterns = jen.Index().Op("*").Add(pl("Pattern")).Values(all...)
	}
	if name := c.value(plan.Format); name != "" {
		format = pl(formatNames[name])
	}
	if enum != nil {
		values = jen.Index().String().ValuesFunc(func(g *jen.Group) {
			for _, v := range enum {
				g.Lit(v)
			}
		})
	}
	return pl("StringRule").Add(short(
		number("MinLength", c.count(plan.MinLength)),
		field{"MaxLength", c.limit(plan.MaxLength)},
		field{"Patterns", patterns},
		field{"Format", format},
		field{"Enum", values},
	))
}

// formatNames are the names that package payload has for formats.
var formatNames = map[string]string{
	"date-time": "FormatDateTime", "date": "FormatDate", "time": "FormatTime", "duration": "FormatDuration", "uuid": "FormatUUID",
	"email": "FormatEmail", "hostname": "FormatHostname", "ipv4": "FormatIPv4", "ipv6": "FormatIPv6", "uri": "FormatURI",
	"uri-reference": "FormatURIReference", "json-pointer": "FormatJSONPointer", "relative-json-pointer": "FormatRelativeJSONPointer",
	"regex": "FormatRegex", "byte": "FormatByte", "decimal": "FormatDecimal",
}

func integerRule(c checkSet, kind plan.RefKind, enum []string) jen.Code {
	bits := map[plan.RefKind]string{plan.Int32: "32", plan.Int64: "64"}[kind]
	var values jen.Code
	if enum != nil {
		values = jen.Index().Int64().ValuesFunc(func(g *jen.Group) {
			for _, v := range enum {
				g.Id(v)
			}
		})
	}
	return pl("IntegerRule").Add(short(
		field{"Minimum", c.number(plan.Minimum, jen.Qual("math", "MinInt"+bits))},
		field{"Maximum", c.number(plan.Maximum, jen.Qual("math", "MaxInt"+bits))},
		field{"MultipleOf", c.number(plan.MultipleOf, nil)},
		field{"Enum", values},
	))
}

func numberRule(c checkSet, enum []string) jen.Code {
	var values jen.Code
	if enum != nil {
		values = jen.Index().String().ValuesFunc(func(g *jen.Group) {
			for _, v := range enum {
				g.Lit(v)
			}
		})
	}
	limits := short(
		text("Minimum", c.value(plan.Minimum)),
		text("ExclusiveMinimum", c.value(plan.ExclusiveMinimum)),
		text("Maximum", c.value(plan.Maximum)),
		text("ExclusiveMaximum", c.value(plan.ExclusiveMaximum)),
		text("MultipleOf", c.value(plan.MultipleOf)),
		flag("Whole", c.value(plan.Whole) != ""),
		field{"Enum", values},
	)
	return pl("NewNumberRule").Call(pl("NumberLimits").Add(limits))
}

// A checkSet is the checks of one value.
type checkSet []plan.Check

func (c checkSet) value(k plan.Keyword) string {
	for _, check := range c {
		if check.Keyword == k {
			return check.Value
		}
	}
	return ""
}

func (c checkSet) count(k plan.Keyword) int {
	n, err := strconv.Atoi(c.value(k))
	if err != nil {
		return 0
	}
	return n
}

// limit is a maximum of a count.
func (c checkSet) limit(k plan.Keyword) jen.Code {
	if c.value(k) == "" {
		return pl("NoLimit")
	}
	return jen.Lit(c.count(k))
}

// number is the digits of a check, or other when there is none.
func (c checkSet) number(k plan.Keyword, other jen.Code) jen.Code {
	if value := c.value(k); value != "" {
		return jen.Id(value)
	}
	return other
}

func (c checkSet) patterns() []jen.Code {
	var all []jen.Code
	for _, check := range c {
		if check.Keyword == plan.Pattern {
			all = append(all, pattern(check))
		}
	}
	return all
}

// pattern is a *payload.Pattern.
func pattern(check plan.Check) jen.Code {
	return pl("NewPattern").Call(quoted(check.Value), quoted(check.Go))
}

// ruleArgument is the last argument of what reads or checks a value: its rule, or nil.
func ruleArgument(kind plan.RefKind, name string) jen.Code {
	if name == "" {
		return jen.Nil()
	}
	switch kind {
	case plan.Float32, plan.Float64, plan.Decimal, plan.DecimalText:
		return jen.Id(name) // a pointer already
	}
	return jen.Op("&").Id(name)
}

// requiredNames are the names of the members that must be there.
func requiredNames(t plan.Type) []string {
	var names []string
	for _, f := range t.Fields {
		if f.Required {
			names = append(names, f.JSONName)
		}
	}
	return names
}
