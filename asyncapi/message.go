package asyncapi

import (
	"cmp"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// message decodes a message, once for all references to it. The key is the
// one in the channel, if any. It returns nil when a reference leads nowhere.
func (d *decoder) message(v *source.Value, key string) *Message {
	target, ok := d.refs.Resolve(v)
	if !ok || target.Kind != source.Object {
		return nil
	}
	if m := d.messages[target]; m != nil {
		return m
	}
	m := &Message{Location: target.KeyLocation()}
	d.messages[target] = m
	object := d.withTraits(target)
	m.Source = object
	m.WireName = d.refs.Text(object, "name")
	m.Name = cmp.Or(d.refs.ComponentName(target, target != v, "messages"), key, m.WireName, d.refs.Text(object, "messageId"))
	m.Texts = d.texts(object)
	m.ContentType = cmp.Or(d.refs.Text(object, "contentType"), d.document.DefaultContentType)
	m.Headers = d.headers(object.Get("headers"))
	m.CorrelationID = d.refs.Text(d.refs.Field(object, "correlationId"), "location")
	m.AMQP = d.bindings.message(object.Get("bindings"))
	m.Examples = d.messageExamples(object)
	m.Extensions = object.Extensions()
	d.payload(m, object)
	return m
}

func (d *decoder) messageExamples(message *source.Value) []MessageExample {
	var examples []MessageExample
	for _, item := range d.refs.Items(message, "examples") {
		v, ok := d.refs.Resolve(item)
		if !ok || v.Kind != source.Object {
			continue
		}
		examples = append(examples, MessageExample{
			Position: v.Position,
			Name:     d.refs.Text(v, "name"),
			Payload:  d.refs.Field(v, "payload"),
			Headers:  d.refs.Field(v, "headers"),
		})
	}
	return examples
}
