package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan/types"
)

// presence returns how many fields of t are required, and of each other one the condition that it is there.
func presence(t types.Type) (required int, optional []jen.Code) {
	for _, f := range t.Fields {
		if f.Required {
			required++
		} else {
			optional = append(optional, isThere(f))
		}
	}
	return required, optional
}

// isThere is the condition that an optional field is not absent.
func isThere(f types.Field) *jen.Statement {
	value := jen.Id("v").Dot(f.GoName)
	if f.Wrapped {
		return jen.Op("!").Add(value).Dot("IsZero").Call()
	}
	return value.Op("!=").Nil()
}

// isAbsent is the condition that an optional field is absent.
func isAbsent(f types.Field) *jen.Statement {
	value := jen.Id("v").Dot(f.GoName)
	if f.Wrapped {
		return value.Dot("IsZero").Call()
	}
	return value.Op("==").Nil()
}
