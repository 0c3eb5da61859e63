package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// A group is the endpoints that become one package: all that mean one queue or, where the contract
// names no queue, one address on one exchange.
type group struct {
	endpoints []*endpoint
	queue     *queueSpec // nil: none is named
}

// groups returns the endpoints of the contract, those of one queue together, in
// the order of their channels' names.
func (b *builder) groups() []*group {
	var groups []*group
	index := map[string]*group{}
	for _, c := range b.rabbitChannels() {
		for _, e := range b.endpoints(c) {
			key := groupKey(e)
			g := index[key]
			if g == nil {
				g = &group{}
				index[key] = g
				groups = append(groups, g)
			}
			g.endpoints = append(g.endpoints, e)
		}
	}
	b.specs = map[string]*queueSpec{}
	for _, g := range groups {
		if g.queue = b.mergeQueues(g.endpoints); g.queue != nil {
			b.specs[queueKey(g.queue.VirtualHost, g.queue.Name)] = g.queue
		}
		b.reportMisplaced(g)
	}
	return groups
}

// groupKey returns what the endpoints of one package have in common.
func groupKey(e *endpoint) string {
	if e.queue != nil {
		return queueKey(e.virtualHost, e.queue.Name)
	}
	address := e.channel.Name
	if len(e.keys) > 0 {
		address = e.keys[0]
	}
	return strings.Join([]string{"address", e.virtualHost, e.exchangeName(), address}, "\x00")
}

func queueKey(virtualHost, name string) string {
	return strings.Join([]string{"queue", virtualHost, name}, "\x00")
}

// queues makes a Queue of each group.
func (b *builder) queues(groups []*group) []Queue {
	b.collectExchanges(groups)
	packages := newScope("the output folder")
	_, _ = packages.claim(b.typesPackage().Name, origin{what: "the package of all message types"})
	var queues []Queue
	for _, g := range groups {
		q := b.newQueue(g)
		if at := g.origin(); !b.spend(weight(q), at.Position, at.path) {
			break
		}
		if len(q.Messages) == 0 {
			at := g.origin()
			b.warn(at.Position, at.path, at.what+" is left out: it has no messages", "")
			continue
		}
		if !q.Producer && !q.Consumer {
			continue // nobody can publish to it, which has been said, and no consumer is wanted
		}
		if problem, ok := packages.claim(q.Package.Name, g.origin()); !ok {
			b.problems.Add(problem)
			continue
		}
		queues = append(queues, q)
	}
	slices.SortFunc(queues, func(x, y Queue) int { return cmp.Compare(x.Package.Name, y.Package.Name) })
	return queues
}

func (b *builder) newQueue(g *group) Queue {
	first := g.endpoints[0]
	q := Queue{
		Package: b.subpackage(b.queuePackage(g)),
		Address: first.channel.Address,
		Doc:     first.doc(),

		VirtualHost: first.virtualHost,
		Producer:    b.wants(g, ProducerSide),
		Consumer:    b.wants(g, ConsumerSide),
	}
	if g.queue != nil {
		q.Name = g.queue.Name
	}
	b.clientExtensions(&q, g)
	b.declare(&q, g)
	if q.Consumer {
		b.refuseStream(&q, g)
	}
	q.Parameters = b.parameters(g)
	q.Messages = b.messages(g)
	if q.Producer && !slices.ContainsFunc(q.Messages, func(m Message) bool { return m.Publishable }) {
		q.Producer = false
	}
	return q
}

// refuseStream reports a consumer of a stream. Acknowledgements do not move a stream's consumer on, so that
// one like that of a queue would read messages twice and leave others out.
func (b *builder) refuseStream(q *Queue, g *group) {
	if kind, _ := q.Declaration.argument(argQueueType); kind != "stream" {
		return
	}
	at, path := g.queue.Extensions[extQueueType], g.queue.path+"/"+extQueueType
	if at == nil {
		at, path = g.queue.Arguments.Get(argQueueType), g.queue.path+"/arguments/"+argQueueType
	}
	b.unsupported(at.Position, path, "amqp/stream-consumer", fmt.Sprintf("%q is a stream, and a stream's consumer cannot be generated yet", q.Name),
		"generate its producer alone: -side producer, or side in scampgen.yaml")
}

// origin returns the place in the contract that a group's package comes from.
func (g *group) origin() origin {
	return g.endpoints[0].origin()
}

// doc returns what the contract says about a channel or, where it is silent, about its only operation.
func (e *endpoint) doc() Doc {
	c := e.channel
	d := Doc{Summary: cmp.Or(c.Summary, c.Title), Description: c.Description}
	if d == (Doc{}) && len(e.operations) == 1 {
		op := e.operations[0]
		d = Doc{Summary: cmp.Or(op.Summary, op.Title), Description: op.Description}
	}
	return d
}

