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
	m := &Message{Position: target.KeyPosition(), Path: target.Pointer()}
	d.messages[target] = m
	object := d.withTraits(target)
	m.WireName = d.text(object, "name")
	m.Name = cmp.Or(d.componentKey(target, "messages", target != v), key, m.WireName, d.text(object, "messageId"))
	m.Title = d.text(object, "title")
	m.Summary = d.text(object, "summary")
	m.Description = d.text(object, "description")
	m.ContentType = cmp.Or(d.text(object, "contentType"), d.document.DefaultContentType)
	m.Headers = d.headers(object.Get("headers"))
	m.CorrelationID = d.text(d.field(object, "correlationId"), "location")
	m.AMQP = d.messageBinding(object.Get("bindings"))
	m.Examples = d.messageExamples(object)
	if deprecated := d.field(object, "deprecated"); deprecated != nil {
		m.Deprecated = deprecated.Kind == source.Bool && deprecated.Text == "true"
	}
	m.Extensions = object.Extensions()
	d.payload(m, object)
	return m
}

// componentKey returns the key by which a value stands in a map of that name, or, when a reference has led there, at
// the top of another file; else "".
func (d *decoder) componentKey(v *source.Value, name string, referred bool) string {
	in := v.Parent()
	if in == nil || in.Kind != source.Object {
		return ""
	}
	switch {
	case in.Parent() != nil && in.Key() == name:
		return v.Key()
	case referred && in.Parent() == nil && v.File != d.document.File:
		return v.Key()
	default:
		return ""
	}
}

func (d *decoder) messageExamples(message *source.Value) []MessageExample {
	var examples []MessageExample
	for _, item := range d.items(message, "examples") {
		v, ok := d.refs.Resolve(item)
		if !ok || v.Kind != source.Object {
			continue
		}
		examples = append(examples, MessageExample{
			Position: v.Position,
			Name:     d.text(v, "name"),
			Payload:  d.field(v, "payload"),
			Headers:  d.field(v, "headers"),
		})
	}
	return examples
}
