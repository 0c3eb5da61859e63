package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/runtime"
)

// declare sets what q's clients declare on the broker. Producers and consumers declare everything,
// so that no message is lost whichever starts first, except that only consumers declare an
// exclusive queue.
func (b *builder) declare(q *Queue, g *group) {
	for _, e := range g.endpoints {
		if x, ok := b.exchange(e); ok {
			addExchange(&q.Declarations, x)
		}
	}
	all := runtime.Declarations{Exchanges: slices.Clone(q.Declarations.Exchanges), Bindings: b.bindings(q.Declaration.Name, g)}
	if g.queue != nil {
		b.declareQueue(&all, g.queue, q.Declaration)
	} else {
		all.Queues = []runtime.Queue{{}} // the one that the constructor is given
	}
	sortDeclarations(&all)
	sortDeclarations(&q.Declarations)
	if g.queue == nil || q.Declaration.Exclusive {
		q.ConsumerDeclarations, q.OwnDeclarations = all, true
	} else {
		q.Declarations = all
	}
}

// bindings returns the bindings of a queue that the endpoints of g imply.
func (b *builder) bindings(queue string, g *group) []runtime.Binding {
	var all []runtime.Binding
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

func (b *builder) binding(queue string, e *endpoint, key string) (runtime.Binding, bool) {
	x := b.exchanges[exchangeKey(e.virtualHost, e.exchange.Name)]
	if len(parameters(key)) > 0 && x.Type == "direct" {
		b.report.Warn(e.channel.Location, fmt.Sprintf("the queue is not bound: %q has parameters, and a direct "+
			"exchange knows no patterns", key), "use a topic exchange, or give the bindings with "+extension.Bindings)
		return runtime.Binding{}, false
	}
	return runtime.Binding{Queue: queue, Exchange: e.exchange.Name, RoutingKey: bindingKey(key)}, true
}

// declareQueue adds the queue, its further bindings and its dead-letter queue to d.
func (b *builder) declareQueue(d *runtime.Declarations, q *asyncapi.QueueBinding, declared runtime.Queue) {
	d.Queues = append(d.Queues, declared)
	b.declareDeadLetter(d, q, declared)
	b.extendedBindings(d, q)
	b.checkQueueName(q)
}

// queueDeclaration returns q as every client must declare it.
func (b *builder) queueDeclaration(q *asyncapi.QueueBinding) runtime.Queue {
	declared := runtime.Queue{
		Name:       q.Name,
		Durable:    q.Durable == nil || *q.Durable,
		Exclusive:  isTrue(q.Exclusive),
		AutoDelete: isTrue(q.AutoDelete),
		Arguments:  b.arguments(q.Arguments),
	}
	kind := b.read.Text(q.Extensions, extension.QueueType)
	if kind != "" {
		b.addArgument(&declared, q, extension.QueueType, argQueueType, kind)
	}
	if kind != "" && kind != "classic" && (!declared.Durable || declared.Exclusive || declared.AutoDelete) {
		b.report.Mistake(q.Location, fmt.Sprintf("a %s queue is durable, not exclusive and not deleted automatically", kind), "")
	}
	if to, ok := b.deadLetter(q); ok {
		b.addArgument(&declared, q, extension.DeadLetter, "x-dead-letter-exchange", to.exchange)
		if to.key != "" {
			b.addArgument(&declared, q, extension.DeadLetter, "x-dead-letter-routing-key", to.key)
		}
	}
	return declared
}

// argQueueType is the queue argument that says classic, quorum or stream.
const argQueueType = "x-queue-type"

// addArgument adds the argument that one of our keys stands for. If the contract has the argument
// too, it must be equal.
func (b *builder) addArgument(d *runtime.Queue, q *asyncapi.QueueBinding, key, name, value string) {
	given, there := d.Arguments[name]
	switch {
	case !there && d.Arguments == nil:
		d.Arguments = runtime.Headers{name: value}
	case !there:
		d.Arguments[name] = value
	case given != value:
		b.report.Mistake(q.Extensions[key].Location(), fmt.Sprintf("the queue's arguments have another %s", name),
			"leave it out of one of them")
	}
}

func (b *builder) checkQueueName(q *asyncapi.QueueBinding) {
	if len(q.Name) > maxShortString {
		b.report.Mistake(q.Location, fmt.Sprintf("the queue's name has %d bytes; AMQP allows %d", len(q.Name), maxShortString), "")
	}
	if strings.HasPrefix(q.Name, "amq.") {
		b.report.Mistake(q.Location, fmt.Sprintf("queue %q: names that begin with \"amq.\" are the broker's own", q.Name), "")
	}
}

// extendedBindings reads x-bindings: a list of {exchange, routingKey, arguments}.
func (b *builder) extendedBindings(d *runtime.Declarations, q *asyncapi.QueueBinding) {
	v := b.read.Value(q.Extensions, extension.Bindings)
	if v == nil {
		return
	}
	for _, item := range v.Items {
		f := b.read.Object(item, extension.BindingTable)
		binding := runtime.Binding{
			Queue: q.Name, Exchange: f.Text("exchange"), RoutingKey: f.Text("routingKey"), Arguments: b.arguments(f.Value("arguments")),
		}
		if binding.Exchange == "" {
			continue // reported
		}
		if !b.addKnownExchange(d, q.VirtualHost, binding.Exchange) {
			b.report.Warn(item.Location(), fmt.Sprintf("exchange %q is not declared by the clients: no channel describes it", binding.Exchange),
				"make sure that it is there")
		}
		d.Bindings = append(d.Bindings, binding)
	}
}

// addExchange adds x; of several with one name, sortDeclarations leaves the first.
func addExchange(d *runtime.Declarations, x runtime.Exchange) { d.Exchanges = append(d.Exchanges, x) }

func sortDeclarations(d *runtime.Declarations) {
	slices.SortStableFunc(d.Exchanges, func(x, y runtime.Exchange) int { return cmp.Compare(x.Name, y.Name) })
	d.Exchanges = slices.CompactFunc(d.Exchanges, func(x, y runtime.Exchange) bool { return x.Name == y.Name })
	slices.SortFunc(d.Queues, func(x, y runtime.Queue) int { return cmp.Compare(x.Name, y.Name) })
	slices.SortStableFunc(d.Bindings, func(x, y runtime.Binding) int {
		return cmp.Or(cmp.Compare(x.Queue, y.Queue), cmp.Compare(x.Exchange, y.Exchange), cmp.Compare(x.RoutingKey, y.RoutingKey))
	})
	d.Bindings = slices.CompactFunc(d.Bindings, func(x, y runtime.Binding) bool {
		return x.Queue == y.Queue && x.Exchange == y.Exchange && x.RoutingKey == y.RoutingKey && len(x.Arguments)+len(y.Arguments) == 0
	})
}

func isTrue(flag *bool) bool {
	return flag != nil && *flag
}
