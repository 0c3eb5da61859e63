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
// queue receives them. A channel whose operations name different queues has an endpoint for each,
// and one for the operations that name none.
type endpoint struct {
	channel    *asyncapi.Channel
	operations []*asyncapi.Operation
	messages   []*asyncapi.Message
	options    ChannelOptions

	virtualHost string
	exchange    *asyncapi.ExchangeBinding // nil: the default exchange
	queue       *asyncapi.QueueBinding    // nil: the contract names none
	hasKey      bool                      // the routing key to publish with is known
	key         string                    // that key, perhaps with parameters
	keys        []string                  // the keys that its queue is bound with
	keysGiven   bool                      // keys were written down as such, not taken from the address
}

// isPublishable reports whether e has an address: a routing key to publish with.
func (e *endpoint) isPublishable() bool { return e.hasKey && !isPattern(e.key) }

// queueName returns the name of the queue, "" when the contract names none.
func (e *endpoint) queueName() string {
	if e.queue == nil {
		return ""
	}
	return e.queue.Name
}

// origin returns the channel as the origin of a name.
func (e *endpoint) origin() names.Origin {
	return names.Origin{
		Location: e.channel.Location, What: names.Called("channel", e.channel.Name), Way: names.InConfig("channels", e.channel.Name, "package"),
	}
}

// exchangeName returns the name of the exchange, "" for the default exchange.
func (e *endpoint) exchangeName() string {
	if e.exchange == nil {
		return ""
	}
	return e.exchange.Name
}

// endpoints returns the endpoints of c.
func (b *builder) endpoints(c *asyncapi.Channel) []*endpoint {
	whole := &endpoint{
		channel: c, operations: b.operations[c], messages: sortedMessages(c.Messages), options: b.channelOptions(c),
		queue: b.channelQueue(c),
	}
	parts := b.splitByQueue(whole)
	for _, e := range parts {
		b.complete(e)
	}
	return parts
}

// splitByQueue returns an endpoint for each queue that the channel of e or its operations name.
// Operations that name none are about the queue of the channel. If it has none and the operations
// name several, they have an endpoint without a queue.
func (b *builder) splitByQueue(e *endpoint) []*endpoint {
	var parts []*endpoint
	byName := map[string]*endpoint{}
	part := func(q *asyncapi.QueueBinding) *endpoint {
		if byName[q.Name] == nil {
			byName[q.Name] = &endpoint{channel: e.channel, options: e.options, queue: q}
			parts = append(parts, byName[q.Name])
		}
		return byName[q.Name]
	}
	if e.queue != nil {
		part(e.queue)
	}
	rest := &endpoint{channel: e.channel, options: e.options}
	for _, op := range e.operations {
		of, q := rest, b.operationQueue(op)
		switch {
		case q != nil && q.Name != "" && (e.queue == nil || b.exchangeOf(e) != nil):
			of = part(q)
		case e.queue != nil:
			of = parts[0]
		}
		of.operations = append(of.operations, op)
	}
	if len(parts) < 2 {
		if len(parts) == 1 {
			e.queue = parts[0].queue
		}
		return []*endpoint{e}
	}
	if len(rest.operations) > 0 {
		parts = append(parts, rest)
	}
	for _, p := range parts {
		p.messages = messagesOf(p.operations)
	}
	if e.queue != nil {
		parts[0].messages = e.messages
	}
	b.refuseSeveralQueues(parts)
	return parts
}

// refuseSeveralQueues reports a message for several queues without an exchange that could give it to
// all of them.
func (b *builder) refuseSeveralQueues(parts []*endpoint) {
	rest := parts[len(parts)-1]
	sends := func(op *asyncapi.Operation) bool { return op.Action == asyncapi.Send }
	if rest.queue == nil && b.exchangeOf(rest) == nil && slices.ContainsFunc(rest.operations, sends) {
		b.report.Mistake(rest.channel.Location, fmt.Sprintf("the operations of channel %q name several queues, such as %q and %q, and no "+
			"exchange: the default exchange gives a message to one queue", rest.channel.Name, parts[0].queue.Name, parts[1].queue.Name),
			"give the channel's binding an exchange")
	}
}

// complete sets the exchange, the routing keys and, if these imply it, the queue.
func (b *builder) complete(e *endpoint) {
	e.exchange = b.exchangeOf(e)
	b.routingKeys(e)
	if e.exchange != nil {
		e.virtualHost = b.virtualHost(e)
		return
	}
	// On the default exchange the routing key is the name of the queue.
	switch {
	case e.queue != nil:
		if e.keysGiven && e.key != e.queue.Name && e.channel.AMQP != nil && e.channel.AMQP.Exchange == nil {
			b.report.Warn(e.channel.Location, fmt.Sprintf("routing key %q is not used: on the default exchange "+
				"messages go to the queue of the routing key's name, and the queue is %q", e.key, e.queue.Name), "give the channel's binding an exchange, or leave the routing key out")
		}
		e.hasKey, e.key = true, e.queue.Name
	case isPlainKey(e.key):
		e.queue = namedQueue(e.key, e.channel.Location)
	}
	e.keys = []string{e.key}
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

// routingKeys sets the routing keys of e. Producers use the channel's first one, else that of an
// operation, else the address. Queues are bound with all that the contract names, else with the
// address.
func (b *builder) routingKeys(e *endpoint) {
	var ofChannel []string
	if binding := e.channel.AMQP; binding != nil {
		ofChannel = b.read.Value(binding.Extensions, extension.RoutingKey).Texts()
	}
	sent, received := operationKeys(e, func(o *asyncapi.OperationBinding) []string { return o.RoutingKeys })
	if len(ofChannel)+len(sent)+len(received) == 0 && (e.exchange != nil || e.queue == nil) {
		sent, received = operationKeys(e, func(o *asyncapi.OperationBinding) []string { return o.CC })
	}
	e.keys = unique(slices.Concat(ofChannel, sent, received))
	e.keysGiven = len(e.keys) > 0
	published := slices.Concat(ofChannel, sent)
	if len(published) == 0 { // an operation that receives may have a pattern
		published = slices.DeleteFunc(received, isPattern)
	}
	switch {
	case len(published) > 0:
		e.hasKey, e.key = true, published[0]
	case e.channel.HasAddress:
		e.hasKey, e.key = true, e.channel.Address
	case e.exchange != nil && !looksAtKeys(e.exchange.Type):
		e.hasKey = true
	}
	if !e.keysGiven && e.hasKey {
		e.keys = []string{e.key}
	}
}

// operationKeys returns the keys that the bindings of operations have, apart for those that send and
// those that receive.
func operationKeys(e *endpoint, of func(*asyncapi.OperationBinding) []string) (sent, received []string) {
	for _, op := range e.operations {
		switch {
		case op.AMQP == nil:
		case op.Action == asyncapi.Send:
			sent = append(sent, of(op.AMQP)...)
		default:
			received = append(received, of(op.AMQP)...)
		}
	}
	return sent, received
}

// virtualHost returns the virtual host that the bindings of e name, else the one that all its servers
// have, else "/".
func (b *builder) virtualHost(e *endpoint) string {
	host := ""
	if e.queue != nil {
		host = e.queue.VirtualHost
	}
	if e.exchange != nil {
		host = cmp.Or(host, e.exchange.VirtualHost)
	}
	if host != "" {
		return host
	}
	var ofServers []string
	for _, s := range b.serversOf(e.channel) {
		ofServers = append(ofServers, cmp.Or(s.VirtualHost, "/"))
	}
	if len(unique(ofServers)) == 1 {
		return ofServers[0]
	}
	return "/"
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
