package topology

import (
	"slices"
	"strings"

	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime"
)

// A group is what becomes one package: a queue, an address, or a queue with the addresses that lead to
// it alone.
type group struct {
	name  string       // of the package
	queue *brokerQueue // nil: the package is not that of one queue of the contract

	published []*endpoint    // those at the addresses that the package's producer publishes to
	consumed  []*endpoint    // the others whose messages its consumer takes
	takers    []*brokerQueue // of the addresses; the queue's own package needs none beside it
	consumes  bool           // there is something for a consumer: the queue, or one that its constructor is given

	scope      *names.Scope                // of the package's names that a contract decides
	parameters map[*endpoint]keyParameters // of the endpoints whose keys have some
	structs    []*Parameters
	structsBy  map[string]*Parameters // by what they are
	firstWith  map[*Parameters]*endpoint
	replyQueue *runtime.Queue // nil: there are no replies
}

// all returns the endpoints of g.
func (g *group) all() []*endpoint { return slices.Concat(g.published, g.consumed) }

// first returns the endpoint that describes the package: one that names the queue, if there is one.
func (g *group) first() *endpoint {
	all := g.all()
	for _, e := range all {
		if g.queue != nil && e.queueName() == g.queue.declared.Name {
			return e
		}
	}
	return all[0]
}

// An address is where messages are published: an exchange with a routing key.
type address struct {
	endpoints []*endpoint
	takers    []*brokerQueue // the queues that take its messages
	bound     []*brokerQueue // those of them that its channels name, or that are bound to this very address
	isPlaced  bool           // its producer has a package
}

// home returns the queue in whose package the address's producer is: the only one that it leads to, if
// channels name it. It returns nil when the producer has a package of its own.
func (a *address) home() *brokerQueue {
	if len(a.takers) != 1 || len(a.bound) != 1 || a.bound[0].spec == nil {
		return nil
	}
	return a.bound[0]
}

// groups returns the packages of endpoints, in the order of their channels' names.
func (b *builder) groups(endpoints []*endpoint) []*group {
	g := grouping{ofQueue: map[*brokerQueue]*group{}, others: map[string]*group{}}
	addresses := b.addresses(endpoints)
	for _, e := range endpoints {
		q := b.queueOf(e)
		switch {
		case e.isPublishable():
			if a := addresses[addressKey(e)]; b.compare(4 * len(a.bound)) {
				g.publish(a)
			}
		case q != nil:
			g.consume(q, e)
		default:
			g.consumeGiven(e)
		}
	}
	return g.groups
}

// A grouping is the packages while they are put together.
type grouping struct {
	groups  []*group
	ofQueue map[*brokerQueue]*group
	others  map[string]*group // of endpoints that have neither address nor queue
}

// publish gives the producer of an address its package, and the consumers of its queues the messages.
func (g *grouping) publish(a *address) {
	if a.isPlaced {
		return
	}
	a.isPlaced = true
	if q := a.home(); q != nil {
		of := g.of(q)
		of.published = append(of.published, a.endpoints...)
		return
	}
	g.groups = append(g.groups, &group{published: a.endpoints, takers: a.takers, consumes: len(a.bound) == 0})
	for _, q := range a.bound {
		for _, e := range a.endpoints {
			if q.spec != nil {
				g.consume(q, e)
			}
		}
	}
}

// consume gives the consumer of q the messages of e.
func (g *grouping) consume(q *brokerQueue, e *endpoint) {
	of := g.of(q)
	of.consumed = append(of.consumed, e)
}

// consumeGiven makes a package for a consumer to which a queue is given. Channels with the same keys
// share it.
func (g *grouping) consumeGiven(e *endpoint) {
	key := strings.Join(append([]string{e.virtualHost, e.exchangeName()}, e.keys...), "\x00")
	if len(e.keys) == 0 {
		key = e.channel.Name
	}
	of := g.others[key]
	if of == nil {
		of = &group{consumes: true}
		g.others[key] = of
		g.groups = append(g.groups, of)
	}
	of.consumed = append(of.consumed, e)
}

func (g *grouping) of(q *brokerQueue) *group {
	if g.ofQueue[q] == nil {
		g.ofQueue[q] = &group{queue: q, consumes: true}
		g.groups = append(g.groups, g.ofQueue[q])
	}
	return g.ofQueue[q]
}

// addresses returns the addresses of endpoints by addressKey.
func (b *builder) addresses(endpoints []*endpoint) map[string]*address {
	all := map[string]*address{}
	for _, e := range endpoints {
		if !e.isPublishable() {
			continue
		}
		a := all[addressKey(e)]
		if a == nil {
			a = &address{}
			all[addressKey(e)] = a
			a.takers, a.bound = b.takers(e.virtualHost, e.exchangeName(), e.key)
		}
		a.endpoints = append(a.endpoints, e)
		if q := b.queueOf(e); q != nil {
			a.takers, a.bound = b.join(a.takers, q), b.join(a.bound, q)
		}
		for _, key := range e.copies() {
			all, bound := b.takers(e.virtualHost, e.exchangeName(), key)
			a.takers, a.bound = b.join(a.takers, all...), b.join(a.bound, bound...)
		}
	}
	return all
}

func addressKey(e *endpoint) string {
	return strings.Join([]string{e.virtualHost, e.exchangeName(), e.key}, "\x00")
}

// join returns list with those of more that are not in it. It does not change what list shares.
func (b *builder) join(list []*brokerQueue, more ...*brokerQueue) []*brokerQueue {
	for _, q := range more {
		if b.compare(len(list)/100) && !slices.Contains(list, q) {
			list = append(slices.Clip(list), q)
		}
	}
	return list
}

// copies returns the further routing keys that messages of e are published with.
func (e *endpoint) copies() []string {
	var keys []string
	for _, op := range e.operations {
		if op.AMQP != nil {
			keys = slices.Concat(keys, op.AMQP.CC, op.AMQP.BCC)
		}
	}
	return slices.DeleteFunc(keys, func(key string) bool { return !isPlainKey(key) })
}
