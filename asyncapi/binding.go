package asyncapi

import (
	"cmp"
	"math"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// The tables of the amqp bindings, versions 0.1.0 to 0.3.0. A new field is a new row, with the
// field of the binding that it fills in.
//
// Bindings in 3.x are checked by version 0.3.0, as the official validator does. In 2.x nobody ever
// checked amqp bindings: mistakes there are warnings, and what is probably meant is read.
var (
	channelTable2   = tableOf(source.Table{Title: "the amqp channel binding", Rows: version2, Hints: channelHints}, channelRows, channelParts(source.TextOrMap))
	channelTable3   = tableOf(source.Table{Title: "the amqp channel binding", Rows: version3, Hints: channelHints}, channelRows, channelParts(source.Map))
	operationTable2 = tableOf(source.Table{Title: "the amqp operation binding", Rows: version2, Hints: operationHints}, operationRows, operationRows2)
	operationTable3 = tableOf(source.Table{Title: "the amqp operation binding", Rows: version3, Hints: operationHints}, operationRows)
	messageTable2   = tableOf(source.Table{Title: "the amqp message binding", Rows: version2, Hints: messageHints}, messageRows)
	messageTable3   = tableOf(source.Table{Title: "the amqp message binding", Rows: version3, Hints: messageHints}, messageRows)
	exchangeTable   = tableOf(source.Table{Title: "an exchange", Open: true, Hints: exchangeHints}, exchangeRows)
	queueTable      = tableOf(source.Table{Title: "a queue", Open: true, Hints: queueHints}, queueRows)
)

// A bindingRow is a row of the table of a binding: the type of its value, and how it is read.
type bindingRow[B any] struct {
	source.Row
	read func(r *bindingReader, b *B, v *source.Value)
}

// A bindingTable is the table of a binding. If several rows fill in the same field of it, the first
// one that is there counts.
type bindingTable[B any] struct {
	*source.Table
	rows []bindingRow[B]
}

// tableOf adds rows to a table. The values of the table's own rows are only checked.
func tableOf[B any](table source.Table, several ...[]bindingRow[B]) bindingTable[B] {
	t := bindingTable[B]{Table: &table}
	t.Rows = slices.Clone(t.Rows)
	for _, rows := range several {
		t.rows = append(t.rows, rows...)
	}
	for _, row := range t.rows {
		t.Rows = append(t.Rows, row.Row)
	}
	return t
}

// fill reads the fields of v into b.
func (t bindingTable[B]) fill(r *bindingReader, b *B, v *source.Value) {
	fields := r.Object(v, t.Table)
	for _, row := range t.rows {
		if value := fields.Value(row.Name); value != nil {
			row.read(r, b, value)
		}
	}
}

var channelRows = []bindingRow[ChannelBinding]{
	{
		source.Row{Name: "is", Is: source.Choice("queue", "routingKey"), Doc: "whether the channel is a queue or a routing key"},
		func(_ *bindingReader, c *ChannelBinding, v *source.Value) { c.Is = v.Text },
	},
}

// channelParts are the exchange and the queue of a channel.
func channelParts(is source.Type) []bindingRow[ChannelBinding] {
	return []bindingRow[ChannelBinding]{
		{
			source.Row{Name: "exchange", Is: is, Doc: "the exchange that messages are published to"},
			func(r *bindingReader, c *ChannelBinding, v *source.Value) { c.Exchange = r.exchange(v) },
		},
		{
			source.Row{Name: "queue", Is: is, Doc: "the queue that takes the messages"},
			func(r *bindingReader, c *ChannelBinding, v *source.Value) { c.Queue = r.queue(v) },
		},
	}
}

// exchangeRows are those of an exchange. The specification has no arguments, but lets contracts
// have them.
var exchangeRows = []bindingRow[ExchangeBinding]{
	{
		source.Row{Name: "name", Is: source.Text.Bytes(math.MaxUint8), Doc: "the exchange's name"},
		func(_ *bindingReader, x *ExchangeBinding, v *source.Value) { x.Name, x.HasName = v.Text, true },
	},
	{
		source.Row{Name: "type", Is: source.Choice("topic", "direct", "fanout", "default", "headers"), Doc: "the exchange's type"},
		func(_ *bindingReader, x *ExchangeBinding, v *source.Value) { x.Type = v.Text },
	},
	{
		source.Row{Name: "durable", Is: source.Flag, Doc: "whether the exchange survives a restart of the broker"},
		func(_ *bindingReader, x *ExchangeBinding, v *source.Value) { x.Durable = new(v.Text == "true") },
	},
	{
		source.Row{Name: "autoDelete", Is: source.Flag, Doc: "whether the exchange goes when nothing uses it any more"},
		func(_ *bindingReader, x *ExchangeBinding, v *source.Value) { x.AutoDelete = new(v.Text == "true") },
	},
	{
		source.Row{Name: "vhost", Is: source.Text, Doc: "the virtual host"},
		func(_ *bindingReader, x *ExchangeBinding, v *source.Value) { x.VirtualHost = v.Text },
	},
	{
		source.Row{Name: "arguments", Is: source.Map, Strict: true, Doc: "the arguments to declare the exchange with"},
		func(_ *bindingReader, x *ExchangeBinding, v *source.Value) { x.Arguments = v },
	},
	{
		source.Row{Name: "x-arguments", Is: source.Map, Strict: true, Doc: "the same as arguments"},
		func(_ *bindingReader, x *ExchangeBinding, v *source.Value) { x.Arguments = cmp.Or(x.Arguments, v) },
	},
}

// queueRows are those of a queue, with arguments too.
var queueRows = []bindingRow[QueueBinding]{
	{
		source.Row{Name: "name", Is: source.Text.Bytes(math.MaxUint8), Doc: "the queue's name"},
		func(_ *bindingReader, q *QueueBinding, v *source.Value) { q.Name, q.HasName = v.Text, true },
	},
	{
		source.Row{Name: "durable", Is: source.Flag, Doc: "whether the queue survives a restart of the broker"},
		func(_ *bindingReader, q *QueueBinding, v *source.Value) { q.Durable = new(v.Text == "true") },
	},
	{
		source.Row{Name: "exclusive", Is: source.Flag, Doc: "whether one connection alone may use the queue"},
		func(_ *bindingReader, q *QueueBinding, v *source.Value) { q.Exclusive = new(v.Text == "true") },
	},
	{
		source.Row{Name: "autoDelete", Is: source.Flag, Doc: "whether the queue goes when nothing uses it any more"},
		func(_ *bindingReader, q *QueueBinding, v *source.Value) { q.AutoDelete = new(v.Text == "true") },
	},
	{
		source.Row{Name: "vhost", Is: source.Text, Doc: "the virtual host"},
		func(_ *bindingReader, q *QueueBinding, v *source.Value) { q.VirtualHost = v.Text },
	},
	{
		source.Row{Name: "arguments", Is: source.Map, Strict: true, Doc: "the arguments to declare the queue with"},
		func(_ *bindingReader, q *QueueBinding, v *source.Value) { q.Arguments = v },
	},
	{
		source.Row{Name: "x-arguments", Is: source.Map, Strict: true, Doc: "the same as arguments"},
		func(_ *bindingReader, q *QueueBinding, v *source.Value) { q.Arguments = cmp.Or(q.Arguments, v) },
	},
}

var messageRows = []bindingRow[MessageBinding]{
	{
		source.Row{Name: "contentEncoding", Is: source.Text, Doc: "the encoding of the content, such as gzip"},
		func(_ *bindingReader, m *MessageBinding, v *source.Value) { m.ContentEncoding = v.Text },
	},
	{
		source.Row{Name: "messageType", Is: source.Text, Doc: "the type that messages are published with"},
		func(_ *bindingReader, m *MessageBinding, v *source.Value) { m.MessageType = v.Text },
	},
}

const versionHint = "leave bindingVersion out"

// The rows of the version of a binding, which is checked, and nothing else.
var (
	version2 = []source.Row{{
		Name: "bindingVersion", Is: source.Choice("0.1.0", "0.2.0", "0.3.0", "latest").Hint(versionHint), Doc: "the version of the binding",
	}}
	version3 = []source.Row{{Name: "bindingVersion", Is: source.Choice("0.3.0").Hint(versionHint), Doc: "the version of the binding"}}
)

// serverTable has what some contracts write there: no version of the amqp server binding has
// fields.
var serverTable = &source.Table{Title: "the amqp server binding", Open: true, Rows: []source.Row{
	{Name: "vhost", Is: source.Text, Doc: "the virtual host"},
	{Name: "virtualHost", Is: source.Text, Doc: "the same as vhost"},
}, Hints: map[string]string{
	"exchange":  "describe it in the amqp bindings of the channels",
	"queue":     "describe it in the amqp bindings of the channels",
	"host":      "write it into the server's address",
	"port":      "write it into the server's address",
	"heartbeat": "the program sets it: Broker.Heartbeat",
	"user":      "the program passes it to the server's function",
	"username":  "the program passes it to the server's function",
	"password":  "the program passes it to the server's function; no secret belongs in a contract",
}}
