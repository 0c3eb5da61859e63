package templates

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// addConsumer adds what makes a consumer. The consumer itself is the runtime's: nothing of it has to
// do with the messages.
func addConsumer(file *jen.File, p *plan.Plan, q plan.Client) {
	file.Add(handlerInterface(p, q)).Line()
	for _, code := range handlerFuncs(p, q) {
		file.Add(code)
	}
	file.Add(newConsumer(p, q)).Line()
}

func handlerInterface(p *plan.Plan, q plan.Client) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Handler handles the messages of %s. %s; any other, and a panic, "+
		"is followed by the consumer's recovery. runtime.DeliveryFrom(ctx) has the delivery.", q.Subject, nilError(q)))).Line().
		Type().Id("Handler").InterfaceFunc(func(g *jen.Group) {
		for _, m := range q.Messages {
			g.Add(comment(docParagraphs(withReplyNote(m))...))
			g.Id("Handle" + m.GoName).Add(handleSignature(p, m))
		}
	}).Line()
}

// nilError says what a handler's nil error means.
func nilError(q plan.Client) string {
	if q.NoAck {
		return "A nil error says that the message is handled"
	}
	return "A nil error acknowledges the message"
}

func handleSignature(p *plan.Plan, m plan.Message) jen.Code {
	all := []jen.Code{ctxParam()}
	if m.HandlesParameters {
		all = append(all, parametersParam(m))
	}
	return jen.Params(append(all, messageParams(p, m)...)...).Add(handleResults(p, m))
}

// handleResults are what a method of a handler returns: an error, and before it the reply.
func handleResults(p *plan.Plan, m plan.Message) jen.Code {
	if len(m.Replies) == 0 {
		return jen.Error()
	}
	return jen.Params(replyType(p, m), jen.Error())
}

// handleArguments are what a method of a handler is called with.
func handleArguments(m plan.Message) []jen.Code {
	all := []jen.Code{jen.Id("ctx")}
	if m.HandlesParameters {
		all = append(all, jen.Id("parameters"))
	}
	all = append(all, jen.Id("message"))
	if m.HasHeaders() {
		all = append(all, jen.Id("headers"))
	}
	return all
}

// handlerFuncs is a handler of functions, one for each message of the queue.
func handlerFuncs(p *plan.Plan, q plan.Client) []jen.Code {
	code := []jen.Code{
		comment("HandlerFuncs is a Handler made of functions, which its methods call. NewConsumer refuses it when one is nil."),
		jen.Type().Id("HandlerFuncs").StructFunc(func(g *jen.Group) {
			for _, m := range q.Messages {
				g.Id(m.GoName).Func().Add(handleSignature(p, m))
			}
		}).Line(),
	}
	for _, m := range q.Messages {
		method := "Handle" + m.GoName
		code = append(code, jen.Func().Params(jen.Id("f").Id("HandlerFuncs")).Id(method).Add(handleSignature(p, m)).Block(
			jen.Return(jen.Id("f").Dot(m.GoName).Call(handleArguments(m)...)),
		).Line())
	}
	return code
}

func newConsumer(p *plan.Plan, q plan.Client) jen.Code {
	return jen.Add(comment(newConsumerWords(q)...)).Line().
		Func().Id("NewConsumer").Add(newConsumerParams(q)).Params(jen.Op("*").Add(rt("Consumer")), jen.Error()).
		BlockFunc(func(g *jen.Group) {
			g.If(jen.Err().Op(":=").Add(rt("CheckHandler")).Call(jen.Id("handler"), jen.Id("HandlerFuncs").Values()), jen.Err().Op("!=").Nil()).Block(
				jen.Return(jen.Nil(), jen.Err()),
			)
			if own := ownOptions(q); len(own) > 0 {
				g.Id("options").Op("=").Append(jen.Index().Add(rt("ConsumerOption")).Add(spread(len(own) > 1, own)), jen.Id("options").Op("..."))
			}
			g.Return(rt("NewConsumer").Call(jen.Id("ctx"), jen.Id("source"), rt("Subscription").Add(subscription(p, q)), jen.Id("options").Op("...")))
		}).Line()
}

