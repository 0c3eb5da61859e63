package asyncapi

import (
	"math"

	"github.com/scampgen/scampgen/asyncapi/source"
)

var operationRows = []bindingRow[OperationBinding]{
	{
		source.Row{Name: "expiration", Is: source.Integer(0, math.MaxUint32), Doc: "milliseconds that a message lives"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Expiration = new(v.Int()) },
	},
	{
		source.Row{Name: "userId", Is: source.Text, Doc: "the user that messages are published as"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.UserID = v.Text },
	},
	{
		source.Row{Name: "cc", Is: source.Texts, Doc: "further routing keys"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.CC = v.Texts() },
	},
	{
		source.Row{Name: "bcc", Is: source.Texts, Doc: "further routing keys that consumers do not see"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.BCC = v.Texts() },
	},
	{
		source.Row{Name: "priority", Is: source.Integer(0, math.MaxUint8), Doc: "the priority of messages"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Priority = new(v.Int()) },
	},
	{
		source.Row{Name: "deliveryMode", Is: source.Integer(1, 2).Hint("1 is transient, 2 is persistent"), Doc: "1 for transient messages, 2 for persistent ones"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Persistent = new(v.Int() == 2) },
	},
	{
		source.Row{Name: "mandatory", Is: source.Flag, Doc: "whether a message that no queue takes comes back"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Mandatory = new(v.Text == "true") },
	},
	{
		source.Row{Name: "timestamp", Is: source.Flag, Doc: "whether messages have the time of publishing"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Timestamp = new(v.Text == "true") },
	},
	{
		source.Row{Name: "ack", Is: source.Flag, Doc: "whether consumers acknowledge"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Ack = new(v.Text == "true") },
	},
	{
		source.Row{Name: "x-routing-key", Is: source.TextOrTexts, Doc: "the routing keys"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.RoutingKeys = v.Texts() },
	},
}

// operationRows2 are what only 2.x contracts may say: replyTo, which version 0.3.0 has removed, and
// what no version has but many contracts write.
var operationRows2 = []bindingRow[OperationBinding]{
	{
		source.Row{Name: "replyTo", Is: source.Text, Doc: "the queue for answers"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.ReplyTo = v.Text },
	},
	{
		source.Row{Name: "routingKey", Is: source.TextOrTexts, Doc: "the same as x-routing-key"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) {
			if o.RoutingKeys == nil {
				o.RoutingKeys = v.Texts()
			}
		},
	},
	{
		source.Row{Name: "prefetch", Is: source.Integer(1, math.MaxUint16), Doc: "how many unacknowledged messages the consumer holds"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Prefetch = v.Int() },
	},
	{
		source.Row{Name: "consumerTag", Is: source.Text.Bytes(248), Doc: "the consumer's tag"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.ConsumerTag = v.Text },
	},
	{
		source.Row{Name: "exclusive", Is: source.Flag, Doc: "whether the broker refuses other consumers of the queue"},
		func(_ *bindingReader, o *OperationBinding, v *source.Value) { o.Exclusive = new(v.Text == "true") },
	},
	{
		source.Row{Name: "exchange", Is: source.TextOrMap, Doc: "the exchange that messages are published to"},
		func(r *bindingReader, o *OperationBinding, v *source.Value) { o.Exchange = r.exchange(v) },
	},
	{
		source.Row{Name: "queue", Is: source.TextOrMap, Doc: "the queue that takes the messages"},
		func(r *bindingReader, o *OperationBinding, v *source.Value) { o.Queue = r.queue(v) },
	},
}
