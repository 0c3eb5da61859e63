package topology

import (
	"cmp"
	"fmt"

	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime"
)

// clients makes a package of each group.
func (b *builder) clients(groups []*group) []Routed {
	b.namePackages(groups)
	packages := names.NewScope("the output folder", b.report)
	packages.Hint = waysOut
	for name, what := range b.options.Reserved {
		packages.Reserve(name, what)
	}
	var all []Routed
	for _, g := range groups {
		if !b.compare(1) {
			return nil
		}
		b.readParameters(g)
		routed := Routed{Routes: b.routes(g), Origin: g.origin()}
		if side, ok := b.side(g); ok {
			routed.Client = b.newClient(g, side)
			if !b.report.Spend(report.PackageWeight+report.Weight(routed.Client), routed.Origin.Location) {
				return all
			}
			packages.Claim(g.name, routed.Origin)
		}
		all = append(all, routed)
	}
	b.warnOfUnknown(groups)
	return all
}

// warnOfUnknown warns of messages that a queue takes through a pattern and that its consumer has no
// handler for. A consumer of one message takes any type for it.
func (b *builder) warnOfUnknown(groups []*group) {
	handled := map[*brokerQueue]map[string]bool{}
	for _, g := range groups {
		for _, e := range g.all() {
			for _, m := range e.messages {
				if handled[g.queue] == nil {
					handled[g.queue] = map[string]bool{}
				}
				handled[g.queue][b.messageName(e, m)] = true
			}
		}
	}
	for _, g := range groups {
		for _, q := range g.takers {
			known := handled[q]
			for _, e := range g.published {
				for _, m := range e.messages {
					if name := b.messageName(e, m); len(known) > 1 && !known[name] {
						b.report.Warn(q.spec.Location, fmt.Sprintf("queue %q also takes the message %s of channel %q, and its consumer has no handler for it",
							q.declared.Name, name, e.channel.Name), "add the message to a channel of the queue")
					}
				}
			}
		}
	}
}

func (b *builder) newClient(g *group, side Side) *Client {
	first := g.first()
	c := &Client{
		Package: b.output.Package(g.name),
		Side:    side,
		Subject: b.subject(g),
		Doc:     g.doc(),

		VirtualHost: first.virtualHost,
		Address:     Address{Parameters: g.structs},
		Queue:       Queue{IsGiven: g.queue == nil},
	}
	if len(g.published) > 0 {
		c.Key = g.published[0].key
	}
	if g.queue != nil {
		c.Declaration = g.queue.declared
	}
	if g.replyQueue != nil {
		c.Replies = *g.replyQueue
	}
	b.describeConsumer(&c.Queue, g)
	b.declare(c, g)
	if c.HasConsumer() {
		b.checkStream(&c.Queue, g)
	}
	return c
}

// side returns which clients of g are generated. It returns false when it is none: the contract has
// nothing for the sides that the user wants.
func (b *builder) side(g *group) (side Side, ok bool) {
	producer := len(g.published) > 0 && b.wants(g.published, ProducerSide)
	consumer := g.consumes && b.wants(g.all(), ConsumerSide)
	if g.queue != nil {
		if chosen := b.queueOptions(g.queue).Side; chosen != Unsaid {
			producer, consumer = producer && chosen != ConsumerSide, g.consumes && chosen != ProducerSide
		}
	}
	switch {
	case producer && consumer:
		return Both, true
	case producer:
		return ProducerSide, true
	}
	return ConsumerSide, consumer
}

// subject names in comments what the clients of g publish to and consume from.
func (b *builder) subject(g *group) string {
	e := g.first()
	key := e.key
	if !e.hasKey && len(e.keys) > 0 {
		key = e.keys[0]
	}
	exchange := "the default exchange"
	if e.exchange != nil {
		exchange = fmt.Sprintf("the exchange %q", e.exchange.Name)
	}
	switch {
	case g.queue != nil:
		return fmt.Sprintf("the queue %q", g.queue.declared.Name)
	case e.exchange != nil && !looksAtKeys(b.exchangeType(e.virtualHost, e.exchange.Name)):
		return exchange
	case key == "":
		return fmt.Sprintf("the channel %q", e.channel.Name)
	}
	return fmt.Sprintf("%s with the key %q", exchange, key)
}

// declare sets what the clients of g declare on the broker. Producers and consumers declare
// everything, so that no message is lost whichever starts first, except that only consumers declare
// an exclusive queue, or one that is given to them.
func (b *builder) declare(c *Client, g *group) {
	var exchanges []runtime.Exchange
	for _, e := range g.all() {
		if x, ok := b.exchange(e); ok {
			exchanges = append(exchanges, x)
		}
	}
	if g.queue != nil {
		own := []*brokerQueue{g.queue}
		c.Declarations = declarations(nil, own, exchanges)
		if g.queue.declared.Exclusive {
			c.ConsumerDeclarations, c.OwnDeclarations = declarations(g.queue, own, exchanges), true
		}
		return
	}
	c.Declarations = declarations(nil, g.takers, exchanges)
	if !g.consumes {
		return
	}
	given := declarations(nil, nil, exchanges)
	given.Queues = []runtime.Queue{{}} // the one that the constructor is given
	for _, e := range g.all() {
		given.Bindings = append(given.Bindings, b.bindings("", e)...)
	}
	sortDeclarations(&given)
	c.ConsumerDeclarations, c.OwnDeclarations = given, true
}

// wants reports whether a client of the given side is generated for any of endpoints.
func (b *builder) wants(endpoints []*endpoint, side Side) bool {
	for _, e := range endpoints {
		chosen := cmp.Or(e.options.Side, b.options.Side, Both)
		if chosen == Both || chosen == side {
			return true
		}
	}
	return false
}
