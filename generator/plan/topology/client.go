package topology

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime"
)

// clients makes a Client of each group.
func (b *builder) clients(groups []*group) []Client {
	b.collectExchanges(groups)
	packages := names.NewScope("the output folder", b.report)
	packages.Reserve(b.options.TypesPackage, "the package of all message types")
	var clients []Client
	for _, g := range groups {
		c := Client{Queue: b.newQueue(g), Origin: g.origin()}
		if !b.report.Spend(report.PackageWeight+report.Weight(c.Queue), c.Origin.Location) {
			break
		}
		c.Routes = b.routes(g)
		if !slices.ContainsFunc(c.Routes, func(r Route) bool { return r.Message.Publishable }) {
			c.Queue.Producer = false
		}
		if c.Queue.Producer || c.Queue.Consumer {
			packages.Claim(c.Queue.Package.Name, c.Origin)
		}
		clients = append(clients, c)
	}
	return clients
}

func (b *builder) newQueue(g *group) Queue {
	first := g.endpoints[0]
	q := Queue{
		Package: b.output.Package(b.queuePackage(g)),
		Address: first.channel.Address,
		Doc:     first.doc(),

		VirtualHost: first.virtualHost,
		Producer:    b.wants(g, ProducerSide),
		Consumer:    b.wants(g, ConsumerSide),
	}
	if q.IsGiven = g.queue == nil; !q.IsGiven {
		q.Declaration = b.queueDeclaration(g.queue)
	}
	b.clientExtensions(&q, g)
	b.declare(&q, g)
	if q.Consumer {
		b.refuseStream(&q, g)
	}
	q.Parameters = b.parameters(g)
	return q
}

// refuseStream reports a consumer of a stream. Acknowledgements do not advance the offset of a
// stream's consumer, so a consumer as for a queue would read messages twice and skip others.
func (b *builder) refuseStream(q *Queue, g *group) {
	if q.Declaration.Arguments[argQueueType] != "stream" {
		return
	}
	at := g.queue.Extensions[extension.QueueType]
	if at == nil {
		at = g.queue.Arguments.Get(argQueueType)
	}
	b.report.Unsupported(at.Location(), "amqp/stream-consumer", fmt.Sprintf("%q is a stream, and a stream's consumer cannot be generated yet", q.Declaration.Name),
		"generate its producer alone: -side producer, or side in scampgen.yaml")
}

// origin returns the channel that a group's package is made from.
func (g *group) origin() names.Origin {
	return g.endpoints[0].origin()
}

// doc returns what the contract says about a channel or, if that is nothing, about its only
// operation.
func (e *endpoint) doc() names.Doc {
	c := e.channel
	d := names.Doc{Summary: cmp.Or(c.Summary, c.Title), Description: c.Description}
	if d == (names.Doc{}) && len(e.operations) == 1 {
		op := e.operations[0]
		d = names.Doc{Summary: cmp.Or(op.Summary, op.Title), Description: op.Description}
	}
	return d
}

// wants reports whether a client of the given side is generated for g.
func (b *builder) wants(g *group, side Side) bool {
	for _, e := range g.endpoints {
		chosen := cmp.Or(e.options.Side, b.options.Side, Both)
		if chosen == Both || chosen == side {
			return true
		}
	}
	return false
}

// clientExtensions reads the x- keys that concern a queue's clients. They are in the queue or, if
// the contract names none, in the channel's binding.
func (b *builder) clientExtensions(q *Queue, g *group) {
	var e source.Extensions
	if binding := g.endpoints[0].channel.AMQP; g.queue != nil {
		e = g.queue.Extensions
	} else if binding != nil {
		e = binding.Extensions
	}
	q.Prefetch = b.read.Int(e, extension.Prefetch)
	q.Retry = b.retry(b.read.Value(e, extension.Retry))
	q.TypeHeader = b.read.Text(e, extension.TypeHeader)
}

// retry reads x-retry: {attempts, delay, maxDelay}.
func (b *builder) retry(v *source.Value) Retry {
	if v == nil {
		return Retry{}
	}
	f := b.read.Object(v, extension.RetryTable)
	r := Retry{
		Attempts: f.Int("attempts"),
		Backoff:  runtime.Backoff{Min: milliseconds(f.Int("delay")), Max: milliseconds(f.Int("maxDelay"))},
	}
	if r.Backoff.Max > 0 && r.Backoff.Min > r.Backoff.Max {
		b.report.Mistake(v.Location(), "delay is longer than maxDelay", "")
	}
	return r
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }
