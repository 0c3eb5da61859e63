package templates

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan/types"
)

// rules are the variables that hold what the contract demands of the values in t, beside their Go types.
func rules(t types.Type) []jen.Code {
	var defs []jen.Code
	add := func(name string, value jen.Code) {
		defs = append(defs, jen.Id(name).Op("=").Add(value))
	}
	if t.Rule != "" {
		add(t.Rule, typeRule(t))
	}
	eachRef(t, func(r types.Ref) {
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
func eachRef(t types.Type, visit func(types.Ref)) {
	tree := func(r *types.Ref) {
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

func typeRule(t types.Type) jen.Code {
	switch t.Kind {
	case types.StructType:
		return rule(types.Map, t.Checks, nil)
	case types.TupleType:
		return rule(types.List, t.Checks, nil)
	case types.EnumType:
		return rule(t.Underlying.Kind, t.Checks, t.Sorted)
	case types.DefinedType:
		return rule(t.Underlying.Kind, t.Checks, nil)
	}
	panic("templates: a rule of a declared type that has none")
}

// rule is the rule of payload for values of one kind.
func rule(kind types.RefKind, checks []types.Check, enum []string) jen.Code {
	c := checkSet(checks)
	switch kind {
	case types.String:
		return stringRule(c, enum)
	case types.Int32, types.Int64:
		return integerRule(c, kind, enum)
	case types.Float32, types.Float64, types.Decimal, types.DecimalText:
		return numberRule(c, enum)
	case types.List:
		return pl("ArrayRule").Add(short(number("MinItems", c.count(types.MinItems)), field{"MaxItems", c.limit(types.MaxItems)},
			flag("UniqueItems", c.value(types.UniqueItems) != "")))
	case types.Map:
		return pl("MapRule").Add(short(number("MinProperties", c.count(types.MinProperties)), field{"MaxProperties", c.limit(types.MaxProperties)}))
	}
	panic("templates: a check of a kind that has none")
}

func stringRule(c checkSet, enum []string) jen.Code {
	var patterns, format, values jen.Code
	if all := c.patterns(); len(all) > 0 {
		patterns = jen.Index().Op("*").Add(pl("Pattern")).Values(all...)
	}
	if name := c.value(types.Format); name != "" {
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
		number("MinLength", c.count(types.MinLength)),
		field{"MaxLength", c.limit(types.MaxLength)},
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

func integerRule(c checkSet, kind types.RefKind, enum []string) jen.Code {
	bits := map[types.RefKind]string{types.Int32: "32", types.Int64: "64"}[kind]
	var values jen.Code
	if enum != nil {
		values = jen.Index().Int64().ValuesFunc(func(g *jen.Group) {
			for _, v := range enum {
				g.Id(v)
			}
		})
	}
	return pl("IntegerRule").Add(short(
		field{"Minimum", c.number(types.Minimum, jen.Qual("math", "MinInt"+bits))},
		field{"Maximum", c.number(types.Maximum, jen.Qual("math", "MaxInt"+bits))},
		field{"MultipleOf", c.number(types.MultipleOf, nil)},
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
		text("Minimum", c.value(types.Minimum)),
		text("ExclusiveMinimum", c.value(types.ExclusiveMinimum)),
		text("Maximum", c.value(types.Maximum)),
		text("ExclusiveMaximum", c.value(types.ExclusiveMaximum)),
		text("MultipleOf", c.value(types.MultipleOf)),
		flag("Whole", c.value(types.Whole) != ""),
		field{"Enum", values},
	)
	return pl("NewNumberRule").Call(pl("NumberLimits").Add(limits))
}

// A checkSet is the checks of one value.
type checkSet []types.Check

func (c checkSet) value(k types.Keyword) string {
	for _, check := range c {
		if check.Keyword == k {
			return check.Value
		}
	}
	return ""
}

func (c checkSet) count(k types.Keyword) int {
	n, err := strconv.Atoi(c.value(k))
	if err != nil {
		return 0
	}
	return n
}

// limit is a maximum of a count.
func (c checkSet) limit(k types.Keyword) jen.Code {
	if c.value(k) == "" {
		return pl("NoLimit")
	}
	return jen.Lit(c.count(k))
}

// number is the digits of a check, or other when there is none.
func (c checkSet) number(k types.Keyword, other jen.Code) jen.Code {
	if value := c.value(k); value != "" {
		return jen.Id(value)
	}
	return other
}

func (c checkSet) patterns() []jen.Code {
	var all []jen.Code
	for _, check := range c {
		if check.Keyword == types.Pattern {
			all = append(all, pattern(check))
		}
	}
	return all
}

// pattern is a *payload.Pattern.
func pattern(check types.Check) jen.Code {
	return pl("NewPattern").Call(quoted(check.Value), quoted(check.Go))
}

// ruleArgument is the last argument of what reads or checks a value: its rule, or nil.
func ruleArgument(kind types.RefKind, name string) jen.Code {
	if name == "" {
		return jen.Nil()
	}
	switch kind {
	case types.Float32, types.Float64, types.Decimal, types.DecimalText:
		return jen.Id(name) // a pointer already
	}
	return jen.Op("&").Id(name)
}

// requiredNames are the names of the members that must be there.
func requiredNames(t types.Type) []string {
	var names []string
	for _, f := range t.Fields {
		if f.Required {
			names = append(names, f.JSONName)
		}
	}
	return names
}