func newConsumerWords(q plan.Client) []string {
	said := []string{"NewConsumer returns a consumer on a channel of source. Unless runtime.Broker.Lazy is set, it waits, until ctx ends, for a broker that has accepted the " +
		"declarations. Consuming begins with Run."}
	if q.NoAck {
		said = append(said, "The contract says ack: false: the broker forgets each message when it sends it. What has been sent and not handled "+
			"is lost when the process ends, and no prefetch limits how much that is.")
	}
	if n := q.Retry.Attempts; n > 0 {
		said = append(said, fmt.Sprintf("The contract has a message whose handler failed come again, at most %s. Steps of runtime.WithRecovery are tried "+
			"before that, and replace it if they end with runtime.DeadLetter or runtime.Discard.", times(n)))
	}
	if q.IsGiven {
		said = append(said, "The contract names no queue: queue is declared as it is given and bound as the contract says.")
	}
	return said
}

// times returns "once" or "5 times".
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func newConsumerParams(q plan.Client) jen.Code {
	all := []jen.Code{ctxParam(), jen.Id("source").Add(rt("ConsumerSource"))}
	if q.IsGiven {
		all = append(all, jen.Id("queue").Add(rt("Queue")))
	}
	return jen.Params(append(all, jen.Id("handler").Id("Handler"), optionsParam("ConsumerOption"))...)
}

func subscription(p *plan.Plan, q plan.Client) jen.Code {
	declared := jen.New(jen.Id("declarations"))
	if q.IsGiven {
		declared = jen.Id("consumerDeclarations").Call(jen.Id("queue"))
	} else if q.OwnDeclarations {
		declared = jen.New(jen.Id("consumerDeclarations"))
	}
	var routes []jen.Code
	for _, m := range q.Messages {
		routes = append(routes, route(p, m))
	}
	return literal(
		field{"Queue", jen.Id("queue")},
		field{"Declarations", declared},
		field{"Routes", jen.Index().Add(rt("Route")).Add(spread(true, routes))},
		text("TypeHeader", q.TypeHeader),
		text("ConsumerTag", q.ConsumerTag),
		flag("Exclusive", q.ConsumesAlone),
		flag("NoAck", q.NoAck),
		consumerArguments(q),
		contractRecovery(q),
	)
}

func route(p *plan.Plan, m plan.Message) jen.Code {
	on := map[plan.Body]string{plan.BodyJSON: "RouteJSON", plan.BodyText: "RouteText", plan.BodyBytes: "RouteBytes"}
	handle := handleFunc(p, m)
	if len(m.Replies) > 0 {
		handle = replied(m, handle)
	}
	return rt(on[m.Body]).Call(jen.Id(m.Variable), handle)
}

// handleFunc is the function that a route calls: the handler's method, or one that reads from the
// delivery what the method gets besides the message.
func handleFunc(p *plan.Plan, m plan.Message) jen.Code {
	method := jen.Id("handler").Dot("Handle" + m.GoName)
	if !m.HandlesParameters && !m.HasHeaders() {
		return method
	}
	failed := []jen.Code{jen.Err()}
	if len(m.Replies) > 0 {
		failed = []jen.Code{noReply(m), jen.Err()}
	}
	read := func(g *jen.Group, method string, into ...jen.Code) {
		g.If(jen.Err().Op(":=").Id(m.Variable).Dot(method).Call(append([]jen.Code{jen.Id("ctx")}, into...)...), jen.Err().Op("!=").Nil()).
			Block(jen.Return(failed...))
	}
	return jen.Func().Params(ctxParam(), jen.Id("message").Add(bodyType(p, m))).Add(handleResults(p, m)).BlockFunc(func(g *jen.Group) {
		if m.HandlesParameters {
			g.Var().Id("parameters").Id(m.Parameters.GoName)
			read(g, "ReadParameters", eachField(m, true)...)
		}
		if m.HasHeaders() {
			g.Id("headers").Op(":=").New(typeCode(p, m.Headers))
			read(g, "ReadHeaders", jen.Id("headers"))
		}
		g.Return(method.Call(handleArguments(m)...))
	})
}

// ownOptions are the contract's options. They precede the caller's options, which therefore take
// precedence.
func ownOptions(q plan.Client) []jen.Code {
	if q.Prefetch == 0 {
		return nil
	}
	return []jen.Code{rt("WithPrefetch").Call(jen.Lit(q.Prefetch))}
}

// contractRecovery are the steps of the contract, which follow those of the caller.
func contractRecovery(q plan.Client) field {
	if q.Retry.Attempts == 0 {
		return field{}
	}
	republish := rt("Republish").Call(jen.Lit(q.Retry.Attempts), literals{}.value(q.Retry.Backoff))
	return field{"Recovery", jen.Index().Add(rt("Recovery")).Values(republish)}
}

func consumerArguments(q plan.Client) field {
	if len(q.ConsumerArguments) == 0 {
		return field{}
	}
	return field{"Arguments", literals{}.value(q.ConsumerArguments)}
}
