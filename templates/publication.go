package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// publicationVar is the variable that says how a message is published.
func publicationVar(m plan.Message) jen.Code {
	return jen.Add(comment(fmt.Sprintf("%s says how %s goes onto the wire.", m.Variable, m.GoName))).Line().
		Var().Id(m.Variable).Op("=").Op("&").Add(rt("Publication")).Add(literals{}.fields(m.Publication)).Line()
}
