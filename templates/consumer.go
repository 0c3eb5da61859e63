package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

func consumerFile(p *plan.Plan, q plan.Client) *jen.File {
	file := newFile(p, q.Package)
	allowDeprecated(file, p, q.Messages)
	file.Add(handlerInterface(p, q)).Line()
	for _, code := range handlerFuncs(p, q) {
		file.Add(code)
	}
	file.Add(consumerType(q)).Line()
	file.Add(newConsumer(q)).Line()
	file.Add(runMethod()).Line()
	file.Add(readyMethod()).Line()
	return file
}

func handlerInterface(p *plan.Plan, q plan.Client) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Handler handles the messages of %s. A nil error acknowledges the message; any other, and a panic, "+
		"is followed by the consumer's recovery. runtime.DeliveryFrom(ctx) has the delivery.", q.Subject))).Line().
		Type().Id("Handler").InterfaceFunc(func(g *jen.Group) {
		for _, m := range q.Messages {
			g.Add(comment(docParagraphs(m.Doc)...))
			g.Id("Handle" + m.GoName).Add(handleSignature(p, m))
		}
	}).Line()
}

func handleSignature(p *plan.Plan, m plan.Message) jen.Code {
	return jen.Params(ctxParam(), jen.Id("message").Add(bodyType(p, m))).Error()
}

// handlerFuncs is a handler of functions, one for each message of the queue.
func handlerFuncs(p *plan.Plan, q plan.Client) []jen.Code {
	code := []jen.Code{
		comment("HandlerFuncs is a Handler made of functions, one for each message. NewConsumer refuses it when one of them is nil."),
		jen.Type().Id("HandlerFuncs").StructFunc(func(g *jen.Group) {
			for _, m := range q.Messages {
				g.Id(m.GoName).Func().Add(handleSignature(p, m))
			}
		}).Line(),
		jen.Var().Id("_").Id("Handler").Op("=").Id("HandlerFuncs").Values().Line(),
	}
	for _, m := range q.Messages {
		method := "Handle" + m.GoName
		code = append(code, comment(method+" calls the function for the message."),
			jen.Func().Params(jen.Id("f").Id("HandlerFuncs")).Id(method).Add(handleSignature(p, m)).Block(
				jen.Return(jen.Id("f").Dot(m.GoName).Call(jen.Id("ctx"), jen.Id("message"))),
			).Line())
	}
	return code
}

func consumerType(q plan.Client) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Consumer takes the messages of %s to a Handler.", q.Subject))).Line().
		Type().Id("Consumer").Struct(jen.Id("consumer").Op("*").Add(rt("Consumer"))).Line()
}

func newConsumer(q plan.Client) jen.Code {
	return jen.Add(comment(newConsumerWords(q)...)).Line().
		Func().Id("NewConsumer").Add(newConsumerParams(q)).Params(jen.Op("*").Id("Consumer"), jen.Error()).
		BlockFunc(func(g *jen.Group) {
			g.If(jen.Err().Op(":=").Add(rt("CheckHandler")).Call(jen.Id("handler"), jen.Id("HandlerFuncs").Values()), jen.Err().Op("!=").Nil()).Block(
				jen.Return(jen.Nil(), jen.Err()),
			)
			g.Id("subscription").Op(":=").Add(rt("Subscription")).Add(subscription(q))
			if own := ownOptions(q); len(own) > 0 {
				g.Id("options").Op("=").Append(jen.Index().Add(rt("ConsumerOption")).Add(spread(true, own)), jen.Id("options").Op("..."))
			}
			g.List(jen.Id("consumer"), jen.Err()).Op(":=").Add(rt("NewConsumer")).
				Call(jen.Id("ctx"), jen.Id("source"), jen.Id("subscription"), jen.Id("options").Op("..."))
			g.Add(ifErrReturn())
			g.Return(jen.Op("&").Id("Consumer").Values(jen.Id("consumer").Op(":").Id("consumer")), jen.Nil())
		}).Line()
}

func newConsumerWords(q plan.Client) []string {
	said := []string{"NewConsumer returns a consumer on a channel of source. It waits, until ctx ends, for a broker that has accepted the " +
		"declarations. Consuming begins with Run."}
	if q.IsGiven {
		said = append(said, "The contract names no queue: queue is declared as it is given and bound as the contract says.")
	}
	return said
}

func newConsumerParams(q plan.Client) jen.Code {
	all := []jen.Code{ctxParam(), jen.Id("source").Add(rt("ConsumerSource"))}
	if q.IsGiven {
		all = append(all, jen.Id("queue").Add(rt("Queue")))
	}
	return jen.Params(append(all, jen.Id("handler").Id("Handler"), optionsParam("ConsumerOption"))...)
}

func subscription(q plan.Client) jen.Code {
	queue, declared := jen.Id("queue").Call(), jen.Id("declarations").Call()
	if q.IsGiven {
		queue, declared = jen.Id("queue"), jen.Id("consumerDeclarations").Call(jen.Id("queue"))
	} else if q.OwnDeclarations {
		declared = jen.Id("consumerDeclarations").Call()
	}
	var routes []jen.Code
	for _, m := range q.Messages {
		routes = append(routes, route(m))
	}
	return literal(
		field{"Queue", queue},
		field{"Declarations", declared},
		field{"Routes", jen.Index().Add(rt("Route")).Add(spread(true, routes))},
		text("TypeHeader", q.TypeHeader),
	)
}

func route(m plan.Message) jen.Code {
	on := map[plan.Body]string{plan.BodyJSON: "RouteJSON", plan.BodyText: "RouteText", plan.BodyBytes: "RouteBytes"}
	return rt(on[m.Body]).Call(jen.Id(m.Variable), jen.Id("handler").Dot("Handle"+m.GoName))
}

// ownOptions are the contract's options. They precede the caller's options, which therefore take
// precedence.
func ownOptions(q plan.Client) []jen.Code {
	var all []jen.Code
	if q.Prefetch > 0 {
		all = append(all, rt("WithPrefetch").Call(jen.Lit(q.Prefetch)))
	}
	if q.Retry.Attempts > 0 {
		all = append(all, rt("WithRecovery").Call(rt("Republish").Call(jen.Lit(q.Retry.Attempts), literals{}.value(q.Retry.Backoff))))
	}
	return all
}

func runMethod() jen.Code {
	return jen.Add(comment("Run consumes until ctx ends, then lets started handlers finish: see runtime.Consumer. It may be called once.")).Line().
		Func().Params(consumerReceiver()).Id("Run").Params(ctxParam()).Error().Block(
		jen.Return(jen.Id("c").Dot("consumer").Dot("Run").Call(jen.Id("ctx"))),
	).Line()
}

func readyMethod() jen.Code {
	return jen.Add(comment("Ready is closed when messages can arrive for the first time.")).Line().
		Func().Params(consumerReceiver()).Id("Ready").Params().Op("<-").Chan().Struct().Block(
		jen.Return(jen.Id("c").Dot("consumer").Dot("Ready").Call()),
	).Line()
}

func consumerReceiver() jen.Code { return jen.Id("c").Op("*").Id("Consumer") }
