package topology

import (
	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// undescribed returns a message for each address of g, whose channels have no messages: bytes of
// any kind, which are told apart by their addresses. They have no AMQP type, as the contract knows
// none.
func (b *builder) undescribed(g *group) []Route {
	var all []Route
	known := map[string]bool{} // addresses
	for i, e := range g.all() {
		b.report.Warn(e.channel.Location, "the channel has no message: its messages are bytes of any kind, []byte in Go",
			"give it a message: with a payload for a type, or with contentType: application/octet-stream if bytes are right")
		if address := e.address(); !known[address] {
			known[address] = true
			of := &asyncapi.Message{Location: e.channel.Location, ContentType: b.doc.DefaultContentType}
			built := b.named(e, of, b.undescribedName(e))
			built.Publication.Type = ""
			if i < len(g.published) {
				b.routingKey(&built, e)
			} else {
				b.onlyConsumed(&built, e)
			}
			b.withParameters(g, &built, e)
			all = append(all, Route{Message: built, Of: of, Channel: e.origin(), Undescribed: true})
		}
	}
	return all
}

// undescribedName returns the Go name of what a channel without messages carries, made from the
// channel's own name: several channels may have the same queue.
func (b *builder) undescribedName(e *endpoint) string {
	own := endpoint{channel: e.channel}
	name := b.namer.Exported(packageSource(&own))
	if !names.IsExported(name) {
		return "Message" + name
	}
	return name
}

// address returns the exchange and the routing key that messages are published to.
func (e *endpoint) address() string {
	key := ""
	if len(e.keys) > 0 {
		key = e.keys[0]
	}
	return e.exchangeName() + "\x00" + key
}

// messagesOn returns the messages of an operation: all of its channel's if it names none.
func messagesOn(op *asyncapi.Operation) []*asyncapi.Message {
	if len(op.Messages) == 0 && op.Channel != nil {
		return op.Channel.Messages
	}
	return op.Messages
}
