package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/runtime"
)

// addDeclarations declares the variables that say what the clients need on the broker. The runtime
// tells clients apart by their Declarations, so that each gets a copy.
func addDeclarations(file *jen.File, q plan.Client) {
	if !q.IsGiven && (q.HasConsumer() || !q.OwnDeclarations) {
		file.Add(queueVar(q)).Line()
	}
	if q.HasProducer() || !q.OwnDeclarations {
		file.Add(declarationsVar("declarations", "are what the clients need on the broker. Each has a copy.", declarations(q, q.Declarations))).Line()
	}
	if q.HasConsumer() && q.OwnDeclarations {
		if q.IsGiven {
			file.Add(consumerDeclarationsFunc(q)).Line()
		} else {
			file.Add(declarationsVar("consumerDeclarations", "are what a consumer needs on the broker. Each has a copy.", declarations(q, q.ConsumerDeclarations))).Line()
		}
	}
}

// queueVar is the queue as it is declared.
func queueVar(q plan.Client) jen.Code {
	named := literals{func(field string, _ any) jen.Code {
		if field == "Name" {
			return jen.Id("QueueName")
		}
		return nil
	}}
	return jen.Add(comment("queue is the queue as it is declared.")).Line().
		Var().Id("queue").Op("=").Add(rt("Queue")).Add(named.untypedOf(q.Declaration)).Line()
}

func declarationsVar(name, says string, value jen.Code) jen.Code {
	return jen.Add(comment(name + " " + says)).Line().Var().Id(name).Op("=").Add(value).Line()
}

// consumerDeclarationsFunc returns the declarations of a consumer whose queue the caller gives.
func consumerDeclarationsFunc(q plan.Client) jen.Code {
	return jen.Add(comment("consumerDeclarations returns what a consumer of queue needs on the broker.")).Line().
		Func().Id("consumerDeclarations").Params(jen.Id("queue").Add(rt("Queue"))).Op("*").Add(rt("Declarations")).Block(
		jen.Return(jen.Op("&").Add(declarations(q, q.ConsumerDeclarations))),
	).Line()
}

// declarations is d, with q's own queue by its variable.
func declarations(q plan.Client, d runtime.Declarations) *jen.Statement {
	name := jen.Id("QueueName")
	if q.IsGiven {
		name = jen.Id("queue").Dot("Name")
	}
	return literals{func(field string, value any) jen.Code {
		if declared, ok := value.(runtime.Queue); ok && declared.Name == q.Declaration.Name {
			return jen.Id("queue")
		}
		if field == "Queue" && value == q.Declaration.Name {
			return name
		}
		return nil
	}}.value(d)
}
