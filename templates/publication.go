package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// publicationVar is the variable that says how a message is published.
func publicationVar(m plan.Message) jen.Code {
	sentence := fmt.Sprintf("%s describes how %s is published.", m.Variable, m.GoName)
	if !m.Publishable {
		sentence = fmt.Sprintf("%s describes how %s is recognized. This package does not publish it.", m.Variable, m.GoName)
	}
	return jen.Add(comment(sentence)).Line().
		Var().Id(m.Variable).Op("=").Op("&").Add(rt("Publication")).Add(literals{}.fields(m.Publication)).Line()
}
