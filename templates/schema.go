package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// schemasFile has the schemas that values are checked with as a whole, as data.
func schemasFile(p *plan.Plan) *jen.File {
	file := newFile(p, p.Types)
	file.Add(comment("schemas are what the contract demands of the types beside what these and their rules say.")).Line().
		Var().Id("schemas").Op("=").Add(literals{}.value(p.Schemas))
	return file
}
