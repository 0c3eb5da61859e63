package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// declare fills in what q's clients declare on the broker. Both sides declare everything, so
// that no message is lost whichever starts first; but an exclusive queue is its consumer's alone.
func (b *builder) declare(q *Queue, g *group) {
	for _, e := range g.endpoints {
		if x, ok := b.exchange(e); ok {
			q.Declarations.addExchange(x)
		}
	}
	all := Declarations{Exchanges: slices.Clone(q.Declarations.Exchanges), Bindings: b.bindings(q.Name, g)}
	if g.queue != nil {
		q.Declaration = b.declareQueue(&all, g.queue)
	} else {
		all.Queues = []QueueDeclaration{{}} // the one that the constructor is given
	}
	all.sort()
	q.Declarations.sort()
	if g.queue == nil || q.Declaration.Exclusive {
		q.ConsumerDeclarations, q.OwnDeclarations = all, true
	} else {
		q.Declarations = all
	}
}

// bindings returns those that the endpoints of g mean for a queue.
func (b *builder) bindings(queue string, g *group) []Binding {
	var all []Binding
	for _, e := range g.endpoints {
		if e.exchange == nil {
			continue
		}
		for _, key := range e.keys {
			if binding, ok := b.binding(queue, e, key); ok {
				all = append(all, binding)
			}
		}
	}
	return all
}

func (b *builder) binding(queue string, e *endpoint, key string) (Binding, bool) {
	x := b.exchanges[exchangeKey(e.virtualHost, e.exchange.Name)]
	if len(parameters(key)) > 0 && x.Type == "direct" {
		b.report.Warn(e.channel.Position, e.channel.Path, fmt.Sprintf("the queue is not bound: %q has parameters, and a direct "+
			"exchange knows no patterns", key), "use a topic exchange, or give the bindings with "+extension.Bindings)
		return Binding{}, false
	}
	return Binding{Queue: queue, Exchange: e.exchange.Name, RoutingKey: bindingKey(key)}, true
}

// declareQueue adds the queue, its further bindings and its dead-letter queue to d. It returns the
// queue's own declaration.
func (b *builder) declareQueue(d *Declarations, q *queueSpec) QueueDeclaration {
	declared := b.queueDeclaration(q)
	d.Queues = append(d.Queues, declared)
	b.declareDeadLetter(d, q, declared)
	b.extendedBindings(d, q)
	b.checkQueueName(q)
	return declared
}

// queueDeclaration returns q as every client must declare it.
func (b *builder) queueDeclaration(q *queueSpec) QueueDeclaration {
	declared := QueueDeclaration{
		Name:       q.Name,
		Durable:    q.Durable == nil || *q.Durable,
		Exclusive:  isTrue(q.Exclusive),
		AutoDelete: isTrue(q.AutoDelete),
		Arguments:  b.arguments(q.Arguments, q.path+"/arguments"),
	}
	kind := b.read.OneOf(q.Extensions[extension.QueueType], q.path+"/"+extension.QueueType, "classic", "quorum", "stream")
	if kind != "" {
		b.addArgument(&declared, q, extension.QueueType, Argument{argQueueType, kind})
	}
	if kind != "" && kind != "classic" && (!declared.Durable || declared.Exclusive || declared.AutoDelete) {
		b.report.Mistake(q.Position, q.path, fmt.Sprintf("a %s queue is durable, not exclusive and not deleted automatically", kind), "")
	}
	if to, ok := b.deadLetter(q); ok {
		b.addArgument(&declared, q, extension.DeadLetter, Argument{"x-dead-letter-exchange", to.exchange})
		if to.key != "" {
			b.addArgument(&declared, q, extension.DeadLetter, Argument{"x-dead-letter-routing-key", to.key})
		}
	}
	slices.SortFunc(declared.Arguments, func(x, y Argument) int { return cmp.Compare(x.Name, y.Name) })
	return declared
}

// argQueueType is the queue argument that says classic, quorum or stream.
const argQueueType = "x-queue-type"

