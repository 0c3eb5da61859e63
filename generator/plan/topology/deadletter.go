package topology

import (
	"cmp"
	"fmt"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/runtime"
)

// A deadLetter is where the broker sends what consumers of a queue reject.
type deadLetter struct {
	source.Location        // of what says so
	exchange        string // "" is the default exchange
	queue           string // "": the queues that are bound to the exchange
	key             string // "": the message's own
	external        bool   // the contract does not describe what takes the dead letters
}

// deadLetter returns where the dead letters of a queue go, by x-dead-letter and by the queue's
// arguments, nil when they are dropped.
func (b *builder) deadLetter(q *asyncapi.QueueBinding) *deadLetter {
	v, argument := b.read.Value(q.Extensions, extension.DeadLetter), q.Arguments.Get(argDeadLetterExchange)
	var to deadLetter
	switch {
	case v != nil && v.Kind == source.Object:
		f := b.read.Object(v, extension.DeadLetterTable)
		to = deadLetter{v.Location(), f.Text("exchange"), f.Text("queue"), f.Text("routingKey"), isTrue(f.Flag("external"))}
	case v != nil:
		to = deadLetter{Location: v.Location(), queue: v.Text}
	case argument != nil:
		to = deadLetter{Location: argument.Location()}
	default:
		return nil
	}
	if argument != nil && to.exchange == "" {
		to.exchange = argument.Text
		to.key = cmp.Or(to.key, textOf(q.Arguments.Get(argDeadLetterKey)))
		if to.exchange == "" {
			to.queue = cmp.Or(to.queue, to.key)
		}
	}
	if argument == nil && to.exchange == "" && to.queue == "" {
		b.report.Mistake(to.Location, "the dead letters go nowhere", "name a queue, or write an object with an exchange, a queue or both")
		return nil
	}
	if to.queue == q.Name {
		b.report.Mistake(to.Location, "a queue cannot take its own dead letters", "")
		return nil
	}
	b.checkDeadLetter(to)
	to.key = cmp.Or(to.key, to.queue)
	return &to
}

// checkStrategy warns of a queue that dead-letters at most once although it says otherwise.
func (b *builder) checkStrategy(q *brokerQueue) {
	strategy := q.spec.Arguments.Get(argDeadLetterStrategy)
	if textOf(strategy) != "at-least-once" || q.declared.Arguments[argOverflow] == "reject-publish" {
		return
	}
	b.report.Warn(strategy.Location(), fmt.Sprintf("queue %q dead-letters at most once, because RabbitMQ wants %s: reject-publish for at-least-once", q.declared.Name, argOverflow),
		fmt.Sprintf("add the argument %s: reject-publish: a full queue then refuses messages instead of dropping the oldest", argOverflow))
}

func (b *builder) checkDeadLetter(to deadLetter) {
	b.refuseParameters(to.exchange, "exchange", to.Location)
	b.refuseParameters(to.queue, "queue", to.Location)
	if len(parameters(to.key)) > 0 && to.key != to.queue {
		b.report.Mistake(to.Location, fmt.Sprintf("the routing key %q of dead letters has a parameter: the broker has no value for it", to.key),
			"leave routingKey out: then dead letters keep their own key")
	}
	if to.exchange == "" && to.key != "" && to.key != to.queue {
		b.report.Mistake(to.Location, "on the default exchange the routing key is the queue's name", "leave routingKey out, or name an exchange")
	}
}

