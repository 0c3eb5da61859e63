package topology

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// An endpoint is what one channel means on RabbitMQ: where its messages are published, and which
// queue receives them. A channel whose operations name different queues has an endpoint for each.
type endpoint struct {
	channel    *asyncapi.Channel
	operations []*asyncapi.Operation
	messages   []*asyncapi.Message
	options    ChannelOptions

	virtualHost string
	exchange    *asyncapi.ExchangeBinding // nil: the default exchange
	queue       *asyncapi.QueueBinding    // nil: the contract names none
	keys        []string                  // routing keys: the first is what producers use, all are bound
	keysGiven   bool                      // keys were written down as such, not taken from the address
}

// queueName returns the name of the queue, "" when the contract names none.
func (e *endpoint) queueName() string {
	if e.queue == nil {
		return ""
	}
	return e.queue.Name
}

// origin returns the channel as the origin of a name.
func (e *endpoint) origin() names.Origin {
	return names.Origin{Location: e.channel.Location, What: names.Called("channel", e.channel.Name)}
}

// exchangeName returns the name of the exchange, "" for the default exchange.
func (e *endpoint) exchangeName() string {
	if e.exchange == nil {
		return ""
	}
	return e.exchange.Name
}

// endpoints returns the endpoints of c: one, or one for each queue that its operations name.
func (b *builder) endpoints(c *asyncapi.Channel) []*endpoint {
	operations := b.operations[c]
	whole := &endpoint{channel: c, operations: operations, messages: sortedMessages(c.Messages), options: b.channelOptions(c)}
	if q := b.channelQueue(c); q != nil {
		whole.queue = q
		b.complete(whole)
		return []*endpoint{whole}
	}
	byQueue := b.splitByQueue(whole)
	for _, e := range byQueue {
		b.complete(e)
	}
	return byQueue
}

// splitByQueue returns an endpoint for each queue that the operations of e name. Operations that
// name none go with the first.
func (b *builder) splitByQueue(e *endpoint) []*endpoint {
	var parts []*endpoint
	byName := map[string]*endpoint{}
	var rest []*asyncapi.Operation
	for _, op := range e.operations {
		q := b.operationQueue(op)
		if q == nil || q.Name == "" {
			rest = append(rest, op)
			continue
		}
		part := byName[q.Name]
		if part == nil {
			part = &endpoint{channel: e.channel, options: e.options, queue: q}
			byName[q.Name] = part
			parts = append(parts, part)
		}
		part.operations = append(part.operations, op)
	}
	switch len(parts) {
	case 0:
		return []*endpoint{e}
	case 1:
		e.queue = parts[0].queue
		return []*endpoint{e}
	}
	parts[0].operations = append(parts[0].operations, rest...)
	for _, p := range parts {
		p.messages = messagesOf(p.operations)
	}
	return parts
}

// complete sets the exchange, the routing keys and, if these imply it, the queue.
func (b *builder) complete(e *endpoint) {
	e.exchange = b.exchangeOf(e)
	e.keys, e.keysGiven = b.routingKeys(e)
	if e.exchange != nil {
		e.virtualHost = b.virtualHost(e)
		return
	}
	// On the default exchange the routing key is the name of the queue.
	switch {
	case e.queue != nil:
		if e.keysGiven && e.keys[0] != e.queue.Name && e.channel.AMQP != nil && e.channel.AMQP.Exchange == nil {
			b.report.Warn(e.channel.Location, fmt.Sprintf("routing key %q is not used: on the default exchange "+
				"messages go to the queue of the routing key's name, and the queue is %q", e.keys[0], e.queue.Name), "")
		}
		e.keys = []string{e.queue.Name}
	case len(e.keys) > 0 && isPlainKey(e.keys[0]):
		e.queue = namedQueue(e.keys[0], e.channel.Location)
		e.keys = e.keys[:1]
	}
	e.virtualHost = b.virtualHost(e)
}

// channelQueue returns the queue that the binding of c names, nil when it names none.
func (b *builder) channelQueue(c *asyncapi.Channel) *asyncapi.QueueBinding {
	binding := c.AMQP
	if binding == nil {
		return nil
	}
	if q := b.extendedQueue(binding.Extensions); q != nil {
		return q
	}
	if q := binding.Queue; q != nil && q.Name != "" {
		return q
	}
	if binding.Is != "queue" || !c.HasAddress || !isPlainKey(c.Address) {
		return nil
	}
	if binding.Queue == nil {
		return namedQueue(c.Address, binding.Location)
	}
	named := new(*binding.Queue)
	named.Name, named.HasName = c.Address, true
	return named
}

