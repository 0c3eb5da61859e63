package extension

import (
	"math"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A QueueArgument is a row of the table of the arguments of queues that RabbitMQ knows.
type QueueArgument struct {
	source.Row
	Of []string // the types of queues that may have it; nil: what is refused differs between versions
}

// QueueArguments is the table of the arguments of queues that RabbitMQ knows. A row says only what
// each version from 3.10 that knows the argument refuses; internal/patterns compares it with a
// broker. To know an argument is to add its row. No run writes it.
var QueueArguments = []QueueArgument{
	{source.Row{Name: "x-queue-type", Is: source.Choice("classic", "quorum", "stream"), Doc: "the queue's type"}, nil},
	{source.Row{Name: "x-message-ttl", Is: source.Count, Doc: "milliseconds that a message stays in the queue at most"}, []string{"classic", "quorum"}},
	{source.Row{Name: "x-expires", Is: source.Integer(1, math.MaxInt64), Doc: "milliseconds without use after which the queue is deleted"}, []string{"classic", "quorum"}},
	{source.Row{Name: "x-max-length", Is: source.Count, Doc: "how many messages the queue holds"}, []string{"classic", "quorum"}},
	{source.Row{Name: "x-max-length-bytes", Is: source.Count, Doc: "how many bytes of messages the queue holds"}, nil},
	{source.Row{Name: "x-overflow", Is: source.Choice("drop-head", "reject-publish", "reject-publish-dlx"), Doc: "what happens when the queue is full"}, []string{"classic", "quorum"}},
	{source.Row{Name: "x-max-priority", Is: source.Integer(0, math.MaxUint8), Doc: "the highest priority of messages"}, []string{"classic"}},
	{source.Row{Name: "x-dead-letter-exchange", Is: source.Text, Doc: "the exchange that rejected messages go to"}, []string{"classic", "quorum"}},
	{source.Row{Name: "x-dead-letter-routing-key", Is: source.Text, Doc: "the routing key of rejected messages"}, []string{"classic", "quorum"}},
	{source.Row{Name: "x-dead-letter-strategy", Is: source.Choice("at-most-once", "at-least-once"), Doc: "whether rejected messages may be lost"}, []string{"quorum"}},
	{source.Row{Name: "x-delivery-limit", Is: source.Any, Doc: "how often a message is delivered again"}, []string{"quorum"}},
	{source.Row{Name: "x-single-active-consumer", Is: source.Flag, Doc: "whether one consumer at a time gets messages"}, []string{"classic", "quorum"}},
	{source.Row{Name: "x-consumer-timeout", Is: source.Count, Doc: "milliseconds that a consumer may hold a message"}, nil},
	{source.Row{Name: "x-queue-mode", Is: source.Any, Doc: "default or lazy; since 3.12 without effect"}, []string{"classic"}},
	{source.Row{Name: "x-queue-version", Is: source.Integer(1, 2), Doc: "how the queue stores messages"}, []string{"classic"}},
	{source.Row{Name: "x-queue-master-locator", Is: source.Any, Doc: "which node gets the queue; not since 4.3"}, []string{"classic"}},
	{source.Row{Name: "x-queue-leader-locator", Is: source.Choice("client-local", "balanced", "random", "least-leaders"), Doc: "which node gets the queue's leader"}, nil},
	{source.Row{Name: "x-quorum-initial-group-size", Is: source.Integer(1, math.MaxInt64), Doc: "on how many nodes the queue is at first"}, []string{"quorum"}},
	{source.Row{Name: "x-quorum-target-group-size", Is: source.Any, Doc: "on how many nodes the queue shall be"}, nil},
	{source.Row{Name: "x-max-in-memory-length", Is: source.Count, Doc: "how many messages are held in memory; without effect since 4.0"}, []string{"quorum"}},
	{source.Row{Name: "x-max-in-memory-bytes", Is: source.Count, Doc: "how many bytes of messages are held in memory; without effect since 4.0"}, []string{"quorum"}},
	{source.Row{Name: "x-delayed-retry-type", Is: source.Any, Doc: "which messages come again after a delay"}, []string{"quorum"}},
	{source.Row{Name: "x-delayed-retry-min", Is: source.Any, Doc: "milliseconds before a message comes again at least"}, []string{"quorum"}},
	{source.Row{Name: "x-delayed-retry-max", Is: source.Any, Doc: "milliseconds before a message comes again at most"}, []string{"quorum"}},
	{source.Row{Name: "x-initial-cluster-size", Is: source.Integer(1, math.MaxInt64), Doc: "on how many nodes the stream is at first"}, []string{"stream"}},
	{source.Row{Name: "x-max-age", Is: source.Text, Doc: "how long the stream keeps messages, such as 7D"}, []string{"stream"}},
	{source.Row{Name: "x-stream-max-segment-size-bytes", Is: source.Integer(0, 3_000_000_000), Doc: "the size of the stream's files"}, []string{"stream"}},
	{source.Row{Name: "x-stream-filter-size-bytes", Is: source.Any, Doc: "the size of the stream's filters, 16 to 255"}, nil},
}

// FindQueueArgument returns the row of an argument. It returns false when RabbitMQ does not know it.
func FindQueueArgument(name string) (QueueArgument, bool) {
	for _, argument := range QueueArguments {
		if argument.Name == name {
			return argument, true
		}
	}
	return QueueArgument{}, false
}

// Allows reports whether a queue of a type may have the argument.
func (a QueueArgument) Allows(queueType string) bool {
	return a.Of == nil || slices.Contains(a.Of, queueType)
}

// WriteInstead returns what to write instead of an argument that RabbitMQ does not know, "" when
// nobody can say: other arguments may be those of plug-ins.
func WriteInstead(argument string) string {
	var names []string
	for _, known := range QueueArguments {
		names = append(names, known.Name)
	}
	if holder := HolderOf(argument); holder != "" {
		return string(holder) + ", not in its arguments"
	}
	if nearest := source.Nearest(argument, names); nearest != "" {
		return nearest
	}
	return meant[argument]
}
