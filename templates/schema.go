package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// schemasFile has what the contract demands of the types as a whole, as data.
func schemasFile(p *plan.Plan) *jen.File {
	file := newFile(p, p.Types)
	file.Add(comment("schemas are what the contract demands of the types beside what these and their rules say.")).Line().
		Var().Id("schemas").Op("=").Add(pl("Schemas")).Add(jen.CustomFunc(
		jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true},
		func(g *jen.Group) {
			for _, s := range p.Schemas {
				g.Lit(s.Name).Op(":").Add(schemaFields(s.Schema))
			}
		},
	))
	return file
}

// schemaValue is a payload.Schema.
func schemaValue(s *types.Schema) jen.Code { return pl("Schema").Add(schemaFields(s)) }

// schemaPointer is a *payload.Schema, or nothing for nil.
func schemaPointer(s *types.Schema) jen.Code {
	if s == nil {
		return nil
	}
	return jen.Op("&").Add(schemaValue(s))
}

func schemaFields(s *types.Schema) jen.Code {
	return wide(
		text("Ref", s.Ref),
		flag("Never", s.Never),
		field{"Types", schemaTypes(s.Types)},
		field{"Const", quotedIfAny(s.Const)},
		field{"Enum", quotedList(s.Enum)},
		field{"String", ruleOf(types.String, s.Strings)},
		field{"Number", ruleOf(types.Float64, s.Numbers)},
		field{"Array", ruleOf(types.List, s.Lists)},
		field{"Object", ruleOf(types.Map, s.Objects)},
		field{"PrefixItems", schemaList(s.PrefixItems)},
		field{"Items", schemaPointer(s.Items)},
		field{"Contains", schemaPointer(s.Contains)},
		field{"Properties", schemaProperties(s.Properties)},
		field{"Patterns", schemaPatterns(s.Patterns)},
		field{"Additional", schemaPointer(s.Additional)},
		field{"Names", schemaPointer(s.Names)},
		field{"Required", quotedList(s.Required)},
		field{"Dependencies", schemaDependencies(s.Dependencies)},
		field{"AllOf", schemaList(s.AllOf)},
		field{"AnyOf", schemaList(s.AnyOf)},
		field{"OneOf", schemaList(s.OneOf)},
		field{"Not", schemaPointer(s.Not)},
		field{"If", schemaPointer(s.If)},
		field{"Then", schemaPointer(s.Then)},
		field{"Else", schemaPointer(s.Else)},
	)
}

// wide is a composite literal: on one line when it has one field, else one field a line.
func wide(fields ...field) *jen.Statement {
	given := 0
	for _, f := range fields {
		if f.value != nil {
			given++
		}
	}
	if given < 2 {
		return short(fields...)
	}
	return literal(fields...)
}

func schemaTypes(types []string) jen.Code {
	names := map[string]string{
		"null": "TypeNull", "boolean": "TypeBoolean", "integer": "TypeInteger", "number": "TypeNumber", "string": "TypeString", "array": "TypeArray", "object": "TypeObject",
	}
	var code *jen.Statement
	for _, t := range types {
		if code == nil {
			code = pl(names[t])
		} else {
			code.Op("|").Add(pl(names[t]))
		}
	}
	if code == nil {
		return nil
	}
	return code
}

func quotedIfAny(value string) jen.Code {
	if value == "" {
		return nil
	}
	return quoted(value)
}

func quotedList(values []string) jen.Code {
	if values == nil {
		return nil
	}
	return jen.Index().String().ValuesFunc(func(g *jen.Group) {
		for _, v := range values {
			g.Add(quoted(v))
		}
	})
}

// ruleOf is a pointer to the rule that checks make, or nothing without checks.
func ruleOf(kind types.RefKind, checks []types.Check) jen.Code {
	if len(checks) == 0 {
		return nil
	}
	if kind == types.Float64 {
		return rule(kind, checks, nil)
	}
	return jen.Op("&").Add(rule(kind, checks, nil))
}

func schemaList(schemas []*types.Schema) jen.Code {
	return schemaSlice("Schema", len(schemas), func(i int) jen.Code { return schemaFields(schemas[i]) })
}

func schemaProperties(properties []types.PropertySchema) jen.Code {
	return schemaSlice("Property", len(properties), func(i int) jen.Code {
		return short(field{"Name", jen.Lit(properties[i].Name)}, field{"Schema", schemaValue(properties[i].Schema)})
	})
}

func schemaPatterns(patterns []types.PatternSchema) jen.Code {
	return schemaSlice("PatternProperty", len(patterns), func(i int) jen.Code {
		return short(field{"Pattern", pattern(patterns[i].Pattern)}, field{"Schema", schemaValue(patterns[i].Schema)})
	})
}

func schemaDependencies(dependencies []types.DependencySchema) jen.Code {
	return schemaSlice("Dependency", len(dependencies), func(i int) jen.Code {
		d := dependencies[i]
		return short(field{"Name", jen.Lit(d.Name)}, field{"Required", quotedList(d.Required)}, field{"Schema", schemaPointer(d.Schema)})
	})
}

// schemaSlice is a slice of one of payload's types, one element a line, or nothing when there are none.
func schemaSlice(of string, n int, element func(int) jen.Code) jen.Code {
	if n == 0 {
		return nil
	}
	return jen.Index().Add(pl(of)).Add(jen.CustomFunc(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, func(g *jen.Group) {
		for i := range n {
			g.Add(element(i))
		}
	}))
}