// namedQueue returns a queue of which only the name is known.
func namedQueue(name string, at source.Location) *asyncapi.QueueBinding {
	return &asyncapi.QueueBinding{Location: at, Name: name, HasName: true}
}

// operationQueue returns the queue in the binding of op, nil when there is none.
func (b *builder) operationQueue(op *asyncapi.Operation) *asyncapi.QueueBinding {
	if op.AMQP == nil {
		return nil
	}
	if q := b.extendedQueue(op.AMQP.Extensions); q != nil {
		return q
	}
	return op.AMQP.Queue
}

// exchangeOf returns the exchange of e, nil for the default exchange.
func (b *builder) exchangeOf(e *endpoint) *asyncapi.ExchangeBinding {
	var found *asyncapi.ExchangeBinding
	if e.channel.AMQP != nil {
		found = e.channel.AMQP.Exchange
	}
	for _, op := range e.operations {
		if found == nil && op.AMQP != nil {
			found = op.AMQP.Exchange
		}
	}
	switch {
	case found == nil || found.Type == "default" || found.Name == "" && (found.HasName || found.Type == ""):
		return nil
	case found.Name == "":
		b.report.Unsupported(found.Location, "amqp/exchange-without-name",
			fmt.Sprintf("a %s exchange without a name cannot be declared", found.Type), `give it a "name"`)
		return nil
	}
	return found
}

// routingKeys returns the routing keys of e, and whether the contract names them as such. Producers
// use the first one.
func (b *builder) routingKeys(e *endpoint) (keys []string, given bool) {
	if binding := e.channel.AMQP; binding != nil {
		keys = b.read.Value(binding.Extensions, extension.RoutingKey).Texts()
	}
	for _, op := range e.operations {
		if op.AMQP != nil {
			keys = append(keys, op.AMQP.RoutingKeys...)
		}
	}
	if len(keys) == 0 && (e.exchange != nil || e.queue == nil) {
		for _, op := range e.operations {
			if op.AMQP != nil {
				keys = append(keys, op.AMQP.CC...)
			}
		}
	}
	if len(keys) > 0 {
		return unique(keys), true
	}
	if e.channel.HasAddress {
		return []string{e.channel.Address}, false
	}
	if e.exchange != nil && (e.exchange.Type == "fanout" || e.exchange.Type == "headers") {
		return []string{""}, false // these look at no routing key
	}
	return nil, false
}

// virtualHost returns the virtual host that the bindings or the servers of e name, "/" when none does.
func (b *builder) virtualHost(e *endpoint) string {
	host := ""
	if e.queue != nil {
		host = e.queue.VirtualHost
	}
	if e.exchange != nil {
		host = cmp.Or(host, e.exchange.VirtualHost)
	}
	for _, s := range b.serversOf(e.channel) {
		host = cmp.Or(host, s.VirtualHost)
	}
	return cmp.Or(host, "/")
}

// operationsByChannel returns the operations on each channel, sorted by their path.
func operationsByChannel(doc *asyncapi.Document) map[*asyncapi.Channel][]*asyncapi.Operation {
	on := map[*asyncapi.Channel][]*asyncapi.Operation{}
	for _, op := range doc.Operations {
		on[op.Channel] = append(on[op.Channel], op)
	}
	for _, operations := range on {
		slices.SortStableFunc(operations, func(x, y *asyncapi.Operation) int { return cmp.Compare(x.Path, y.Path) })
	}
	return on
}

// channelOptions returns the user's choices for c, by its name or its address.
func (b *builder) channelOptions(c *asyncapi.Channel) ChannelOptions {
	if o, ok := b.options.Channels[c.Name]; ok {
		return o
	}
	return b.options.Channels[c.Address]
}

// messagesOf returns the messages of operations, each once.
func messagesOf(operations []*asyncapi.Operation) []*asyncapi.Message {
	var all []*asyncapi.Message
	for _, op := range operations {
		all = append(all, messagesOn(op)...)
	}
	return sortedMessages(unique(all))
}

func sortedMessages(list []*asyncapi.Message) []*asyncapi.Message {
	return slices.SortedStableFunc(slices.Values(list), func(x, y *asyncapi.Message) int { return cmp.Compare(x.Path, y.Path) })
}

// unique returns list without repetitions, in its order.
func unique[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	var kept []T
	for _, x := range list {
		if !seen[x] {
			seen[x] = true
			kept = append(kept, x)
		}
	}
	return kept
}
