package templates

import (
	"reflect"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
)

// publicationVars are the variables that say how the messages are published, and known when they
// arrive.
func publicationVars(q plan.Client) jen.Code {
	var all []jen.Code
	for _, m := range q.Messages {
		if q.HasConsumer() || m.Publishable {
			all = append(all, jen.Id(m.Variable).Op("=").Op("&").Add(rt("Publication")).Add(lines(literals{}.entries(reflect.ValueOf(m.Publication)))))
		}
	}
	for _, reply := range repliesOf(q) {
		all = append(all, jen.Id(reply.Variable).Op("=").Op("&").Add(rt("Publication")).Add(lines(literals{}.entries(reflect.ValueOf(reply.Publication)))))
	}
	if len(all) == 1 {
		return jen.Var().Add(all...).Line()
	}
	sentence := "How the messages are published."
	if slices.ContainsFunc(q.Messages, func(m plan.Message) bool { return !m.Publishable }) {
		sentence = "How the messages are published or, if another package publishes them, recognized."
	}
	return jen.Add(comment(sentence)).Line().Var().Defs(all...).Line()
}

// repliesOf returns the replies that the code names, each once.
func repliesOf(q plan.Client) []plan.Message {
	var all []plan.Message
	for _, m := range q.Messages {
		for _, reply := range m.Replies {
			isNamed := q.HasConsumer() || m.Publishable && len(m.Replies) > 1
			if isNamed && !slices.ContainsFunc(all, func(known plan.Message) bool { return known.Variable == reply.Variable }) {
				all = append(all, reply)
			}
		}
	}
	return all
}

// lines are the entries of a composite literal, three on a line: a publication is read as a whole.
func lines(entries []jen.Code) jen.Code {
	var all []jen.Code
	for together := range slices.Chunk(entries, 3) {
		all = append(all, jen.List(together...))
	}
	return spread(true, all)
}
