package templates

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

const (
	modulePath  = "github.com/scampgen/scampgen"
	runtimePath = modulePath + "/runtime"
	payloadPath = runtimePath + "/payload"
)

// rt is a name of package runtime.
func rt(name string) *jen.Statement { return jen.Qual(runtimePath, name) }

// pl is a name of package payload.
func pl(name string) *jen.Statement { return jen.Qual(payloadPath, name) }

func ctxParam() *jen.Statement { return jen.Id("ctx").Qual("context", "Context") }

// optionsParam is the parameter options, of one of the runtime's option types.
func optionsParam(kind string) *jen.Statement { return jen.Id("options").Op("...").Add(rt(kind)) }

// ifErrReturn returns err from a function that returns a pointer and an error.
func ifErrReturn() *jen.Statement {
	return jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
}

// literal is a composite literal with one field a line, in the given order. Fields without a value
// are left out.
func literal(fields ...field) *jen.Statement { return spread(true, withValues(fields)) }

// short is a composite literal on one line.
func short(fields ...field) *jen.Statement { return spread(false, withValues(fields)) }

// wide is a composite literal: on one line when it has one field, else one field a line.
func wide(fields ...field) *jen.Statement {
	entries := withValues(fields)
	return spread(len(entries) > 1, entries)
}

// withValues are the fields that have a value.
func withValues(fields []field) []jen.Code {
	var entries []jen.Code
	for _, f := range fields {
		if f.value != nil {
			entries = append(entries, jen.Id(f.name).Op(":").Add(f.value))
		}
	}
	return entries
}

// spread is the entries of a composite literal in braces.
func spread(oneALine bool, entries []jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: oneALine && len(entries) > 0}, entries...)
}

// A field is one entry of a composite literal. A nil value means that its zero value is right.
type field struct {
	name  string
	value jen.Code
}

// text and flag are fields that are left out when zero.
func text(name, value string) field {
	if value == "" {
		return field{}
	}
	return field{name, jen.Lit(value)}
}

func flag(name string, value bool) field {
	if !value {
		return field{}
	}
	return field{name, jen.True()}
}

// quoted is a string literal: in back quotes if that avoids escapes and hides nothing, such as
// characters that reorder a line.
func quoted(text string) *jen.Statement {
	isHidden := func(r rune) bool { return !strconv.IsPrint(r) }
	if strings.ContainsAny(text, `"\\`) && strconv.CanBackquote(text) && !strings.ContainsFunc(text, isHidden) {
		return jen.Id("`" + text + "`")
	}
	return jen.Lit(text)
}

// typeCode is the Go type of r. No other function writes types of the plan.
func typeCode(p *plan.Plan, r types.Ref) *jen.Statement {
	code := jen.Null()
	if r.Pointer {
		code.Op("*")
	}
	switch r.Kind {
	case types.Named:
		return code.Qual(p.Types.ImportPath, r.Name)
	case types.UserType:
		return code.Qual(r.Package, r.Name)
	case types.List:
		return code.Index().Add(typeCode(p, *r.Elem))
	case types.Map:
		return code.Map(jen.String()).Add(typeCode(p, *r.Elem))
	}
	row, ok := scalars[r.Kind]
	if !ok {
		panic("templates: a type of a kind that the plan does not have")
	}
	if row.pkg != "" {
		return code.Qual(row.pkg, row.name)
	}
	return code.Id(row.name)
}
