package topology

import (
	"cmp"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
)

// publication returns how m goes onto the wire, but for its content type and routing key.
func (b *builder) publication(e *endpoint, m *asyncapi.Message, goName string) Publication {
	p := Publication{Name: cmp.Or(givenName(m), goName), Exchange: e.exchangeName()}
	p.Type = p.Name
	if m.AMQP != nil {
		p.Type = cmp.Or(m.AMQP.MessageType, p.Type)
		p.ContentEncoding = m.AMQP.ContentEncoding
	}
	for _, op := range sendersFirst(e.operations) {
		isNamed := func(x *asyncapi.Message) bool { return x == m || b.messageName(e, x) == goName }
		if op.AMQP != nil && slices.ContainsFunc(op.Messages, isNamed) {
			b.operationProperties(&p, op.AMQP)
		}
	}
	p.CC = furtherKeys(e, p.CC)
	return p
}

// sendersFirst returns operations with those that send before those that receive: where both say
// something, the sender decides how a message is sent.
func sendersFirst(operations []*asyncapi.Operation) []*asyncapi.Operation {
	sorted := slices.Clone(operations)
	slices.SortStableFunc(sorted, func(x, y *asyncapi.Operation) int { return cmp.Compare(x.Action, y.Action) })
	return sorted
}

// operationProperties fills in what the binding of an operation says and no earlier one has said.
func (b *builder) operationProperties(p *Publication, o *asyncapi.OperationBinding) {
	p.UserID = cmp.Or(p.UserID, o.UserID)
	p.ReplyTo = cmp.Or(p.ReplyTo, o.ReplyTo)
	p.Priority = cmp.Or(p.Priority, value(o.Priority))
	p.Expiration = cmp.Or(p.Expiration, value(o.Expiration))
	p.Transient = p.Transient || o.Persistent != nil && !*o.Persistent
	p.Optional = p.Optional || o.Mandatory != nil && !*o.Mandatory
	p.Timestamp = p.Timestamp || isTrue(o.Timestamp)
	p.CC = append(p.CC, o.CC...)
	p.BCC = append(p.BCC, o.BCC...)
	if p.Priority < 0 || p.Priority > 255 {
		b.report.Mistake(o.Position, o.Path+"/priority", "the priority must be from 0 to 255", "")
	}
}

// furtherKeys returns those of cc that a message is sent to beside its routing key, which may be one of them.
func furtherKeys(e *endpoint, cc []string) []string {
	return slices.DeleteFunc(unique(cc), func(key string) bool {
		return !isPlainKey(key) || len(e.keys) > 0 && key == e.keys[0]
	})
}

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
