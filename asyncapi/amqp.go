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

// channel reads the amqp binding of a channel, nil when it has none.
func (r *bindingReader) channel(bindings *source.Value) *ChannelBinding {
	v := r.of(bindings)
	if v == nil || r.channels[v] != nil {
		return r.channels[v]
	}
	c := &ChannelBinding{Location: v.KeyLocation(), Extensions: v.Extensions()}
	r.channels[v] = c
	if r.Lenient {
		channelTable2.fill(r, c, v)
	} else {
		channelTable3.fill(r, c, v)
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
	case c.Is == "queue" && v.Get("queue") == nil && !v.HasNearly("queue", nil):
		wrong(v.Get("is"), "\"is: queue\" needs the field \"queue\"", "")
	case c.Is == "routingKey" && v.Get("exchange") == nil && !v.HasNearly("exchange", nil):
		wrong(v.Get("is"), "\"is: routingKey\" needs the field \"exchange\"", "")
	}
}

// part returns the object that describes a queue or exchange. A string is read as its name.
func (r *bindingReader) part(v *source.Value) *source.Value {
	if v.Kind != source.String {
		return v
	}
	r.Report.Add(v.Problem(source.Warning, fmt.Sprintf("a string is read as the name of the %s", v.Key()), "write {name: "+v.Text+"}"))
	return v.WithFields([]source.Field{{Position: v.Position, Name: "name", Value: v}})
}

func (r *bindingReader) exchange(v *source.Value) *ExchangeBinding {
	v = r.part(v)
	x := &ExchangeBinding{Location: v.KeyLocation(), Extensions: v.Extensions()}
	exchangeTable.fill(r, x, v)
	return x
}

func (r *bindingReader) queue(v *source.Value) *QueueBinding {
	v = r.part(v)
	q := &QueueBinding{Location: v.KeyLocation(), Extensions: v.Extensions()}
	queueTable.fill(r, q, v)
	return q
}

// operation reads the amqp binding of an operation, nil when it has none.
func (r *bindingReader) operation(bindings *source.Value) *OperationBinding {
	v := r.of(bindings)
	if v == nil || r.operations[v] != nil {
		return r.operations[v]
	}
	o := &OperationBinding{Location: v.KeyLocation(), Extensions: v.Extensions()}
	r.operations[v] = o
	if r.Lenient {
		operationTable2.fill(r, o, v)
	} else {
		operationTable3.fill(r, o, v)
	}
	return o
}

// message reads the amqp binding of a message, nil when it has none.
func (r *bindingReader) message(bindings *source.Value) *MessageBinding {
	v := r.of(bindings)
	if v == nil || r.messages[v] != nil {
		return r.messages[v]
	}
	m := &MessageBinding{Position: v.KeyPosition(), Extensions: v.Extensions()}
	r.messages[v] = m
	if r.Lenient {
		messageTable2.fill(r, m, v)
	} else {
		messageTable3.fill(r, m, v)
	}
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
