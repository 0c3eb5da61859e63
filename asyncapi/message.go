package asyncapi

import "cmp"

// message decodes a message, once for all references to it. The key is the
// one in the channel, if any. It returns nil when a reference leads nowhere.
func (d *decoder) message(v *Value, key string) *Message {
	target, ok := d.refs.resolve(v)
	if !ok || target.Kind != Object {
		return nil
	}
	if m := d.messages[target]; m != nil {
		return m
	}
	m := &Message{Position: d.refs.position(target), Path: d.refs.pointer(target)}
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
		m.Deprecated = deprecated.Kind == Bool && deprecated.Text == "true"
	}
	m.Extensions = extensions(object)
	d.payload(m, object)
	return m
}

// componentKey returns the key by which a value stands in a map of that name, or, when a reference has led there, at
// the top of another file; else "".
func (d *decoder) componentKey(v *Value, name string, referred bool) string {
	at := d.refs.parents[v]
	if at.in == nil || at.in.Kind != Object {
		return ""
	}
	above := d.refs.parents[at.in]
	switch {
	case above.in != nil && above.name == name:
		return at.name
	case referred && above.in == nil && v.File != d.document.File:
		return at.name
	default:
		return ""
	}
}

func (d *decoder) messageExamples(message *Value) []MessageExample {
	var examples []MessageExample
	for _, item := range d.items(message, "examples") {
		v, ok := d.refs.resolve(item)
		if !ok || v.Kind != Object {
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
