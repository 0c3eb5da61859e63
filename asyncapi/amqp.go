package asyncapi

import (
	"math"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// channelBinding decodes the amqp binding of a channel, nil when it has none.
func (d *decoder) channelBinding(bindings *source.Value) *ChannelBinding {
	b := d.binding(bindings, "amqp channel binding")
	if b == nil {
		return nil
	}
	if known := d.channelBindings[b.value]; known != nil {
		return known
	}
	c := &ChannelBinding{
		Position:   b.value.KeyPosition(),
		Path:       b.value.Pointer(),
		Is:         b.oneOf("is", "queue", "routingKey"),
		Exchange:   b.exchange(),
		Queue:      b.queue(),
		Version:    b.version(),
		Extensions: b.value.Extensions(),
	}
	d.channelBindings[b.value] = c
	b.rest()
	if d.major == 3 {
		b.checkIs(c)
	}
	return c
}

// checkIs holds a channel binding to version 0.3.0: it is about the exchange or about the queue.
func (b *binding) checkIs(c *ChannelBinding) {
	switch {
	case len(b.value.Fields) == 0:
		b.wrong(b.value, "the amqp channel binding is empty", "give it \"is\" with \"queue\" or \"exchange\", or remove it")
	case c.Exchange != nil && c.Queue != nil:
		b.wrong(b.value, "the amqp channel binding has both \"exchange\" and \"queue\"; version 0.3.0 takes one",
			"keep \"exchange\" and name the queue that is bound to it in \"x-queue\"")
	case c.Is == "queue" && c.Queue == nil && b.value.Get("queue") == nil:
		b.wrong(b.value.Get("is"), "\"is: queue\" needs the field \"queue\"", "")
	case c.Is == "routingKey" && c.Exchange == nil && b.value.Get("exchange") == nil:
		b.wrong(b.value.Get("is"), "\"is: routingKey\" needs the field \"exchange\"", "")
	}
}

// part returns the object in a field of a binding. In 2.x a string is taken for its name.
func (b *binding) part(name string) *binding {
	v := b.field(name)
	if v == nil {
		return nil
	}
	part := &binding{decoder: b.decoder, value: v, what: name + " of the " + b.what, open: true}
	switch {
	case v.Kind == source.Object:
		return part
	case v.Kind == source.String && b.major == 2:
		b.report(source.Warning, v, "a string is read as the name of the "+name, "write {name: "+v.Text+"}")
		part.value = v.WithFields([]source.Field{{Position: v.Position, Name: "name", Value: v}})
		return part
	default:
		b.wrong(v, "the "+part.what+" must be an object, found "+v.Kind.String(), "")
		return nil
	}
}

func (b *binding) exchange() *ExchangeBinding {
	part := b.part("exchange")
	if part == nil {
		return nil
	}
	e := &ExchangeBinding{
		Position:    part.value.KeyPosition(),
		Type:        part.oneOf("type", "topic", "direct", "fanout", "default", "headers"),
		Durable:     part.flag("durable"),
		AutoDelete:  part.flag("autoDelete"),
		VirtualHost: part.text("vhost"),
		Arguments:   part.arguments(),
		Extensions:  part.value.Extensions(),
	}
	e.Name, e.HasName = part.name()
	part.rest()
	return e
}

func (b *binding) queue() *QueueBinding {
	part := b.part("queue")
	if part == nil {
		return nil
	}
	q := &QueueBinding{
		Position:    part.value.KeyPosition(),
		Durable:     part.flag("durable"),
		Exclusive:   part.flag("exclusive"),
		AutoDelete:  part.flag("autoDelete"),
		VirtualHost: part.text("vhost"),
		Arguments:   part.arguments(),
		Extensions:  part.value.Extensions(),
	}
	q.Name, q.HasName = part.name()
	part.rest()
	return q
}

// arguments returns what the specification has no field for and yet allows in an exchange or queue.
func (b *binding) arguments() *source.Value {
	for _, name := range []string{"arguments", "x-arguments"} {
		v := b.field(name)
		switch {
		case v == nil:
		case v.Kind != source.Object:
			b.report(source.Mistake, v, "the arguments must be an object, found "+v.Kind.String(), "")
		default:
			return v
		}
	}
	return nil
}

// operationBinding decodes the amqp binding of an operation, nil when it has none.
func (d *decoder) operationBinding(bindings *source.Value) *OperationBinding {
	b := d.binding(bindings, "amqp operation binding")
	if b == nil {
		return nil
	}
	if known := d.operationBindings[b.value]; known != nil {
		return known
	}
	o := &OperationBinding{
		Position:   b.value.KeyPosition(),
		Path:       b.value.Pointer(),
		Expiration: b.integer("expiration", 0, math.MaxUint32),
		UserID:     b.text("userId"),
		CC:         b.texts("cc", false),
		BCC:        b.texts("bcc", false),
		Priority:   b.integer("priority", 0, math.MaxUint8),
		Mandatory:  b.flag("mandatory"),
		Timestamp:  b.flag("timestamp"),
		Ack:        b.flag("ack"),
		Version:    b.version(),
		Extensions: b.value.Extensions(),
	}
	o.Persistent = b.persistent()
	o.RoutingKeys = b.texts("x-routing-key", true)
	if d.major == 2 {
		b.topology(o)
	}
	b.hints = map[string]string{
		"replyTo":  "version 0.3.0 has removed it: use the operation's \"reply\"",
		"exchange": "it belongs to the channel's binding",
		"queue":    "it belongs to the channel's binding; where there is an exchange, call it \"x-queue\"",
	}
	d.operationBindings[b.value] = o
	b.rest()
	return o
}

// persistent reads the delivery mode.
func (b *binding) persistent() *bool {
	v := b.expect("deliveryMode", source.Number)
	if v == nil {
		return nil
	}
	if v.Text != "1" && v.Text != "2" {
		b.wrong(v, "\"deliveryMode\" must be 1 (transient) or 2 (persistent), found "+v.Text, "")
		return nil
	}
	return new(v.Text == "2")
}

// topology reads what only 2.x contracts may say: replyTo, which version 0.3.0 has removed, and what no
// version has but many contracts write.
func (b *binding) topology(o *OperationBinding) {
	o.ReplyTo = b.text("replyTo")
	o.Exchange = b.exchange()
	o.Queue = b.queue()
	if o.RoutingKeys == nil {
		o.RoutingKeys = b.texts("routingKey", true)
	}
}

// messageBinding decodes the amqp binding of a message, nil when it has none.
func (d *decoder) messageBinding(bindings *source.Value) *MessageBinding {
	b := d.binding(bindings, "amqp message binding")
	if b == nil {
		return nil
	}
	if known := d.messageBindings[b.value]; known != nil {
		return known
	}
	m := &MessageBinding{
		Position:        b.value.KeyPosition(),
		ContentEncoding: b.text("contentEncoding"),
		MessageType:     b.text("messageType"),
		Version:         b.version(),
		Extensions:      b.value.Extensions(),
	}
	d.messageBindings[b.value] = m
	b.rest()
	return m
}

// serverBindingHost returns the virtual host in the amqp binding of a server. No version of the binding has fields,
// but some contracts put the virtual host there.
func (d *decoder) serverBindingHost(server *source.Value) string {
	b := d.binding(server.Get("bindings"), "amqp server binding")
	if b == nil {
		return ""
	}
	b.open = true
	var host string
	for _, name := range []string{"vhost", "virtualHost"} {
		if v := b.value.Get(name); v != nil && v.Kind == source.String {
			host = v.Text
			b.read = append(b.read, name)
			b.report(source.Warning, v, "the amqp server binding has no fields; this is read as the virtual host", "write it into the server's address")
		}
	}
	b.rest()
	return host
}
