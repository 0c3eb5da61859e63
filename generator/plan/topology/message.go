package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime"
)

// maxMessages is the maximum number of messages of one package.
const maxMessages = 500

// routes returns the messages of all endpoints of g. A message of several endpoints is there once
// for each.
func (b *builder) routes(g *group) []Route {
	var all []Route
	known := map[string]bool{} // Go names
	for i, e := range g.all() {
		isPublished := i < len(g.published)
		for _, m := range e.messages {
			if !isPublished && !b.compare(100) {
				return all
			}
			built := b.message(e, m)
			if isPublished {
				b.routingKey(&built, e)
			} else {
				b.onlyConsumed(&built, e)
			}
			b.withParameters(g, &built, e)
			if at := e.origin(); !known[built.GoName] {
				if len(known) == maxMessages {
					b.report.TooLarge(at.Location, "messages", maxMessages, "messages are in one package")
					return all
				}
				if !b.report.Spend(report.MessageWeight+report.Weight(built), at.Location) {
					return all
				}
			}
			replies := b.replies(g, e, m)
			if len(replies) > 1 {
				built.ReplyType = built.GoName + "Reply"
			}
			if !known[built.GoName] && built.ReplyType != "" {
				g.scope.Claim(built.ReplyType, e.origin())
			}
			known[built.GoName] = true
			all = append(all, Route{Message: built, Of: m, Channel: e.origin(), Replies: replies})
		}
	}
	if len(all) == 0 {
		return b.undescribed(g)
	}
	for _, e := range g.all() {
		if len(e.messages) == 0 && b.wants([]*endpoint{e}, ProducerSide) {
			b.report.Warn(e.channel.Location, fmt.Sprintf("%s has no message, so no producer publishes to it", e.origin().What), "give it a message")
		}
	}
	return all
}

// message decides the Go name of m and how it is published on e, except for the routing key.
func (b *builder) message(e *endpoint, m *asyncapi.Message) Message {
	return b.named(e, m, b.messageName(e, m))
}

// named returns m, whose Go name is name, as it is published on e.
func (b *builder) named(e *endpoint, m *asyncapi.Message, name string) Message {
	return Message{
		GoName:      name,
		Variable:    b.namer.Unexported(name) + "Publication",
		Doc:         names.DocOf(m.Texts),
		Publication: b.publication(e, m, name),
	}
}

// nameMessages decides the Go names of all messages that have a name, or a payload with one.
func (b *builder) nameMessages() {
	var messages []*asyncapi.Message
	for _, c := range b.doc.Channels {
		messages = append(messages, c.Messages...)
	}
	for _, op := range b.doc.Operations {
		messages = append(messages, op.Messages...)
		if op.Reply != nil {
			messages = append(messages, op.Reply.Messages...)
		}
	}
	var all []string
	given := map[string]bool{}
	for _, m := range messages {
		if name := b.givenGoName(m); name != "" {
			given[name] = true
		} else if name := ownName(m); name != "" {
			all = append(all, name)
		}
	}
	b.short = b.namer.Short(all, given)
	b.reportUnused(messages)
}

// givenGoName returns the Go name of m that the configuration or x-go-name sets, "" when neither
// does.
func (b *builder) givenGoName(m *asyncapi.Message) string {
	return cmp.Or(b.messageOptions(m).GoName, names.Given(b.read, m.Extensions))
}

// messageOptions returns the user's choices for m: by its place, else by its name.
func (b *builder) messageOptions(m *asyncapi.Message) MessageOptions {
	if len(b.options.Messages) == 0 {
		return MessageOptions{}
	}
	if o, ok := b.options.Messages[names.Place(b.doc.File, m.Location)]; ok {
		return o
	}
	return b.options.Messages[m.Name]
}

// reportUnused reports choices for places at which no message is.
func (b *builder) reportUnused(messages []*asyncapi.Message) {
	there := map[string]bool{}
	for _, m := range messages {
		there[names.Place(b.doc.File, m.Location)] = true
	}
	for _, key := range slices.Sorted(maps.Keys(b.options.Messages)) {
		if strings.Contains(key, "#") && !there[key] {
			b.report.Mistake(b.options.Messages[key].Location, fmt.Sprintf("the contract has no message at %q", key), "")
		}
	}
}

