// Package extension has the table of the x- keys that scampgen reads, and reads their values.
package extension

import (
	"math"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// The names of the x- keys.
const (
	Queue      = "x-queue"
	RoutingKey = "x-routing-key"
	Bindings   = "x-bindings"
	DeadLetter = "x-dead-letter"
	QueueType  = "x-queue-type"
	Retry      = "x-retry"
	Prefetch   = "x-prefetch"
	Consumer   = "x-consumer"
	TypeHeader = "x-type-header"
	GoName     = "x-go-name"
	GoType     = "x-go-type"
	EnumNames  = "x-enum-varnames"

	AMQPProperty = "x-amqp-property"
)

// A Key is a row of the table of x- keys.
type Key struct {
	source.Row
	Holder Holder
}

// A Holder says which objects have an x- key, as a sentence has it.
type Holder string

// The holders.
const (
	OfBinding Holder = "it stands in the amqp binding of a channel or an operation"
	OfQueue   Holder = "it stands in the queue"
	OfClient  Holder = "it stands in the queue or, where none is named, in the amqp binding of the channel"
	OfNamed   Holder = "it stands in a channel, queue, message, schema, property, parameter, server or server variable"
	OfSchema  Holder = "it stands in a schema"
	OfHeader  Holder = "it stands in the schema of a header"
	OfEnum    Holder = "it stands in a schema, parameter or server variable"
)

// Keys is the table of the x- keys that scampgen reads. To add one is to add its name, its row and
// what gives it a meaning. A test keeps true that docs/contract.md has each of them. No run writes
// it.
var Keys = []Key{
	{source.Row{Name: Queue, Is: source.TextOrMap.Hint("write the name of a queue, or an object with a name"), Doc: "the queue that takes the messages: its name, or an object"}, OfBinding},
	{source.Row{Name: RoutingKey, Is: source.TextOrTexts, Doc: "the routing keys"}, OfBinding},
	{source.Row{Name: Bindings, Is: source.List.Hint("write a list of objects with exchange, routingKey and arguments"), Doc: "further bindings of the queue"}, OfQueue},
	{source.Row{Name: DeadLetter, Is: source.TextOrMap.Hint("write the name of a queue, or an object with exchange, queue, routingKey and external"), Doc: "where rejected messages go: the name of a queue, or an object"}, OfQueue},
	{source.Row{Name: QueueType, Is: source.Choice("classic", "quorum", "stream"), Doc: "the queue's type"}, OfQueue},
	{source.Row{Name: Retry, Is: source.Map.Hint("write an object with attempts and, in milliseconds, delay and maxDelay"), Doc: "how often a message whose handler failed comes again"}, OfClient},
	{source.Row{Name: Prefetch, Is: source.Integer(1, math.MaxUint16), Doc: "how many unacknowledged messages a consumer holds"}, OfClient},
	{source.Row{Name: Consumer, Is: source.Map.Hint("write an object with tag, exclusive, priority, offset and arguments"), Doc: "what a consumer asks the broker for"}, OfClient},
	{source.Row{Name: TypeHeader, Is: source.Text, Doc: "the header that tells messages apart"}, OfClient},
	{source.Row{Name: GoName, Is: source.Text, Doc: "the Go name"}, OfNamed},
	{source.Row{Name: GoType, Is: source.Text, Doc: "a Go type of the user's own"}, OfSchema},
	{source.Row{Name: EnumNames, Is: source.TextOrTexts, Doc: "the Go names of the values of an enum"}, OfEnum},
	{source.Row{Name: AMQPProperty, Is: source.Choice("appId", "correlationId", "expiration", "messageId", "priority", "replyTo", "timestamp", "userId"), Doc: "the property of AMQP that a header is"}, OfHeader},
}

// The tables of the objects that keys have.
var (
	// QueueTable is the table of the object in x-queue, which also has the x- keys of a queue.
	QueueTable = &source.Table{Title: Queue, Rows: []source.Row{
		{Name: "name", Is: source.Word, Required: true, Doc: "the queue's name"},
		{Name: "vhost", Is: source.Text, Doc: "the virtual host"},
		{Name: "durable", Is: source.Flag, Doc: "whether the queue survives a restart of the broker"},
		{Name: "exclusive", Is: source.Flag, Doc: "whether one connection alone may use the queue"},
		{Name: "autoDelete", Is: source.Flag, Doc: "whether the queue goes when nothing uses it any more"},
		{Name: "arguments", Is: source.Map, Doc: "the arguments to declare the queue with"},
	}}

	// BindingTable is the table of the items of x-bindings.
	BindingTable = &source.Table{Title: "a binding", Rows: []source.Row{
		{Name: "exchange", Is: source.Word, Required: true, Doc: "the exchange that the queue is bound to"},
		{Name: "routingKey", Is: source.Text, Doc: "the routing key"},
		{Name: "arguments", Is: source.Map, Doc: "the arguments of the binding"},
	}}

	// DeadLetterTable is the table of the object in x-dead-letter.
	DeadLetterTable = &source.Table{Title: DeadLetter, Rows: []source.Row{
		{Name: "exchange", Is: source.Text, Doc: "the exchange that takes the messages"},
		{Name: "queue", Is: source.Text, Doc: "the queue that takes the messages"},
		{Name: "routingKey", Is: source.Text, Doc: "the routing key of the messages"},
		{Name: "external", Is: source.Flag, Doc: "whether the queue that takes the messages is none of the contract"},
	}}

	// RetryTable is the table of the object in x-retry.
	RetryTable = &source.Table{Title: Retry, Rows: []source.Row{
		{Name: "attempts", Is: source.Integer(1, 1000), Required: true, Doc: "how often a message comes again"},
		{Name: "delay", Is: source.Integer(1, maxMilliseconds), Doc: "milliseconds before it comes again for the first time"},
		{Name: "maxDelay", Is: source.Integer(1, maxMilliseconds), Doc: "milliseconds between two attempts at most"},
	}}

	// ConsumerTable is the table of the object in x-consumer.
	ConsumerTable = &source.Table{Title: Consumer, Rows: []source.Row{
		{Name: "tag", Is: source.Text.Bytes(maxConsumerTag), Doc: "the consumer's tag, which operators see"},
		{Name: "exclusive", Is: source.Flag, Doc: "whether the broker refuses other consumers of the queue"},
		{Name: "priority", Is: source.Integer(math.MinInt32, math.MaxInt32), Doc: "the consumer's priority"},
		{Name: "offset", Is: source.Any, Doc: "where the consumer of a stream begins"},
		{Name: "arguments", Is: source.Map, Doc: "other arguments to consume with"},
	}}
)

// maxConsumerTag is the length of a tag to which the runtime can add a suffix: see
// runtime.WithConsumerTag.
const maxConsumerTag = 248

// maxMilliseconds is the longest time to live that RabbitMQ accepts.
const maxMilliseconds = math.MaxUint32

// find returns the row of a key. It returns false when the key is not in the table.
func find(name string) (Key, bool) {
	for _, key := range Keys {
		if key.Name == name {
			return key, true
		}
	}
	return Key{}, false
}

// HolderOf says which objects have one of the keys, "" for any other key.
func HolderOf(name string) Holder {
	key, _ := find(name)
	return key.Holder
}

// KeysOf returns the names of the keys that some holders have.
func KeysOf(holders ...Holder) []string {
	var names []string
	for _, key := range Keys {
		if slices.Contains(holders, key.Holder) {
			names = append(names, key.Name)
		}
	}
	return names
}
