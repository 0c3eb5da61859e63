package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/topology"
)

// queueFunc returns the queue as it is declared.
func queueFunc(q plan.Queue) jen.Code {
	return jen.Add(comment("queue returns the queue as it is declared.")).Line().
		Func().Id("queue").Params().Add(rt("Queue")).Block(
		jen.Return(rt("Queue").Add(literal(queueFields(q.Declaration, jen.Id("QueueName"))...))),
	).Line()
}

func queueFields(d topology.QueueDeclaration, name jen.Code) []field {
	return []field{
		{"Name", name},
		flag("Durable", d.Durable),
		flag("Exclusive", d.Exclusive),
		flag("AutoDelete", d.AutoDelete),
		table("Arguments", d.Arguments),
	}
}

func declarationsFunc(q plan.Queue) jen.Code {
	return jen.Add(comment("declarations returns what the clients need on the broker.")).Line().
		Func().Id("declarations").Params().Op("*").Add(rt("Declarations")).Block(
		jen.Return(jen.Op("&").Add(rt("Declarations")).Add(declarations(q, q.Declarations, jen.Id("QueueName")))),
	).Line()
}

// consumerDeclarationsFunc returns the declarations of a consumer that are not its producers': those with a queue of
// its own.
func consumerDeclarationsFunc(q plan.Queue) jen.Code {
	name, param := jen.Id("QueueName"), jen.Null()
	sentence := "consumerDeclarations returns what a consumer needs on the broker."
	if q.Name == "" {
		name, param = jen.Id("queue").Dot("Name"), jen.Id("queue").Add(rt("Queue"))
		sentence = "consumerDeclarations returns what a consumer of queue needs on the broker."
	}
	return jen.Add(comment(sentence)).Line().
		Func().Id("consumerDeclarations").Params(param).Op("*").Add(rt("Declarations")).Block(
		jen.Return(jen.Op("&").Add(rt("Declarations")).Add(declarations(q, q.ConsumerDeclarations, name))),
	).Line()
}

// declarations is the literal of d. queueName is what q's own queue is called there.
func declarations(q plan.Queue, d topology.Declarations, queueName *jen.Statement) jen.Code {
	var exchanges, queues, bindings []jen.Code
	for _, x := range d.Exchanges {
		exchanges = append(exchanges, exchange(x))
	}
	for _, other := range d.Queues {
		queues = append(queues, queueEntry(q, other))
	}
	for _, b := range d.Bindings {
		bindings = append(bindings, binding(q, b, queueName))
	}
	return literal(list("Exchanges", "Exchange", exchanges), list("Queues", "Queue", queues), list("Bindings", "Binding", bindings))
}

// list is a field with a slice of one of the runtime's types, one element a line.
func list(name, of string, elements []jen.Code) field {
	if len(elements) == 0 {
		return field{}
	}
	return field{name, jen.Index().Add(rt(of)).Add(onePerLine(elements))}
}

func exchange(x topology.Exchange) jen.Code {
	return short(
		field{"Name", jen.Lit(x.Name)},
		text("Type", x.Type),
		flag("Durable", x.Durable),
		flag("AutoDelete", x.AutoDelete),
		table("Arguments", x.Arguments),
	)
}

func queueEntry(q plan.Queue, d topology.QueueDeclaration) jen.Code {
	switch d.Name {
	case "":
		return jen.Id("queue")
	case q.Name:
		return jen.Id("queue").Call()
	}
	return short(queueFields(d, jen.Lit(d.Name))...)
}

func binding(q plan.Queue, b topology.Binding, queueName *jen.Statement) jen.Code {
	name := jen.Code(jen.Lit(b.Queue))
	if b.Queue == q.Name {
		name = queueName.Clone()
	}
	return short(
		field{"Queue", name},
		field{"Exchange", jen.Lit(b.Exchange)},
		text("RoutingKey", b.RoutingKey),
		table("Arguments", b.Arguments),
	)
}

// table is a field with an AMQP table.
func table(name string, arguments []topology.Argument) field {
	if len(arguments) == 0 {
		return field{}
	}
	return field{name, tableValue(arguments)}
}

func tableValue(arguments []topology.Argument) jen.Code {
	entries := make([]jen.Code, len(arguments))
	for i, a := range arguments {
		entries[i] = jen.Lit(a.Name).Op(":").Add(argument(a.Value))
	}
	if len(entries) > 2 {
		return rt("Headers").Add(onePerLine(entries))
	}
	return rt("Headers").Values(entries...)
}

func argument(value any) jen.Code {
	switch v := value.(type) {
	case nil:
		return jen.Nil()
	case []topology.Argument:
		return tableValue(v)
	case []any:
		return jen.Index().Any().ValuesFunc(func(g *jen.Group) {
			for _, item := range v {
				g.Add(argument(item))
			}
		})
	case string, bool, int, float64:
		return jen.Lit(v)
	}
	panic(fmt.Sprintf("templates: an argument of type %T, which AMQP tables do not have", value))
}
