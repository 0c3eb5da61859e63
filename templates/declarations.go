package templates

import (
	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/runtime"
)

// queueFunc returns the queue as it is declared.
func queueFunc(q plan.Client) jen.Code {
	named := literals{func(field string, _ any) jen.Code {
		if field == "Name" {
			return jen.Id("QueueName")
		}
		return nil
	}}
	return jen.Add(comment("queue returns the queue as it is declared.")).Line().
		Func().Id("queue").Params().Add(rt("Queue")).Block(
		jen.Return(rt("Queue").Add(named.fields(q.Declaration))),
	).Line()
}

func declarationsFunc(q plan.Client) jen.Code {
	return jen.Add(comment("declarations returns what the clients need on the broker.")).Line().
		Func().Id("declarations").Params().Op("*").Add(rt("Declarations")).Block(
		jen.Return(declarations(q, q.Declarations)),
	).Line()
}

// consumerDeclarationsFunc returns the declarations of a consumer if they differ from the
// producer's, that is, if the consumer has a queue of its own.
func consumerDeclarationsFunc(q plan.Client) jen.Code {
	param := jen.Null()
	sentence := "consumerDeclarations returns what a consumer needs on the broker."
	if q.IsGiven {
		param = jen.Id("queue").Add(rt("Queue"))
		sentence = "consumerDeclarations returns what a consumer of queue needs on the broker."
	}
	return jen.Add(comment(sentence)).Line().
		Func().Id("consumerDeclarations").Params(param).Op("*").Add(rt("Declarations")).Block(
		jen.Return(declarations(q, q.ConsumerDeclarations)),
	).Line()
}

// declarations is a pointer to d, with q's own queue by its variable.
func declarations(q plan.Client, d runtime.Declarations) jen.Code {
	queue, name := jen.Id("queue").Call(), jen.Id("QueueName")
	if q.IsGiven {
		queue, name = jen.Id("queue"), jen.Id("queue").Dot("Name")
	}
	return jen.Op("&").Add(literals{func(field string, value any) jen.Code {
		if declared, ok := value.(runtime.Queue); ok && declared.Name == q.Declaration.Name {
			return queue
		}
		if field == "Queue" && value == q.Declaration.Name {
			return name
		}
		return nil
	}}.value(d))
}
