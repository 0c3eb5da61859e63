package asyncapi

import (
	"math"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// The tables of the amqp bindings, versions 0.1.0 to 0.3.0. A new field is a new row, and the code
// that gives it a meaning.
//
// Bindings in 3.x are checked by version 0.3.0, as the official validator does. In 2.x nobody ever
// checked amqp bindings: mistakes there are warnings, and what is probably meant is read.
var (
	channelTable2   = &source.Table{Title: "the amqp channel binding", Rows: slices.Concat(channelRows, exchangeAndQueue(source.TextOrMap), version2)}
	channelTable3   = &source.Table{Title: "the amqp channel binding", Rows: slices.Concat(channelRows, exchangeAndQueue(source.Map), version3)}
	operationTable2 = &source.Table{
		Title: "the amqp operation binding",
		Rows:  slices.Concat(operationRows, operationRows2, exchangeAndQueue(source.TextOrMap), version2),
	}
	operationTable3 = &source.Table{
		Title: "the amqp operation binding", Rows: slices.Concat(operationRows, version3),
		Hints: map[string]string{
			"replyTo":  "version 0.3.0 has removed it: use the operation's \"reply\"",
			"exchange": "it belongs to the channel's binding",
			"queue":    "it belongs to the channel's binding; where there is an exchange, call it \"x-queue\"",
		},
	}
	messageTable2 = &source.Table{Title: "the amqp message binding", Rows: slices.Concat(messageRows, version2)}
	messageTable3 = &source.Table{Title: "the amqp message binding", Rows: slices.Concat(messageRows, version3)}
)

var channelRows = []source.Row{
	{Name: "is", Is: source.Choice("queue", "routingKey"), Doc: "whether the channel is a queue or a routing key"},
}

func exchangeAndQueue(is source.Type) []source.Row {
	return []source.Row{
		{Name: "exchange", Is: is, Doc: "the exchange that messages are published to"},
		{Name: "queue", Is: is, Doc: "the queue that takes the messages"},
	}
}

var exchangeTable = &source.Table{Title: "an exchange", Open: true, Rows: slices.Concat(
	commonRows, []source.Row{{Name: "type", Is: source.Choice("topic", "direct", "fanout", "default", "headers"), Doc: "the exchange's type"}},
)}

var queueTable = &source.Table{Title: "a queue", Open: true, Rows: slices.Concat(
	commonRows, []source.Row{{Name: "exclusive", Is: source.Flag, Doc: "whether one connection alone may use the queue"}},
)}

// commonRows are the fields of both exchanges and queues. The specification has no arguments, but
// allows contracts to have them.
var commonRows = []source.Row{
	{Name: "name", Is: source.Text.Bytes(math.MaxUint8), Doc: "the name"},
	{Name: "durable", Is: source.Flag, Doc: "whether it survives a restart of the broker"},
	{Name: "autoDelete", Is: source.Flag, Doc: "whether it goes when nothing uses it any more"},
	{Name: "vhost", Is: source.Text, Doc: "the virtual host"},
	{Name: "arguments", Is: source.Map, Strict: true, Doc: "the arguments to declare it with"},
	{Name: "x-arguments", Is: source.Map, Strict: true, Doc: "the same as arguments"},
}

var operationRows = []source.Row{
	{Name: "expiration", Is: source.Integer(0, math.MaxUint32), Doc: "milliseconds that a message lives"},
	{Name: "userId", Is: source.Text, Doc: "the user that messages are published as"},
	{Name: "cc", Is: source.Texts, Doc: "further routing keys"},
	{Name: "bcc", Is: source.Texts, Doc: "further routing keys that consumers do not see"},
	{Name: "priority", Is: source.Integer(0, math.MaxUint8), Doc: "the priority of messages"},
	{Name: "deliveryMode", Is: source.Integer(1, 2).Hint("1 is transient, 2 is persistent"), Doc: "1 for transient messages, 2 for persistent ones"},
	{Name: "mandatory", Is: source.Flag, Doc: "whether a message that no queue takes comes back"},
	{Name: "timestamp", Is: source.Flag, Doc: "whether messages have the time of publishing"},
	{Name: "ack", Is: source.Flag, Doc: "whether consumers acknowledge"},
	{Name: "x-routing-key", Is: source.TextOrTexts, Doc: "the routing keys"},
}

// operationRows2 are fields that only 2.x contracts may have: replyTo, which version 0.3.0 has
// removed, and what is in no version but in many contracts, as exchange and queue are.
var operationRows2 = []source.Row{
	{Name: "replyTo", Is: source.Text, Doc: "the queue for answers"},
	{Name: "routingKey", Is: source.TextOrTexts, Doc: "the same as x-routing-key"},
}

var messageRows = []source.Row{
	{Name: "contentEncoding", Is: source.Text, Doc: "the encoding of the content, such as gzip"},
	{Name: "messageType", Is: source.Text, Doc: "the type that messages are published with"},
}

const versionHint = "leave bindingVersion out"

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
}}