// messageName returns the Go name of m: a given one, or one made from its name or, if it has none,
// from the name of its payload, its operation or its channel.
func (b *builder) messageName(e *endpoint, m *asyncapi.Message) string {
	if name := b.givenGoName(m); name != "" {
		return name
	}
	from := ownName(m)
	name := b.short[from]
	if from == "" {
		from = operationName(e, m)
		name = b.namer.Exported(from)
	}
	if !names.IsExported(name) {
		b.report.Mistake(m.Location, fmt.Sprintf("message name %q cannot be made a Go name", from),
			"set "+extension.GoName+" on the message, or write in scampgen.yaml "+names.InConfig("messages", names.Place(b.doc.File, m.Location), "name"))
	}
	return name
}

// ownName returns the name of m or of its payload, "" when neither has one.
func ownName(m *asyncapi.Message) string {
	name := givenName(m)
	if name == "" && m.Payload != nil {
		name = m.Payload.Name
	}
	return name
}

// operationName returns a name for a message that has none: that of its operation, else that of its
// channel. If the channel has two operations without names, it also says which of them it is.
func operationName(e *endpoint, m *asyncapi.Message) string {
	for _, op := range e.operations {
		if !slices.Contains(op.Messages, m) {
			continue
		}
		if op.Name != "" || len(e.operations) == 1 {
			return cmp.Or(op.Name, packageSource(e))
		}
		return packageSource(e) + map[asyncapi.Action]string{asyncapi.Send: " sent", asyncapi.Receive: " received"}[op.Action]
	}
	return packageSource(e)
}

// givenName returns the name that the contract's author gave m. Names that the usual converter from
// 2.x to 3.x makes up do not count.
func givenName(m *asyncapi.Message) string {
	base, _, _ := strings.Cut(m.Name, ".message")
	if base != m.Name && (base == "publish" || base == "subscribe") {
		return ""
	}
	return m.Name
}

// onlyConsumed leaves of m what its consumer needs: it is published by another package, or by none.
func (b *builder) onlyConsumed(m *Message, e *endpoint) {
	if sends := func(op *asyncapi.Operation) bool { return op.Action == asyncapi.Send }; !e.isPublishable() && b.wants([]*endpoint{e}, ProducerSide) {
		if what := fmt.Sprintf("no producer for channel %q: the routing key to publish with is not known", e.channel.Name); slices.ContainsFunc(e.operations, sends) {
			b.report.Warn(e.channel.Location, what, "give it with "+extension.RoutingKey)
		} else {
			b.report.Note(e.channel.Location, what)
		}
	}
	m.Publication = runtime.Publication{Name: m.Publication.Name, Type: m.Publication.Type}
}

// withParameters sets the parameters of m's routing key, if the clients of g need them.
func (b *builder) withParameters(g *group, m *Message, e *endpoint) {
	read, hasParameters := g.parameters[e]
	if read.of != nil && g.consumes {
		m.HandlesParameters = e.isPublishable() && g.hasOneKey(e)
		if !m.HandlesParameters {
			b.report.Note(e.channel.Location, fmt.Sprintf("the handler of %s gets no parameters: the queue also takes messages with other routing keys than %q", m.GoName, e.key))
		}
	}
	if hasParameters && (m.Publishable || m.HandlesParameters) {
		m.Publication.RoutingKey, m.Publication.Parameters, m.Parameters = e.key, read.wire, read.of
	}
}

// routingKey sets how the routing key of m is made.
func (b *builder) routingKey(m *Message, e *endpoint) {
	m.Publishable = true
	m.Publication.RoutingKey = e.key
	if len(parameters(e.key)) == 0 && len(e.key) > maxShortString {
		b.report.Mistake(e.channel.Location, fmt.Sprintf("the routing key has %d bytes; AMQP allows %d", len(e.key), maxShortString), "")
	}
}