// wants says whether a client of the given side is to be generated for g.
func (b *builder) wants(g *group, side Side) bool {
	for _, e := range g.endpoints {
		chosen := cmp.Or(e.options.Side, b.options.Side, Both)
		if chosen == Both || chosen == side {
			return true
		}
	}
	return false
}

// clientExtensions reads the x- keys that concern a queue's clients. They stand with the queue or, where the
// contract names none, in the channel's binding.
func (b *builder) clientExtensions(q *Queue, g *group) {
	var e source.Extensions
	var path string
	if binding := g.endpoints[0].channel.AMQP; g.queue != nil {
		e, path = g.queue.Extensions, g.queue.path
	} else if binding != nil {
		e, path = binding.Extensions, binding.Path
	}
	q.Prefetch = b.positive(e[extPrefetch], path+"/"+extPrefetch, maxPrefetch)
	q.Retry = b.retry(e[extRetry], path+"/"+extRetry)
	q.TypeHeader = b.text(e[extTypeHeader], path+"/"+extTypeHeader)
}

// retry reads x-retry: {attempts, delay, maxDelay}.
func (b *builder) retry(v *source.Value, path string) Retry {
	if v == nil {
		return Retry{}
	}
	b.knownFields(v, path, "attempts", "delay", "maxDelay")
	r := Retry{
		Attempts: b.positive(v.Get("attempts"), path+"/attempts", 1000),
		Delay:    b.positive(v.Get("delay"), path+"/delay", maxMilliseconds),
		MaxDelay: b.positive(v.Get("maxDelay"), path+"/maxDelay", maxMilliseconds),
	}
	if v.Get("attempts") == nil {
		b.mistake(v.Position, path, "wanted an object with attempts and, in milliseconds, delay and maxDelay", "")
	}
	if r.MaxDelay > 0 && r.Delay > r.MaxDelay {
		b.mistake(v.Position, path, "delay is longer than maxDelay", "")
	}
	return r
}

const (
	maxMilliseconds = 1<<32 - 1 // the longest time to live that RabbitMQ takes
	maxPrefetch     = 1<<16 - 1 // AMQP 0-9-1, basic.qos: a short
)

// A queueSpec is what the contract says about a queue: one endpoint or, merged, all of them.
type queueSpec struct {
	asyncapi.QueueBinding
	path string // of the queue, where it has a place of its own, else of what names it
}

// mergeQueues returns what endpoints of one queue say about it together, nil when
// they name none. Where they contradict each other both positions are shown.
func (b *builder) mergeQueues(endpoints []*endpoint) *queueSpec {
	first := endpoints[0]
	if first.queue == nil {
		return nil
	}
	merged := new(*first.queue)
	merged.VirtualHost = first.virtualHost
	merged.Extensions = maps.Clone(merged.Extensions)
	from := first.queue.Position
	for _, e := range endpoints[1:] {
		q := e.queue
		clash := func(what string) {
			b.mistake(q.Position, q.path, fmt.Sprintf("queue %q %s here, other than at %s", q.Name, what, from),
				"say the same in both places, or say it in one place only")
		}
		merged.Durable = agree(merged.Durable, q.Durable, "durable", clash)
		merged.Exclusive = agree(merged.Exclusive, q.Exclusive, "exclusive", clash)
		merged.AutoDelete = agree(merged.AutoDelete, q.AutoDelete, "deleted automatically", clash)
		merged.Arguments = agreeValue(merged.Arguments, q.Arguments, "has other arguments", clash)
		for name, v := range q.Extensions {
			if merged.Extensions == nil {
				merged.Extensions = source.Extensions{}
			}
			merged.Extensions[name] = agreeValue(merged.Extensions[name], v, "has another "+name, clash)
		}
	}
	return merged
}

// agree returns the flag that x and y, when both are given, must share.
func agree(x, y *bool, what string, clash func(string)) *bool {
	if x != nil && y != nil && *x != *y {
		if *y {
			clash("is " + what)
		} else {
			clash("is not " + what)
		}
	}
	if x == nil {
		return y
	}
	return x
}

func agreeValue(x, y *source.Value, what string, clash func(string)) *source.Value {
	if x != nil && y != nil && !equalValues(x, y) {
		clash(what)
	}
	if x == nil {
		return y
	}
	return x
}

// equalValues says whether two values of a contract are the same JSON value.
func equalValues(x, y *source.Value) bool {
	if x == nil || y == nil || x == y {
		return x == y
	}
	if x.Kind != y.Kind || x.Text != y.Text || len(x.Fields) != len(y.Fields) {
		return false
	}
	sameField := func(f source.Field) bool { return equalValues(f.Value, y.Get(f.Name)) }
	return slices.EqualFunc(x.Items, y.Items, equalValues) &&
		!slices.ContainsFunc(x.Fields, func(f source.Field) bool { return !sameField(f) })
}
