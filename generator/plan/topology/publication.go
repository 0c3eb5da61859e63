package topology

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime"
)

// publication returns how m is published, except for its content type and routing key.
func (b *builder) publication(e *endpoint, m *asyncapi.Message, goName string) runtime.Publication {
	p := runtime.Publication{Name: cmp.Or(givenName(m), goName), Exchange: e.exchangeName()}
	p.Type = cmp.Or(m.WireName, p.Name)
	if m.AMQP != nil {
		p.Type = cmp.Or(m.AMQP.MessageType, p.Type)
		p.ContentEncoding = m.AMQP.ContentEncoding
	}
	p.Type = cmp.Or(b.messageOptions(m).Type, p.Type)
	if len(p.Type) > maxShortString {
		b.report.Mistake(m.Location, fmt.Sprintf("the AMQP type has %d bytes; AMQP allows %d", len(p.Type), maxShortString),
			"give it a shorter messageType in its amqp binding, or write in scampgen.yaml "+names.InConfig("messages", names.Place(b.doc.File, m.Location), "type"))
	}
	for _, op := range sendersFirst(e.operations) {
		isNamed := func(x *asyncapi.Message) bool { return x == m || b.messageName(e, x) == goName }
		if messages := messagesOn(op); op.AMQP != nil && (len(messages) == 0 || slices.ContainsFunc(messages, isNamed)) {
			operationProperties(&p, op.AMQP)
		}
	}
	p.CC = furtherKeys(e, p.CC)
	return p
}

// sendersFirst returns operations with those that send before those that receive. If both say
// something, the sender decides how a message is sent.
func sendersFirst(operations []*asyncapi.Operation) []*asyncapi.Operation {
	sorted := slices.Clone(operations)
	slices.SortStableFunc(sorted, func(x, y *asyncapi.Operation) int { return cmp.Compare(x.Action, y.Action) })
	return sorted
}

// operationProperties sets the properties in the binding of an operation that no earlier one has
// set.
func operationProperties(p *runtime.Publication, o *asyncapi.OperationBinding) {
	p.UserID = cmp.Or(p.UserID, o.UserID)
	if o.ReplyTo != directReplyTo {
		p.ReplyTo = cmp.Or(p.ReplyTo, o.ReplyTo)
	}
	if o.Priority != nil {
		p.Priority = cmp.Or(p.Priority, uint8(*o.Priority)) // asyncapi has checked its range
	}
	if o.Expiration != nil {
		p.Expiration = cmp.Or(p.Expiration, milliseconds(*o.Expiration))
	}
	p.Transient = p.Transient || o.Persistent != nil && !*o.Persistent
	p.Optional = p.Optional || o.Mandatory != nil && !*o.Mandatory
	p.Timestamp = p.Timestamp || isTrue(o.Timestamp)
	p.CC = append(p.CC, o.CC...)
	p.BCC = append(p.BCC, o.BCC...)
}

// furtherKeys returns the keys in cc that are not the routing key itself.
func furtherKeys(e *endpoint, cc []string) []string {
	var further []string
	for _, key := range unique(cc) {
		if isPlainKey(key) && (!e.hasKey || key != e.key) {
			further = append(further, key)
		}
	}
	return further
}
