package templates

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// addProducer adds the producer, and the interface that it implements.
func addProducer(file *jen.File, p *plan.Plan, q plan.Client) {
	file.Add(publisherInterface(p, q)).Line()
	file.Add(producerType(q)).Line()
	file.Add(newProducer()).Line()
	for _, m := range publishable(q) {
		file.Add(publishMethod(p, m)).Line()
		file.Add(publishAsyncMethod(p, m)).Line()
	}
	for _, method := range producerMethods() {
		file.Add(method).Line()
	}
}

// publishable returns the messages that a producer has methods for.
func publishable(q plan.Client) []plan.Message {
	var all []plan.Message
	for _, m := range q.Messages {
		if m.Publishable {
			all = append(all, m)
		}
	}
	return all
}

func publisherInterface(p *plan.Plan, q plan.Client) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Publisher publishes the messages of %s. *Producer is one; tests may have one of their own.", q.Subject))).Line().
		Type().Id("Publisher").InterfaceFunc(func(g *jen.Group) {
		for _, m := range publishable(q) {
			g.Id("Publish" + m.GoName).Add(publishParams(p, m)).Add(receiptAndError())
		}
	}).Line()
}

func producerType(q plan.Client) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Producer publishes the messages of %s. Many goroutines may use it.", q.Subject))).Line().
		Type().Id("Producer").Id("struct").Add(body(jen.Id("producer").Op("*").Add(rt("Producer")))).Line()
}

func newProducer() jen.Code {
	return jen.Add(comment("NewProducer returns a producer on the channels of source. Unless runtime.Broker.Lazy is set, it waits, until ctx ends, for a broker that has accepted the declarations.")).Line().
		Func().Id("NewProducer").Params(ctxParam(), jen.Id("source").Add(rt("ProducerSource")), optionsParam("ProducerOption")).
		Params(jen.Op("*").Id("Producer"), jen.Error()).Block(
		jen.List(jen.Id("producer"), jen.Err()).Op(":=").Add(rt("NewProducer")).
			Call(jen.Id("ctx"), jen.Id("source"), jen.New(jen.Id("declarations")), jen.Id("options").Op("...")),
		ifErrReturn(),
		jen.Return(jen.Op("&").Id("Producer").Values(jen.Id("producer")), jen.Nil()),
	).Line()
}

func publishMethod(p *plan.Plan, m plan.Message) jen.Code {
	name := "Publish" + m.GoName
	return jen.Add(described(name+" publishes message and waits until the broker has confirmed it."+caveat(m), m.Doc)).Line().
		Func().Params(producerReceiver()).Id(name).Add(publishParams(p, m)).Add(receiptAndError()).
		BlockFunc(publishBody(m, "Publish")).Line()
}

func publishAsyncMethod(p *plan.Plan, m plan.Message) jen.Code {
	name := "Publish" + m.GoName + "Async"
	sentence := name + " does not wait for the confirm: what it returns does."
	return jen.Add(described(sentence, names.Doc{Deprecated: m.Doc.Deprecated})).Line().
		Func().Params(producerReceiver()).Id(name).Add(publishParams(p, m)).Op("*").Add(rt("Pending")).
		BlockFunc(publishBody(m, "PublishAsync")).Line()
}

// caveat is the sentence about what the contract takes from the usual guarantees.
func caveat(m plan.Message) string {
	said := ""
	if m.Publication.Optional {
		said += " The contract does not make the message mandatory: the broker drops it when no queue takes it."
	}
	if m.Publication.Transient {
		said += " The contract does not make it persistent: it is lost when the broker restarts."
	}
	return said
}

func producerReceiver() jen.Code { return jen.Id("p").Op("*").Id("Producer") }

func receiptAndError() jen.Code { return jen.Params(rt("Receipt"), jen.Error()) }

func publishParams(p *plan.Plan, m plan.Message) jen.Code {
	all := []jen.Code{ctxParam()}
	if m.Parameters != nil {
		all = append(all, parametersParam(m))
	}
	return jen.Params(append(append(all, messageParams(p, m)...), optionsParam("PublishOption"))...)
}

// messageParams are a message and, if it has any, its headers.
func messageParams(p *plan.Plan, m plan.Message) []jen.Code {
	all := []jen.Code{jen.Id("message").Add(bodyType(p, m))}
	if m.HasHeaders() {
		all = append(all, jen.Id("headers").Op("*").Add(typeCode(p, m.Headers)))
	}
	return all
}

// messageArgument is what a method of the runtime publishes.
func messageArgument(m plan.Message) jen.Code {
	if m.HasHeaders() {
		return rt("MessageWithHeaders").Call(jen.Id("message"), jen.Id("headers"))
	}
	return jen.Id("message")
}

// publishBody calls one of the runtime's methods.
func publishBody(m plan.Message, method string) func(*jen.Group) {
	return func(g *jen.Group) {
		g.Return(jen.Id("p").Dot("producer").Dot(method).
			Call(jen.Id("ctx"), publicationOf(m), messageArgument(m), jen.Id("options").Op("...")))
	}
}

// publicationOf is the publication of m, with the parameters of its routing key.
func publicationOf(m plan.Message) jen.Code {
	if m.Parameters == nil {
		return jen.Id(m.Variable)
	}
	return jen.Id(m.Variable).Dot("WithParameters").Call(eachField(m, false)...)
}

// bodyType is the Go type that a message is published and handled as.
func bodyType(p *plan.Plan, m plan.Message) jen.Code {
	switch m.Body {
	case plan.BodyText:
		return jen.String()
	case plan.BodyBytes:
		return jen.Index().Byte()
	case plan.BodyJSON:
	}
	return jen.Op("*").Add(typeCode(p, m.Type))
}

// clientMethods are those of producers and callers that have nothing to do with the messages: each
// calls the one of the runtime's type with its name.
func clientMethods(client string, all ...clientMethod) []jen.Code {
	var code []jen.Code
	for _, m := range all {
		receiver := client[:1]
		var params, arguments []jen.Code
		if m.parameter != "" {
			params, arguments = []jen.Code{jen.Id(m.parameter).Add(m.of)}, []jen.Code{jen.Id(m.parameter)}
		}
		code = append(code, jen.Add(comment(m.said)).Line().
			Func().Params(jen.Id(receiver).Op("*").Id(strings.ToUpper(receiver)+client[1:])).Id(m.name).Params(params...).Add(m.result).Add(body(
			jen.Return(jen.Id(receiver).Dot(client).Dot(m.name).Call(arguments...)),
		)).Line())
	}
	return code
}

// A clientMethod is a method with at most one parameter.
type clientMethod struct {
	name, said string
	parameter  string // empty: none
	of         jen.Code
	result     jen.Code
}

func producerMethods() []jen.Code {
	return clientMethods("producer",
		clientMethod{name: "Busy", said: "Busy says whether a publish would have to wait: see runtime.Producer.", result: jen.Bool()},
		clientMethod{name: "Healthy", said: "Healthy returns why nothing can be published now, or nil: see runtime.Producer.", result: jen.Error()},
		clientMethod{name: "Status", said: "Status says what the producer is doing now.", result: rt("ProducerStatus")},
		clientMethod{
			name: "Count", said: "Count returns how many publishes have ended with an outcome.",
			parameter: "outcome", of: rt("Outcome"), result: jen.Int64(),
		},
		closes("Close waits, until ctx ends, for what is being published. The connection stays open."))
}

// closes is the method Close.
func closes(said string) clientMethod {
	return clientMethod{name: "Close", said: said, parameter: "ctx", of: jen.Qual("context", "Context"), result: jen.Error()}
}
