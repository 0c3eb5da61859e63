package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/runtime"
)

// A broker is what the contract wants on the broker: all exchanges, queues and bindings.
type broker struct {
	exchanges map[string]*asyncapi.ExchangeBinding // by virtual host and name: what all channels say together
	queues    map[string]*brokerQueue              // by virtual host and name
	sorted    []*brokerQueue                       // the same, in the order in which the contract names them
	bindings  map[string]*exchangeBindings         // by virtual host and name of the exchange
}

// exchangeBindings are the queues that are bound to one exchange.
type exchangeBindings struct {
	queues   []*brokerQueue            // each once
	exactly  map[string][]*brokerQueue // by the key that they are bound with
	all      []boundQueue
	patterns []boundQueue // those of all whose keys are patterns
}

// A boundQueue is a queue with one of the keys that it is bound with, in words.
type boundQueue struct {
	queue *brokerQueue
	words []string
}

// A brokerQueue is a queue with all that has to be on the broker so that it takes its messages.
type brokerQueue struct {
	virtualHost string
	spec        *asyncapi.QueueBinding // what all channels say together; nil: only dead letters name it
	declared    runtime.Queue
	exchanges   []runtime.Exchange // those that it is bound to and that clients declare
	bindings    []runtime.Binding
	rejects     *deadLetter    // where what its consumers reject goes; nil: it is dropped
	deadLetters []*brokerQueue // the queues that take it

	takesDeadLetters bool // of other queues
}

// describeBroker collects what all endpoints say about exchanges, queues and bindings.
func (b *builder) describeBroker(endpoints []*endpoint) {
	b.broker = broker{
		exchanges: map[string]*asyncapi.ExchangeBinding{}, queues: map[string]*brokerQueue{}, bindings: map[string]*exchangeBindings{},
	}
	naming := map[string][]*endpoint{} // the endpoints of each queue
	for _, e := range endpoints {
		if e.exchange != nil {
			b.mergeExchange(e)
		}
		if e.queue != nil {
			key := brokerKey(e.virtualHost, e.queue.Name)
			if naming[key] == nil {
				b.addQueue(&brokerQueue{virtualHost: e.virtualHost, declared: runtime.Queue{Name: e.queue.Name}})
			}
			naming[key] = append(naming[key], e)
		}
	}
	for _, q := range b.broker.sorted {
		q.spec = b.mergeQueues(naming[brokerKey(q.virtualHost, q.declared.Name)])
		q.declared = b.queueDeclaration(q.spec)
	}
	for _, q := range slices.Clone(b.broker.sorted) {
		b.addDeadLetters(q)
	}
	for _, q := range b.broker.sorted {
		for _, e := range naming[brokerKey(q.virtualHost, q.declared.Name)] {
			b.bind(q, e)
		}
		if q.spec != nil {
			b.extendedBindings(q)
		}
		b.indexBindings(q)
	}
	for _, q := range b.broker.sorted {
		b.followDeadLetters(q)
	}
}

func (b *builder) addQueue(q *brokerQueue) {
	b.broker.queues[brokerKey(q.virtualHost, q.declared.Name)] = q
	b.broker.sorted = append(b.broker.sorted, q)
}

// queueOf returns the queue of e, nil when the contract names none.
func (b *builder) queueOf(e *endpoint) *brokerQueue {
	return b.broker.queues[brokerKey(e.virtualHost, e.queueName())]
}

func brokerKey(virtualHost, name string) string { return virtualHost + "\x00" + name }

// bind binds q to the exchange of e.
func (b *builder) bind(q *brokerQueue, e *endpoint) {
	if e.exchange == nil {
		return
	}
	if x, ok := b.exchange(e); ok {
		q.exchanges = append(q.exchanges, x)
	}
	q.bindings = append(q.bindings, b.bindings(q.declared.Name, e)...)
}

// bindings returns the bindings of a queue that e implies.
func (b *builder) bindings(queue string, e *endpoint) []runtime.Binding {
	if e.exchange == nil {
		return nil
	}
	var all []runtime.Binding
	for _, key := range e.keys {
		if len(parameters(key)) > 0 && b.exchangeType(e.virtualHost, e.exchange.Name) == "direct" {
			each := b.eachKey(e, key)
			if len(each) == 0 {
				b.report.Warn(e.channel.Location, fmt.Sprintf("the queue is not bound: %q has parameters, and a direct "+
					"exchange knows no patterns", key), "give the parameters an enum, use a topic exchange, or give the bindings with "+extension.Bindings)
			}
			for _, key := range each {
				all = append(all, runtime.Binding{Queue: queue, Exchange: e.exchange.Name, RoutingKey: key})
			}
			continue
		}
		all = append(all, runtime.Binding{Queue: queue, Exchange: e.exchange.Name, RoutingKey: bindingKey(key)})
	}
	return all
}

