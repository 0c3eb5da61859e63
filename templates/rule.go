package templates

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan/types"
)

// enumRule declares what values of an enum must be.
func enumRule(t types.Type) jen.Code {
	row := scalars[t.Underlying.Kind]
	return jen.Var().Id(ruleName(t.GoName)).Op("=").Add(row.rule(t.Checks, t.Sorted)).Line()
}

// valueRule is a pointer to the rule that checks make, nothing without checks.
func valueRule(kind types.RefKind, checks []types.Check) jen.Code {
	if len(checks) == 0 {
		return nil
	}
	return jen.Op("&").Add(ruleLiteral(kind, checks))
}

func ruleLiteral(kind types.RefKind, c checkSet) jen.Code {
	switch kind {
	case types.List:
		return pl("ArrayRule").Add(short(number("MinItems", c.count(types.MinItems)), field{"MaxItems", c.limit(types.MaxItems)},
			flag("UniqueItems", c.value(types.UniqueItems) != "")))
	case types.Map:
		return pl("MapRule").Add(short(number("MinProperties", c.count(types.MinProperties)), field{"MaxProperties", c.limit(types.MaxProperties)}))
	}
	if row := scalars[kind]; row.rule != nil {
		return row.rule(c, nil)
	}
	panic("templates: a check of a kind that has none")
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

func integerRule(bits string) func(checkSet, []string) jen.Code {
	return func(c checkSet, enum []string) jen.Code { return integerLimits(c, bits, enum) }
}

func integerLimits(c checkSet, bits string, enum []string) jen.Code {
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

func numberLimits(c checkSet, enum []string) jen.Code {
	var values jen.Code
	if enum != nil {
		values = jen.Index().String().ValuesFunc(func(g *jen.Group) {
			for _, v := range enum {
				g.Lit(v)
			}
		})
	}
	return pl("NumberLimits").Add(short(
		text("Minimum", c.value(types.Minimum)),
		text("ExclusiveMinimum", c.value(types.ExclusiveMinimum)),
		text("Maximum", c.value(types.Maximum)),
		text("ExclusiveMaximum", c.value(types.ExclusiveMaximum)),
		text("MultipleOf", c.value(types.MultipleOf)),
		flag("Whole", c.value(types.Whole) != ""),
		field{"Enum", values},
	))
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