// addArgument adds the argument that one of our keys stands for. One that is there already must be the same.
func (b *builder) addArgument(d *QueueDeclaration, q *queueSpec, key string, a Argument) {
	value, there := d.argument(a.Name)
	switch {
	case !there:
		d.Arguments = append(d.Arguments, a)
	case value != a.Value:
		b.report.Mistake(q.Extensions[key].Position, q.path+"/"+key, fmt.Sprintf("the queue's arguments have another %s", a.Name),
			"leave it out of one of them")
	}
}

// argument returns the value of an argument and whether it is there.
func (d QueueDeclaration) argument(name string) (any, bool) {
	i := slices.IndexFunc(d.Arguments, func(a Argument) bool { return a.Name == name })
	if i < 0 {
		return nil, false
	}
	return d.Arguments[i].Value, true
}

func (b *builder) checkQueueName(q *queueSpec) {
	if len(q.Name) > maxShortString {
		b.report.Mistake(q.Position, q.path, fmt.Sprintf("the queue's name has %d bytes; AMQP allows %d", len(q.Name), maxShortString), "")
	}
	if strings.HasPrefix(q.Name, "amq.") {
		b.report.Mistake(q.Position, q.path, fmt.Sprintf("queue %q: names that begin with \"amq.\" are the broker's own", q.Name), "")
	}
}

// extendedBindings reads x-bindings: a list of {exchange, routingKey, arguments}.
func (b *builder) extendedBindings(d *Declarations, q *queueSpec) {
	v, path := q.Extensions[extension.Bindings], q.path+"/"+extension.Bindings
	if v == nil {
		return
	}
	if v.Kind != source.Array {
		b.report.Mistake(v.Position, path, "wanted a list of objects with exchange, routingKey and arguments, found "+v.Kind.String(), "")
		return
	}
	for i, item := range v.Items {
		at := path + "/" + strconv.Itoa(i)
		b.read.KnownFields(item, at, "exchange", "routingKey", "arguments")
		binding := Binding{
			Queue:      q.Name,
			Exchange:   b.read.Text(item.Get("exchange"), at+"/exchange"),
			RoutingKey: b.read.Text(item.Get("routingKey"), at+"/routingKey"),
			Arguments:  b.arguments(item.Get("arguments"), at+"/arguments"),
		}
		if binding.Exchange == "" {
			b.report.Mistake(item.Position, at, "the binding names no exchange", "")
			continue
		}
		if !b.addKnownExchange(d, q.VirtualHost, binding.Exchange, at) {
			b.report.Warn(item.Position, at, fmt.Sprintf("exchange %q is not declared by the clients: no channel describes it", binding.Exchange),
				"make sure that it is there")
		}
		d.Bindings = append(d.Bindings, binding)
	}
}

// addExchange adds x; of several with one name, sort leaves the first.
func (d *Declarations) addExchange(x Exchange) { d.Exchanges = append(d.Exchanges, x) }

func (d *Declarations) sort() {
	slices.SortStableFunc(d.Exchanges, func(x, y Exchange) int { return cmp.Compare(x.Name, y.Name) })
	d.Exchanges = slices.CompactFunc(d.Exchanges, func(x, y Exchange) bool { return x.Name == y.Name })
	slices.SortFunc(d.Queues, func(x, y QueueDeclaration) int { return cmp.Compare(x.Name, y.Name) })
	slices.SortStableFunc(d.Bindings, func(x, y Binding) int {
		return cmp.Or(cmp.Compare(x.Queue, y.Queue), cmp.Compare(x.Exchange, y.Exchange), cmp.Compare(x.RoutingKey, y.RoutingKey))
	})
	d.Bindings = slices.CompactFunc(d.Bindings, func(x, y Binding) bool {
		return x.Queue == y.Queue && x.Exchange == y.Exchange && x.RoutingKey == y.RoutingKey && len(x.Arguments)+len(y.Arguments) == 0
	})
}

func isTrue(flag *bool) bool {
	return flag != nil && *flag
}
