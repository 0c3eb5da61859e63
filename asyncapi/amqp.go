package asyncapi

import (
	"cmp"
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A bindingReader reads the amqp bindings of a contract, each once: many objects may refer to one.
type bindingReader struct {
	source.Reader
	channels   map[*source.Value]*ChannelBinding
	operations map[*source.Value]*OperationBinding
	messages   map[*source.Value]*MessageBinding
}

func newBindingReader(major int, refs *source.Resolver, problems *source.Report) *bindingReader {
	return &bindingReader{
		Reader:   source.Reader{Report: problems, Refs: refs, Lenient: major == 2},
		channels: map[*source.Value]*ChannelBinding{}, operations: map[*source.Value]*OperationBinding{}, messages: map[*source.Value]*MessageBinding{},
	}
}

// of returns the object of the protocol amqp in bindings, nil when there is none.
func (r *bindingReader) of(bindings *source.Value) *source.Value {
	object, ok := r.Refs.Resolve(bindings)
	if !ok || object.Kind != source.Object {
		return nil
	}
	return r.Read(r.Field(object, "amqp"), source.Map)
}

// byVersion returns the table for 2.x contracts or for later ones.
func (r *bindingReader) byVersion(before3, since3 *source.Table) *source.Table {
	if r.Lenient {
		return before3
	}
	return since3
}

// channel reads the amqp binding of a channel, nil when it has none.
func (r *bindingReader) channel(bindings *source.Value) *ChannelBinding {
	v := r.of(bindings)
	if v == nil || r.channels[v] != nil {
		return r.channels[v]
	}
	f := r.Object(v, r.byVersion(channelTable2, channelTable3))
	c := &ChannelBinding{
		Location:   v.KeyLocation(),
		Is:         f.Text("is"),
		Exchange:   r.exchange(f.Value("exchange")),
		Queue:      r.queue(f.Value("queue")),
		Version:    f.Text("bindingVersion"),
		Extensions: v.Extensions(),
	}
	r.channels[v] = c
	if !r.Lenient {
		r.checkIs(v, c)
	}
	return c
}

// checkIs checks a channel binding by version 0.3.0: it describes either the exchange or the queue.
func (r *bindingReader) checkIs(v *source.Value, c *ChannelBinding) {
	wrong := func(at *source.Value, message, hint string) { r.Report.Add(at.Problem(source.Mistake, message, hint)) }
	switch {
	case len(v.Fields) == 0:
		wrong(v, "the amqp channel binding is empty", "give it \"is\" with \"queue\" or \"exchange\", or remove it")
	case c.Exchange != nil && c.Queue != nil:
		wrong(v, "the amqp channel binding has both \"exchange\" and \"queue\"; version 0.3.0 takes one",
			"keep \"exchange\" and name the queue that is bound to it in \"x-queue\"")
	case c.Is == "queue" && v.Get("queue") == nil:
		wrong(v.Get("is"), "\"is: queue\" needs the field \"queue\"", "")
	case c.Is == "routingKey" && v.Get("exchange") == nil:
		wrong(v.Get("is"), "\"is: routingKey\" needs the field \"exchange\"", "")
	}
}

// part returns the object that describes a queue or exchange. A string is read as its name.
func (r *bindingReader) part(v *source.Value) *source.Value {
	if v == nil || v.Kind != source.String {
		return v
	}
	r.Report.Add(v.Problem(source.Warning, fmt.Sprintf("a string is read as the name of the %s", v.Key()), "write {name: "+v.Text+"}"))
	return v.WithFields([]source.Field{{Position: v.Position, Name: "name", Value: v}})
}

func (r *bindingReader) exchange(v *source.Value) *ExchangeBinding {
	if v = r.part(v); v == nil {
		return nil
	}
	f := r.Object(v, exchangeTable)
	return &ExchangeBinding{
		Location:    v.KeyLocation(),
		Name:        f.Text("name"),
		HasName:     f.Value("name") != nil,
		Type:        f.Text("type"),
		Durable:     f.Flag("durable"),
		AutoDelete:  f.Flag("autoDelete"),
		VirtualHost: f.Text("vhost"),
		Arguments:   cmp.Or(f.Value("arguments"), f.Value("x-arguments")),
		Extensions:  v.Extensions(),
	}
}

func (r *bindingReader) queue(v *source.Value) *QueueBinding {
	if v = r.part(v); v == nil {
		return nil
	}
	f := r.Object(v, queueTable)
	return &QueueBinding{
		Location:    v.KeyLocation(),
		Name:        f.Text("name"),
		HasName:     f.Value("name") != nil,
		Durable:     f.Flag("durable"),
		Exclusive:   f.Flag("exclusive"),
		AutoDelete:  f.Flag("autoDelete"),
		VirtualHost: f.Text("vhost"),
		Arguments:   cmp.Or(f.Value("arguments"), f.Value("x-arguments")),
		Extensions:  v.Extensions(),
	}
}

// operation reads the amqp binding of an operation, nil when it has none.
func (r *bindingReader) operation(bindings *source.Value) *OperationBinding {
	v := r.of(bindings)
	if v == nil || r.operations[v] != nil {
		return r.operations[v]
	}
	f := r.Object(v, r.byVersion(operationTable2, operationTable3))
	o := &OperationBinding{
		Location:    v.KeyLocation(),
		Expiration:  f.Integer("expiration"),
		UserID:      f.Text("userId"),
		CC:          f.Texts("cc"),
		BCC:         f.Texts("bcc"),
		Priority:    f.Integer("priority"),
		Mandatory:   f.Flag("mandatory"),
		Timestamp:   f.Flag("timestamp"),
		Ack:         f.Flag("ack"),
		RoutingKeys: f.Texts("x-routing-key"),
		Version:     f.Text("bindingVersion"),
		Extensions:  v.Extensions(),
	}
	if mode := f.Integer("deliveryMode"); mode != nil {
		o.Persistent = new(*mode == 2)
	}
	if r.Lenient {
		o.ReplyTo, o.Exchange, o.Queue = f.Text("replyTo"), r.exchange(f.Value("exchange")), r.queue(f.Value("queue"))
		if o.RoutingKeys == nil {
			o.RoutingKeys = f.Texts("routingKey")
		}
	}
	r.operations[v] = o
	return o
}

// message reads the amqp binding of a message, nil when it has none.
func (r *bindingReader) message(bindings *source.Value) *MessageBinding {
	v := r.of(bindings)
	if v == nil || r.messages[v] != nil {
		return r.messages[v]
	}
	f := r.Object(v, r.byVersion(messageTable2, messageTable3))
	m := &MessageBinding{
		Position:        v.KeyPosition(),
		ContentEncoding: f.Text("contentEncoding"),
		MessageType:     f.Text("messageType"),
		Version:         f.Text("bindingVersion"),
		Extensions:      v.Extensions(),
	}
	r.messages[v] = m
	return m
}

// virtualHost returns the virtual host in the amqp binding of a server.
func (r *bindingReader) virtualHost(server *source.Value) string {
	v := r.of(server.Get("bindings"))
	if v == nil {
		return ""
	}
	lenient := r.Reader
	lenient.Lenient = true
	f := lenient.Object(v, serverTable)
	host := cmp.Or(f.Value("virtualHost"), f.Value("vhost"))
	if host == nil {
		return ""
	}
	r.Report.Add(host.Problem(source.Warning, "the amqp server binding has no fields; this is read as the virtual host", "write it into the server's address"))
	return host.Text
}
