package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/generator/plan/topology"
)

// messages returns the messages of routes, each once, sorted by Go name.
func (b *builder) messages(routes []topology.Route) []Message {
	var all []Message
	sources := map[string]topology.Route{}
	index := map[string]int{} // of all, by Go name
	amqpTypes := map[string]names.Origin{}
	for _, r := range routes {
		if other, known := sources[r.Message.GoName]; known && b.clash(r, other) {
			continue
		}
		m := Message{Message: r.Message}
		m.Body, m.Type = b.payload(r)
		m.Headers = b.headers(r)
		m.Publication.ContentType = contentType(r.Of, m.Body)
		m.Publication.CorrelationID = b.correlationID(r.Of, m.Body)
		if other, known := sources[m.GoName]; known {
			b.checkSame(m, r, all[index[m.GoName]], other)
			b.joinParameters(&all[index[m.GoName]], m, r)
			if first := &all[index[m.GoName]]; len(first.Replies) == 0 {
				b.setReplies(first, r)
			}
			continue
		}
		sources[m.GoName], index[m.GoName] = r, len(all)
		b.report.Spend(2+report.Weight(m.Type)+report.Weight(m.Headers)+report.Weight(m.Publication.CorrelationID), r.Channel.Location) // in addition to r.Message: the content type
		b.checkType(amqpTypes, m.Publication.Type, r)
		b.setReplies(&m, r)
		all = append(all, m)
	}
	slices.SortFunc(all, func(x, y Message) int { return cmp.Compare(x.GoName, y.GoName) })
	b.checkMethods(all, sources)
	return all
}

// clash reports two messages of one queue that have the same Go name: of two names, or with two
// payloads.
func (b *builder) clash(r, other topology.Route) bool {
	if r.Of == other.Of {
		return false
	}
	here, there := b.origin(r), b.origin(other)
	switch {
	case r.Of.Name != other.Of.Name:
		b.report.Mistake(here.Location, fmt.Sprintf("%s and %s have conflicting Go name %s on one queue", here.What, there, r.Message.GoName), names.WaysOut("", here, there))
		return true
	case r.Of.Payload == nil || other.Of.Payload == nil || b.types.IsSame(r.Of.Payload, other.Of.Payload):
		return false
	}
	way, binding := "name", ""
	if r.Message.Publication.Type == other.Message.Publication.Type {
		way, binding = "name: ..., type", " and another messageType in its amqp binding"
	}
	here.Way = names.InConfig("messages", names.Place(b.contract, r.Of.Location), way)
	b.report.Mistake(here.Location, fmt.Sprintf("%s and %s are on one queue with one name and two payloads", here.What, there),
		names.WaysOut("give one of them another name"+binding, here, here))
	return true
}

// checkSame reports two messages of one queue that have the same Go name but are not the same.
func (b *builder) checkSame(m Message, from topology.Route, other Message, otherFrom topology.Route) {
	here, there := b.origin(from), b.origin(otherFrom)
	if from.Of.Name != otherFrom.Of.Name || !reflect.DeepEqual(m.Type, other.Type) || !reflect.DeepEqual(m.Headers, other.Headers) || m.Body != other.Body {
		b.report.Mistake(here.Location, fmt.Sprintf("%s and %s have conflicting Go name %s on one queue", here.What, there, m.GoName),
			names.WaysOut("", here, there))
		return
	}
	m.Doc, m.Publication.Name, m.Replies, m.ReplyType = other.Doc, other.Publication.Name, other.Replies, other.ReplyType
	same := reflect.DeepEqual(m, other)
	if !m.Publishable { // it is only consumed here, as those that are published come first
		same = m.Publication.Type == other.Publication.Type && m.Publication.ContentType == other.Publication.ContentType
	}
	if !same {
		b.report.Unsupported(from.Channel.Location, "amqp/message-with-two-routes",
			fmt.Sprintf("%s is published to one queue in two ways, here and by %s", here.What, otherFrom.Channel), "")
	}
}

// setReplies sets what m is answered with.
func (b *builder) setReplies(m *Message, r topology.Route) {
	m.ReplyType = r.Message.ReplyType
	for _, reply := range r.Replies {
		answer := Message{Message: reply.Message}
		answer.Body, answer.Type = b.payload(reply)
		answer.Publication.ContentType = contentType(reply.Of, answer.Body)
		if len(r.Replies) > 1 && answer.Body != BodyJSON {
			b.report.Warn(reply.Of.Location, fmt.Sprintf("the replies to %s are not generated: there are several, and this one is not JSON", m.GoName),
				"let all of them be JSON, or write one message")
			m.Replies, m.ReplyType = nil, ""
			return
		}
		m.Replies = append(m.Replies, answer)
	}
}

// joinParameters leaves the handler of a message that comes with several routing keys without
// parameters: they may be in one key and not in another.
func (b *builder) joinParameters(m *Message, again Message, from topology.Route) {
	isSame := m.Publication.RoutingKey == again.Publication.RoutingKey && m.HandlesParameters == again.HandlesParameters
	if isSame || !m.HandlesParameters && !again.HandlesParameters {
		return
	}
	b.report.Note(from.Channel.Location, fmt.Sprintf("the handler of %s gets no parameters: the message comes with several routing keys, "+
		"and runtime.DeliveryFrom(ctx) has each", m.GoName))
	m.HandlesParameters = false
	if !m.Publishable {
		m.Parameters, m.Publication.RoutingKey, m.Publication.Parameters = nil, "", nil
	}
}

// usedParameters returns the structs of parameters that a client has methods with.
func usedParameters(c topology.Client, all []Message) []*topology.Parameters {
	isUsed := func(p *topology.Parameters) bool {
		return slices.ContainsFunc(all, func(m Message) bool {
			return m.Parameters == p && (m.Publishable && c.HasProducer() || m.HandlesParameters && c.HasConsumer())
		})
	}
	return slices.DeleteFunc(slices.Clone(c.Parameters), func(p *topology.Parameters) bool { return !isUsed(p) })
}

// origin returns the message as the origin of a Go name.
func (b *builder) origin(r topology.Route) names.Origin {
	if r.Undescribed {
		return names.Origin{Location: r.Of.Location, What: "the messages of " + r.Channel.What}
	}
	return names.Origin{
		Location: r.Of.Location, What: names.Called("message", r.Of.Name), Way: names.InConfig("messages", names.Place(b.contract, r.Of.Location), "name"),
	}
}

// checkType reports two messages of one queue that consumers could not distinguish.
func (b *builder) checkType(amqpTypes map[string]names.Origin, name string, from topology.Route) {
	if name == "" { // told apart otherwise
		return
	}
	here := b.origin(from)
	other, clash := amqpTypes[name]
	amqpTypes[name] = here
	if clash {
		b.report.Mistake(here.Location, fmt.Sprintf("%s and %s have the same AMQP type %q on one queue: a consumer could not tell them apart",
			here.What, other, name), names.WaysOut("give them different messageType in their amqp bindings",
			names.Origin{Way: names.InConfig("messages", names.Place(b.contract, from.Of.Location), "type")}, names.Origin{}))
	}
}

// checkMethods reports messages whose producer methods would have the same name: Order has
// PublishOrderAsync, and so has OrderAsync.
func (b *builder) checkMethods(all []Message, sources map[string]topology.Route) {
	methods := names.NewScope("type Producer", b.report)
	for _, m := range all {
		for _, name := range []string{"Publish" + m.GoName, "Publish" + m.GoName + "Async"} {
			methods.Claim(name, b.origin(sources[m.GoName]))
		}
	}
}
