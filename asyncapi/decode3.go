package asyncapi

import (
	"github.com/scampgen/scampgen/asyncapi/source"
)

// contract3 decodes the channels and operations of a 3.x contract.
func (d *decoder) contract3(root *source.Value) {
	for _, f := range d.refs.Entries(root, "channels") {
		if c := d.channel3(f); c != nil {
			d.document.Channels = append(d.document.Channels, c)
		}
	}
	for _, f := range d.refs.Entries(root, "operations") {
		if o := d.operation3(f); o != nil {
			d.document.Operations = append(d.document.Operations, o)
		}
	}
}

func (d *decoder) channel3(f source.Field) *Channel {
	v, ok := d.object(f.Value)
	if !ok {
		return nil
	}
	c := d.channel(v, f)
	if address := d.refs.Field(v, "address"); address != nil && address.Kind == source.String {
		c.Address, c.HasAddress = address.Text, true
		c.Parameters = d.parameters(v, address.Text, c.Location)
	}
	for _, item := range d.refs.Items(v, "servers") {
		if target, ok := d.refs.Resolve(item); ok && d.servers[target] != nil {
			c.Servers = append(c.Servers, d.servers[target])
		}
	}
	var messages once[*Message]
	for _, m := range d.refs.Entries(v, "messages") {
		if message := d.message(m.Value, m.Name); message != nil {
			messages.add(message)
		}
	}
	c.Messages = messages.list
	return c
}

func (d *decoder) operation3(f source.Field) *Operation {
	v, ok := d.object(f.Value)
	if !ok {
		return nil
	}
	v = d.withTraits(v)
	o := d.operation(v, f)
	o.Name = f.Name
	if d.refs.Text(v, "action") == "receive" {
		o.Action = Receive
	}
	o.Channel = d.referredChannel(v.Get("channel"))
	o.Messages = d.messages3(v, o.Channel)
	o.Reply = d.reply(d.refs.Field(v, "reply"))
	return o
}

// referredChannel returns the channel that a reference leads to: the entry under channels that it
// names, else what that entry refers to. It returns nil when there is none.
func (d *decoder) referredChannel(v *source.Value) *Channel {
	target, ok := d.refs.Resolve(v)
	if !ok {
		return nil
	}
	if c := d.channels[d.refs.Next(v)]; c != nil {
		return c
	}
	if c := d.channels[target]; c != nil {
		return c
	}
	if target.Kind != source.Object {
		return nil
	}
	return d.channel3(source.Field{Position: target.KeyPosition(), Name: target.Key(), Value: target})
}

// messages3 returns the messages that an operation or reply lists, all of the channel's when it has
// no list.
func (d *decoder) messages3(v *source.Value, c *Channel) []*Message {
	messages := once[*Message]{list: []*Message{}}
	list := d.refs.Field(v, "messages")
	if list == nil {
		if c != nil && d.spend(v, len(c.Messages)) {
			messages.list = append(messages.list, c.Messages...)
		}
		return messages.list
	}
	if !d.spend(list, len(list.Items)) {
		return messages.list
	}
	for _, item := range list.Items {
		if m := d.message(item, d.refs.Next(item).Key()); m != nil {
			messages.add(m)
		}
	}
	return messages.list
}

func (d *decoder) reply(v *source.Value) *Reply {
	if v == nil || v.Kind != source.Object {
		return nil
	}
	r := &Reply{Position: v.KeyPosition(), Address: d.refs.Text(d.refs.Field(v, "address"), "location")}
	if channel := v.Get("channel"); channel != nil {
		r.Channel = d.referredChannel(channel)
	}
	r.Messages = d.messages3(v, r.Channel)
	return r
}
