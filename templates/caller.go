package templates

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// addCaller adds what makes requests.
func addCaller(file *jen.File, p *plan.Plan, q plan.Client) {
	file.Add(callerType(q)).Line()
	file.Add(newCaller(q)).Line()
	for _, m := range publishable(q) {
		if len(m.Replies) > 0 {
			file.Add(callMethod(p, m)).Line()
		}
	}
	for _, method := range callerMethods() {
		file.Add(method).Line()
	}
}

func callerType(q plan.Client) jen.Code {
	return jen.Add(comment(fmt.Sprintf("Caller publishes requests of %s and returns their replies. Many goroutines may use it.", q.Subject))).Line().
		Type().Id("Caller").Id("struct").Add(body(jen.Id("caller").Op("*").Add(rt("Caller")))).Line()
}

func newCaller(q plan.Client) jen.Code {
	said := "NewCaller returns a caller as soon as replies can arrive, for which it waits until ctx ends."
	replies := field{}
	if q.Replies.Name != "" {
		said += fmt.Sprintf(" They come to the queue %q, which no other caller must use.", q.Replies.Name)
		replies = field{"Replies", literals{}.value(q.Replies)}
	}
	return jen.Add(comment(said)).Line().
		Func().Id("NewCaller").Params(ctxParam(), jen.Id("source").Add(rt("Source")), optionsParam("ProducerOption")).
		Params(jen.Op("*").Id("Caller"), jen.Error()).Block(
		jen.List(jen.Id("caller"), jen.Err()).Op(":=").Add(rt("NewCaller")).Call(jen.Id("ctx"), jen.Id("source"),
			rt("CallerSpec").Add(wide(field{"Declarations", jen.New(jen.Id("declarations"))}, replies)), jen.Id("options").Op("...")),
		ifErrReturn(),
		jen.Return(jen.Op("&").Id("Caller").Values(jen.Id("caller")), jen.Nil()),
	).Line()
}

func callMethod(p *plan.Plan, m plan.Message) jen.Code {
	name := "Call" + m.GoName
	said := name + " publishes message and returns the reply to it: see runtime.Caller for the errors, and for how long it waits."
	call := func(reply jen.Code) *jen.Statement {
		return jen.Id("c").Dot("caller").Dot("Call").Call(jen.Id("ctx"), publicationOf(m), messageArgument(m), reply, jen.Id("options").Op("..."))
	}
	return jen.Add(described(said, m.Doc)).Line().
		Func().Params(callerReceiver()).Id(name).Add(publishParams(p, m)).Params(replyType(p, m), jen.Error()).
		BlockFunc(func(g *jen.Group) {
			switch reply := m.Replies[0]; {
			case len(m.Replies) > 1:
				g.Var().Id("reply").Id(m.ReplyType)
				g.Id("choice").Op(":=").Add(rt("ReplyChoice")).Add(replyCases(m))
				g.Err().Op(":=").Add(call(jen.Id("choice")))
				g.Return(jen.Id("reply"), jen.Err())
			case reply.Body != plan.BodyJSON:
				g.Var().Id("reply").Add(bodyType(p, reply))
				g.Err().Op(":=").Add(call(jen.Op("&").Id("reply")))
				g.Return(jen.Id("reply"), jen.Err())
			default:
				g.Id("reply").Op(":=").New(typeCode(p, reply.Type))
				g.If(jen.Err().Op(":=").Add(call(jen.Id("reply"))), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
				g.Return(jen.Id("reply"), jen.Nil())
			}
		}).Line()
}

func callerReceiver() jen.Code { return jen.Id("c").Op("*").Id("Caller") }

// callerMethod passes a call on to the runtime's Caller.
func callerMethods() []jen.Code {
	return clientMethods("caller",
		clientMethod{name: "Healthy", said: "Healthy returns why no call can be made now, or nil: see runtime.Caller.", result: jen.Error()},
		clientMethod{name: "Status", said: "Status says what the caller is doing now.", result: rt("CallerStatus")},
		closes("Close waits, until ctx ends, for the replies to calls. The connection stays open."))
}

// replyType is what a call returns and a handler answers with, besides an error.
func replyType(p *plan.Plan, m plan.Message) jen.Code {
	if len(m.Replies) > 1 {
		return jen.Id(m.ReplyType)
	}
	return bodyType(p, m.Replies[0])
}

// addReplyTypes adds a struct for each message that has several replies.
func addReplyTypes(file *jen.File, p *plan.Plan, q plan.Client) {
	for _, m := range q.Messages {
		if len(m.Replies) > 1 {
			file.Add(replyStruct(p, m)).Line()
			if q.HasConsumer() {
				file.Add(chosenMethod(m)).Line()
			}
		}
	}
}

func replyStruct(p *plan.Plan, m plan.Message) jen.Code {
	return jen.Add(comment(fmt.Sprintf("%s is a reply to %s. One of its fields is set.", m.ReplyType, m.GoName))).Line().
		Type().Id(m.ReplyType).StructFunc(func(g *jen.Group) {
		for _, reply := range m.Replies {
			g.Id(reply.GoName).Add(bodyType(p, reply))
		}
	}).Line()
}

// chosenMethod returns the field that is set, and how it is published.
func chosenMethod(m plan.Message) jen.Code {
	return jen.Func().Params(jen.Id("r").Id(m.ReplyType)).Id("chosen").Params().Params(jen.Op("*").Add(rt("Publication")), jen.Any()).Block(
		jen.Switch().BlockFunc(func(g *jen.Group) {
			for _, reply := range m.Replies {
				g.Case(jen.Id("r").Dot(reply.GoName).Op("!=").Nil()).Block(jen.Return(jen.Id(reply.Variable), jen.Id("r").Dot(reply.GoName)))
			}
		}),
		jen.Return(jen.Nil(), jen.Nil()),
	).Line()
}

// replyCases says which field a reply is decoded into.
func replyCases(m plan.Message) jen.Code {
	var cases []jen.Code
	for _, reply := range m.Replies {
		cases = append(cases, short(field{"Publication", jen.Id(reply.Variable)}, field{"Into", jen.Op("&").Id("reply").Dot(reply.GoName)}))
	}
	return spread(true, cases)
}

// replied turns the function of a handler into one that publishes what it returns.
func replied(m plan.Message, handle jen.Code) jen.Code {
	if len(m.Replies) > 1 {
		return rt("ReplyWithChoice").Call(jen.Id(m.ReplyType).Dot("chosen"), handle)
	}
	return rt("ReplyWith").Call(jen.Id(m.Replies[0].Variable), handle)
}

// replyNote is what the comment of a handler's method says about replies.
func replyNote(m plan.Message) string {
	if len(m.Replies) == 0 {
		return ""
	}
	var all []string
	for _, reply := range m.Replies {
		all = append(all, reply.GoName)
	}
	return fmt.Sprintf("It is answered with %s, or with a *runtime.ReplyError.", strings.Join(all, " or "))
}

// withReplyNote is what the contract says of a message, and how it is answered.
func withReplyNote(m plan.Message) names.Doc {
	doc := m.Doc
	if note := replyNote(m); note != "" {
		doc.Notes = strings.TrimSpace(doc.Notes + "\n" + note)
	}
	return doc
}

// noReply is the zero value of the reply of m.
func noReply(m plan.Message) jen.Code {
	switch {
	case len(m.Replies) > 1:
		return jen.Id(m.ReplyType).Values()
	case m.Replies[0].Body == plan.BodyText:
		return jen.Lit("")
	}
	return jen.Nil()
}
