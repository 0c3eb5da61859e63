package topology

import (
	"cmp"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/runtime"
)

// A deadLetter is where the broker sends what consumers of a queue reject.
type deadLetter struct {
	exchange string // "" is the default exchange
	queue    string // "": not ours
	key      string // "": the message's own
}

// deadLetter reads x-dead-letter: the name of a queue, or {exchange, routingKey, queue}.
func (b *builder) deadLetter(q *asyncapi.QueueBinding) (to deadLetter, ok bool) {
	v := b.read.Value(q.Extensions, extension.DeadLetter)
	if v == nil {
		return to, false
	}
	if v.Kind == source.Object {
		f := b.read.Object(v, extension.DeadLetterTable)
		to.exchange, to.queue, to.key = f.Text("exchange"), f.Text("queue"), f.Text("routingKey")
	} else {
		to.queue = v.Text
	}
	if to.exchange == "" && to.queue == "" {
		b.report.Mistake(v.Location(), "the dead letters go nowhere", "name a queue, or write an object with an exchange, a queue or both")
		return to, false
	}
	if to.queue == q.Name {
		b.report.Mistake(v.Location(), "a queue cannot take its own dead letters", "")
	}
	if to.exchange == "" && to.key != "" && to.key != to.queue {
		b.report.Mistake(v.Location(), "on the default exchange the routing key is the queue's name", "leave routingKey out, or name an exchange")
	}
	to.key = cmp.Or(to.key, to.queue)
	return to, true
}

// declareDeadLetter adds to d what receives the dead letters of q: the exchange as a channel
// describes it, else a direct one; the queue as a channel describes it, else one of the same type
// as q.
func (b *builder) declareDeadLetter(d *runtime.Declarations, q *asyncapi.QueueBinding, declared runtime.Queue) {
	to, ok := b.deadLetter(q)
	if !ok {
		return
	}
	if to.exchange != "" && !b.addKnownExchange(d, q.VirtualHost, to.exchange) {
		addExchange(d, runtime.Exchange{Name: to.exchange, Type: "direct", Durable: true})
	}
	if to.queue == "" {
		return
	}
	d.Queues = append(d.Queues, b.deadLetterQueue(q, declared, to.queue))
	if to.exchange != "" {
		d.Bindings = append(d.Bindings, runtime.Binding{Queue: to.queue, Exchange: to.exchange, RoutingKey: to.key})
	}
}

func (b *builder) deadLetterQueue(q *asyncapi.QueueBinding, declared runtime.Queue, name string) runtime.Queue {
	if own := b.specs[queueKey(q.VirtualHost, name)]; own != nil {
		return b.queueDeclaration(own)
	}
	queue := runtime.Queue{Name: name, Durable: true}
	if kind := declared.Arguments[argQueueType]; kind == "quorum" {
		queue.Arguments = runtime.Headers{argQueueType: kind}
	}
	return queue
}
