// Package extension has the x- keys that scampgen reads, and reads their values.
package extension

// The x- keys. docs/contract.md says where each may stand.
const (
	Queue      = "x-queue"       // channel and operation binding: the queue that takes the messages
	RoutingKey = "x-routing-key" // channel and operation binding: one key or a list
	Bindings   = "x-bindings"    // queue: further bindings
	DeadLetter = "x-dead-letter" // queue: where rejected messages go
	QueueType  = "x-queue-type"  // queue: quorum, classic or stream
	Retry      = "x-retry"       // queue: how often a message whose handler failed comes again
	Prefetch   = "x-prefetch"    // queue: how many unacknowledged messages a consumer holds
	TypeHeader = "x-type-header" // queue: the header that tells messages apart
	GoName     = "x-go-name"     // channel, message, schema, property
	GoType     = "x-go-type"     // schema
	EnumNames  = "x-enum-varnames"
)

// Location says where one of the keys stands, "" for any other key.
func Location(key string) string {
	switch key {
	case Queue, RoutingKey:
		return "it stands in the amqp binding of a channel or an operation"
	case Bindings, DeadLetter, QueueType:
		return "it stands in the queue"
	case Retry, Prefetch, TypeHeader:
		return "it stands in the queue or, where none is named, in the amqp binding of the channel"
	case GoName:
		return "it stands in a channel, message, schema or property"
	case GoType, EnumNames:
		return "it stands in a schema"
	}
	return ""
}
