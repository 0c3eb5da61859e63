package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime"
)

// A reply is what the contract says about the answer to an operation.
type reply struct {
	at       source.Location
	channel  *asyncapi.Channel // where it goes if the request does not say; nil: the request says
	messages []*asyncapi.Message
}

// directReplyTo is the name that stands for the publishing channel in a reply-to.
const directReplyTo = "amq.rabbitmq.reply-to"

// replyOf returns the reply to op: its own or, in 2.x, the messages of the queue that replyTo in its
// binding names. It returns false when there is none.
func (b *builder) replyOf(op *asyncapi.Operation) (reply, bool) {
	if r := op.Reply; r != nil {
		at := op.Location
		at.Position = r.Position
		return reply{at, r.Channel, r.Messages}, true
	}
	if op.AMQP == nil || op.AMQP.ReplyTo == "" {
		return reply{}, false
	}
	if op.AMQP.ReplyTo == directReplyTo {
		b.report.Warn(op.AMQP.Location, "messages are published without "+directReplyTo+": RabbitMQ refuses it from a channel that does not consume from it",
			"name a queue for the replies; runtime.Caller makes one of its own")
	}
	c := b.answered.byQueue[op.AMQP.ReplyTo]
	if c == nil || c == op.Channel {
		return reply{}, false
	}
	return reply{op.Location, c, c.Messages}, true
}

// answers are the channels that replies come on.
type answers struct {
	named   map[*asyncapi.Channel]bool   // by the replies of operations
	byQueue map[string]*asyncapi.Channel // all channels, by the queues that can take replies
}

func (b *builder) findAnswers() {
	b.answered = answers{map[*asyncapi.Channel]bool{}, map[string]*asyncapi.Channel{}}
	for _, op := range b.doc.Operations {
		if op.Reply != nil {
			b.answered.named[op.Reply.Channel] = true
		}
	}
	for _, c := range b.doc.Channels {
		if q := b.replyQueue(c); q != nil && b.answered.byQueue[q.Name] == nil {
			b.answered.byQueue[q.Name] = c
		}
	}
}

// isOnlyForReplies reports whether no operation is on a channel, and some are answered on it. It gets
// no package: the clients of the requests have what it is for.
func (b *builder) isOnlyForReplies(c *asyncapi.Channel) bool {
	return len(b.operations[c]) == 0 && b.answered.named[c]
}

// replies returns the messages that m on e is answered with, none when it is not answered. The
// producer's package reports what is left out.
func (b *builder) replies(g *group, e *endpoint, m *asyncapi.Message) []Route {
	var all []Route
	known, types := map[*asyncapi.Message]bool{}, map[string]bool{}
	for _, op := range e.operations {
		r, ok := b.replyOf(op)
		if !ok || !slices.Contains(messagesOn(op), m) {
			continue
		}
		b.warnOfAddress(op)
		if len(r.messages) == 0 {
			b.report.Warn(r.at, "the reply has no messages, and is not generated", "list its messages")
		}
		for _, of := range r.messages {
			on := &endpoint{channel: e.channel}
			if r.channel != nil {
				on.channel = r.channel
			}
			if known[of] {
				continue
			}
			known[of] = true
			built := b.named(on, of, b.messageName(on, of))
			built.Variable = b.namer.Unexported(built.GoName) + "Reply"
			if types[built.Publication.Type] {
				b.report.Warn(of.Location, fmt.Sprintf("two replies have the AMQP type %q: a caller could not tell them apart, and the second is left out", built.Publication.Type),
					"give them different messageType in their amqp bindings")
				continue
			}
			types[built.Publication.Type] = true
			if !b.report.Spend(report.MessageWeight+report.Weight(built), of.Location) {
				return all
			}
			all = append(all, Route{Message: built, Of: of, Channel: on.origin()})
		}
		b.useReplyQueue(g, e, r)
	}
	return all
}

// warnOfAddress warns of a reply that goes where something else of the request says than its reply-to
// property.
func (b *builder) warnOfAddress(op *asyncapi.Operation) {
	if op.Reply == nil || op.Reply.Address == "" {
		return
	}
	name, isHeader := strings.CutPrefix(op.Reply.Address, "$message.header#/")
	plain := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name))
	if !isHeader || plain != "replyto" {
		at := op.Location
		at.Position = op.Reply.Position
		b.report.Warn(at, fmt.Sprintf("replies go to the queue in the reply-to property of the request, not to what %s says", op.Reply.Address),
			"write $message.header#/replyTo if that is meant")
	}
}

// useReplyQueue notes the queue that the replies to the requests of g come to. If there are several,
// callers have one of their own.
func (b *builder) useReplyQueue(g *group, e *endpoint, r reply) {
	var queue runtime.Queue
	if r.channel != nil {
		if q := b.replyQueue(r.channel); q != nil {
			queue = b.declaredReplyQueue(e, q)
		}
	}
	switch {
	case g.replyQueue == nil:
		g.replyQueue = &queue
	case g.replyQueue.Name != queue.Name:
		b.report.Note(r.at, "the replies to the requests of a package go to several queues in the contract: a caller has one queue of its own for all of them")
		g.replyQueue = &runtime.Queue{}
	}
}

// replyQueue returns the queue of a channel for replies, nil if callers have one of their own: the
// contract names none, or one whose name is known only at run time, or RabbitMQ's direct reply-to.
func (b *builder) replyQueue(c *asyncapi.Channel) *asyncapi.QueueBinding {
	q := b.channelQueue(c)
	if q == nil && c.HasAddress && isPlainKey(c.Address) && (c.AMQP == nil || c.AMQP.Exchange == nil || c.AMQP.Exchange.Name == "") {
		q = namedQueue(c.Address, c.Location)
	}
	if q == nil || strings.HasPrefix(q.Name, "amq.") || !isPlainKey(q.Name) {
		return nil
	}
	return q
}

// declaredReplyQueue returns a queue for replies as callers declare it: as other clients do if it has
// some.
func (b *builder) declaredReplyQueue(e *endpoint, q *asyncapi.QueueBinding) runtime.Queue {
	if known := b.broker.queues[brokerKey(e.virtualHost, q.Name)]; known != nil {
		return known.declared
	}
	return b.queueDeclaration(q)
}
