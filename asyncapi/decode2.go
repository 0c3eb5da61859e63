package asyncapi

import (
	"github.com/scampgen/scampgen/asyncapi/source"
)

// contract2 decodes the channels of a 2.x contract. A channel's key is its address, and each
// of its two operations becomes an Operation.
func (d *decoder) contract2(root *source.Value) {
	for _, f := range d.refs.Entries(root, "channels") {
		v, ok := d.object(f.Value)
		if !ok {
			continue
		}
		c := d.channel(v, f)
		c.Address, c.HasAddress = f.Name, true
		c.Parameters = d.parameters(v, f.Name, c.Location)
		c.Servers = d.serversByName(v)
		d.document.Channels = append(d.document.Channels, c)
		var messages once[*Message]
		for _, o := range v.Fields {
			switch o.Name {
			case "subscribe":
				d.operation2(c, o, Send, &messages)
			case "publish":
				d.operation2(c, o, Receive, &messages)
			}
		}
		c.Messages = messages.list
	}
}

// channel decodes what channels of all versions have.
func (d *decoder) channel(v *source.Value, f source.Field) *Channel {
	c := &Channel{
		Location:   f.Location(),
		Name:       f.Name,
		Texts:      d.texts(v),
		AMQP:       d.bindings.channel(v.Get("bindings")),
		Extensions: v.Extensions(),
	}
	d.channels[f.Value] = c
	if d.channels[v] == nil {
		d.channels[v] = c
	}
	return c
}

func (d *decoder) serversByName(channel *source.Value) []*Server {
	var servers []*Server
	for _, item := range d.refs.Items(channel, "servers") {
		if s := d.serverNames[item.Text]; s != nil && item.Kind == source.String {
			servers = append(servers, s)
		}
	}
	return servers
}

// operation2 decodes an operation of a channel and adds its messages to the channel's.
func (d *decoder) operation2(c *Channel, f source.Field, action Action, all *once[*Message]) {
	v, ok := d.object(f.Value)
	if !ok {
		return
	}
	v = d.withTraits(v)
	o := d.operation(v, f)
	o.Name, o.Action, o.Channel = d.refs.Text(v, "operationId"), action, c
	var messages once[*Message]
	for _, m := range d.messages2(v.Get("message")) {
		messages.add(m)
		all.add(m)
	}
	o.Messages = append(o.Messages, messages.list...)
	d.document.Operations = append(d.document.Operations, o)
}

// operation decodes what operations of all versions have.
func (d *decoder) operation(v *source.Value, f source.Field) *Operation {
	return &Operation{
		Location:   f.Location(),
		Messages:   []*Message{},
		Texts:      d.texts(v),
		AMQP:       d.bindings.operation(v.Get("bindings")),
		Security:   d.security(v),
		Extensions: v.Extensions(),
	}
}

// messages2 returns the message of an operation, or the several that oneOf lists.
func (d *decoder) messages2(v *source.Value) []*Message {
	target, ok := d.refs.Resolve(v)
	if !ok || target.Kind != source.Object {
		return nil
	}
	var messages []*Message
	if several := d.refs.Field(target, "oneOf"); several != nil && d.spend(several, len(several.Items)) {
		for _, item := range several.Items {
			if m := d.message(item, ""); m != nil {
				messages = append(messages, m)
			}
		}
		return messages
	}
	return append(messages, d.message(v, ""))
}

// A once is a list without repetitions.
type once[T comparable] struct {
	list []T
	has  map[T]bool
}

func (o *once[T]) add(item T) {
	if o.has[item] {
		return
	}
	if o.has == nil {
		o.has = map[T]bool{}
	}
	o.has[item] = true
	o.list = append(o.list, item)
}