// extendedBindings reads x-bindings: a list of {exchange, routingKey, arguments}.
func (b *builder) extendedBindings(q *brokerQueue) {
	v := b.read.Value(q.spec.Extensions, extension.Bindings)
	if v == nil {
		return
	}
	for _, item := range v.Items {
		f := b.read.Object(item, extension.BindingTable)
		binding := runtime.Binding{
			Queue: q.declared.Name, Exchange: f.Text("exchange"), RoutingKey: bindingKey(f.Text("routingKey")),
			Arguments: b.arguments(f.Value("arguments")),
		}
		if binding.Exchange == "" {
			continue // reported
		}
		b.refuseParameters(binding.Exchange, "exchange", item.Location())
		if !b.addKnownExchange(q, binding.Exchange) {
			b.report.Warn(item.Location(), fmt.Sprintf("exchange %q is not declared by the clients: no channel describes it", binding.Exchange),
				"make sure that it is there")
		}
		q.bindings = append(q.bindings, binding)
	}
}

func (b *builder) indexBindings(q *brokerQueue) {
	for _, binding := range q.bindings {
		key := brokerKey(q.virtualHost, binding.Exchange)
		x := b.broker.bindings[key]
		if x == nil {
			x = &exchangeBindings{exactly: map[string][]*brokerQueue{}}
			b.broker.bindings[key] = x
		}
		if n := len(x.queues); n == 0 || x.queues[n-1] != q {
			x.queues = append(x.queues, q)
		}
		if same := x.exactly[binding.RoutingKey]; len(same) == 0 || same[len(same)-1] != q {
			x.exactly[binding.RoutingKey] = append(same, q)
		}
		bound := boundQueue{q, strings.Split(binding.RoutingKey, ".")}
		x.all = append(x.all, bound)
		if isPattern(binding.RoutingKey) {
			x.patterns = append(x.patterns, bound)
		}
	}
}

// takers returns the queues that take messages that are published to an exchange, "" for the default
// one, with a key. Those of them that are bound with exactly this key, or to an exchange that looks at
// none, are bound.
func (b *builder) takers(virtualHost, exchange, key string) (all, bound []*brokerQueue) {
	if exchange == "" {
		if q := b.broker.queues[brokerKey(virtualHost, key)]; q != nil {
			bound = []*brokerQueue{q}
		}
		return bound, bound
	}
	x, kind := b.broker.bindings[brokerKey(virtualHost, exchange)], b.exchangeType(virtualHost, exchange)
	switch {
	case x == nil || !b.compare(1):
		return nil, nil
	case !looksAtKeys(kind):
		return x.queues, x.queues
	}
	key = bindingKey(key)
	bound = x.exactly[key]
	among := x.patterns
	if isPattern(key) {
		among = x.all
	} else if kind == "direct" {
		return bound, bound
	}
	all = slices.Clone(bound)
	words := strings.Split(key, ".")
	for _, other := range among {
		if b.compare(3+len(words)*len(other.words)) && overlap(words, other.words) {
			all = append(all, other.queue)
		}
	}
	return unique(all), bound
}

// looksAtKeys reports whether an exchange of a type routes by the routing key alone. Of an exchange
// whose type is not known it is assumed.
func looksAtKeys(exchangeType string) bool {
	return exchangeType == "topic" || exchangeType == "direct" || exchangeType == ""
}

// declarations returns what has to be there for clients of queues: the queues, what they are bound to,
// and where their dead letters go. Only the consumer of an exclusive queue declares it.
func declarations(own *brokerQueue, queues []*brokerQueue, exchanges []runtime.Exchange) runtime.Declarations {
	d := runtime.Declarations{Exchanges: slices.Clone(exchanges)}
	all := slices.Clone(queues)
	known := map[*brokerQueue]bool{}
	for i := 0; i < len(all); i++ {
		q := all[i]
		known[q] = true
		if q.declared.Exclusive && q != own {
			continue
		}
		d.Queues = append(d.Queues, q.declared)
		d.Exchanges = append(d.Exchanges, q.exchanges...)
		d.Bindings = append(d.Bindings, q.bindings...)
		for _, taker := range q.deadLetters {
			if !known[taker] {
				known[taker] = true
				all = append(all, taker)
			}
		}
	}
	sortDeclarations(&d)
	return d
}

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

// refuseParameters reports a name with parameters in braces: what clients declare has one name.
func (b *builder) refuseParameters(name, what string, at source.Location) {
	if found := parameters(name); len(found) > 0 {
		hint := "write a name without braces"
		if what == "queue" {
			hint += ", or leave the queue out: then the consumer's constructor has a parameter for it"
		}
		b.report.Mistake(at, fmt.Sprintf("the name of %s %q has the parameter {%s}: it is declared once, with one name", what, name,
			strings.Join(found, "} and {")), hint)
	}
}

// refuseLineBreaks reports a name with line breaks: RabbitMQ takes them out when it declares
// something, and not when it consumes or publishes.
func (b *builder) refuseLineBreaks(name, what string, at source.Location) {
	if strings.ContainsAny(name, "\r\n") {
		b.report.Mistake(at, fmt.Sprintf("the name of %s %q has a line break, which RabbitMQ takes out when it is declared", what, name), "write a name without it")
	}
}