// addDeadLetters sets the arguments of q that say where its dead letters go. It adds the exchange
// that takes them, a direct one unless a channel describes it, and the queue, if the contract names
// one: as a channel describes it, else of the same type as q.
func (b *builder) addDeadLetters(q *brokerQueue) {
	q.rejects = b.deadLetter(q.spec)
	to := q.rejects
	if to == nil {
		return
	}
	if isStream(q.declared) {
		b.report.Mistake(to.Location, fmt.Sprintf("queue %q is a stream, and a stream has no dead letters of its own", q.declared.Name),
			fmt.Sprintf("leave them out: what fails is published to %q, or where runtime.WithDeadLetterQueue says", q.declared.Name+".dead"))
		q.rejects = nil
		return
	}
	b.checkStrategy(q)
	if q.spec.Extensions[extension.DeadLetter] != nil {
		b.addArgument(&q.declared, q.spec, extension.DeadLetter, argDeadLetterExchange, to.exchange)
		if to.key != "" {
			b.addArgument(&q.declared, q.spec, extension.DeadLetter, argDeadLetterKey, to.key)
		}
	}
	if to.exchange != "" && !to.external && !isBrokersOwn(to.exchange) && b.known(q.virtualHost, to.exchange) == nil {
		b.broker.exchanges[brokerKey(q.virtualHost, to.exchange)] = &asyncapi.ExchangeBinding{Location: to.Location, Name: to.exchange, Type: "direct"}
	}
	if to.exchange != "" {
		b.addKnownExchange(q, to.exchange)
	}
	if to.queue == "" || to.external {
		return
	}
	taker := b.broker.queues[brokerKey(q.virtualHost, to.queue)]
	if taker == nil {
		b.checkQueueName(namedQueue(to.queue, to.Location))
		taker = &brokerQueue{virtualHost: q.virtualHost, declared: runtime.Queue{Name: to.queue, Durable: true}}
		b.addQueue(taker)
	}
	if kind := q.declared.Arguments[argQueueType]; taker.spec == nil && kind == "quorum" {
		taker.declared.Arguments = runtime.Headers{argQueueType: kind}
	}
	if to.exchange != "" {
		b.addKnownExchange(taker, to.exchange)
		taker.bindings = append(taker.bindings, runtime.Binding{Queue: to.queue, Exchange: to.exchange, RoutingKey: to.key})
	}
}

// followDeadLetters finds the queues that take the dead letters of q. A dead letter that no queue
// takes is dropped by the broker, so that is a mistake unless the contract says that others take it.
func (b *builder) followDeadLetters(q *brokerQueue) {
	to := q.rejects
	if to == nil || to.external {
		return
	}
	for _, key := range q.deadLetterKeys() {
		takers, _ := b.takers(q.virtualHost, to.exchange, key)
		takers = without(takers, q)
		if !b.compare(len(takers)) {
			return
		}
		if len(takers) == 0 {
			b.reportLostDeadLetters(q, key)
			return
		}
		q.deadLetters = append(q.deadLetters, takers...)
		for _, taker := range takers {
			taker.takesDeadLetters = true
		}
	}
}

// deadLetterKeys returns the routing keys of the dead letters of q: what it is bound with, unless they
// get another.
func (q *brokerQueue) deadLetterKeys() []string {
	if q.rejects.key != "" {
		return []string{q.rejects.key}
	}
	var keys []string
	for _, binding := range q.bindings {
		keys = append(keys, binding.RoutingKey)
	}
	if len(keys) == 0 {
		keys = []string{q.declared.Name} // the key on the default exchange
	}
	return unique(keys)
}

func (b *builder) reportLostDeadLetters(q *brokerQueue, key string) {
	to := q.rejects
	exchange, example := "the default exchange", "{queue: ...}"
	if to.exchange != "" {
		exchange, example = fmt.Sprintf("exchange %q", to.exchange), fmt.Sprintf("{exchange: %s, queue: ...}", to.exchange)
	}
	b.report.Mistake(to.Location, fmt.Sprintf("the dead letters of queue %q go nowhere: no other queue of the contract takes the key %q from %s",
		q.declared.Name, key, exchange),
		fmt.Sprintf("name their queue with %s: %s, or write external: true there if the contract has no such queue", extension.DeadLetter, example))
}

func textOf(v *source.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}

// without returns list without x.
func without(list []*brokerQueue, x *brokerQueue) []*brokerQueue {
	var kept []*brokerQueue
	for _, q := range list {
		if q != x {
			kept = append(kept, q)
		}
	}
	return kept
}
