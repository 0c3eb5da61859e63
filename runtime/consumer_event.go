package runtime

import (
	"fmt"
	"time"
)

// A ConsumerEvent reports something about a consumer that operators want to know. Observe is called
// on the goroutine where it happened, which may be a worker's.
type ConsumerEvent struct {
	Kind     ConsumerEventKind
	Queue    string
	Delivery *Delivery // nil if the event is not about a delivery
	Err      error     // the reason; nil for EventConsuming and EventHandled

	// Target is the queue that recovery has published the delivery to, or tries to (EventHeld). It
	// is empty if the delivery was rejected or discarded, and for other events.
	Target string

	// Waited is how long the delivery waited in this process for a worker, and Took how long its
	// middleware and handler ran, of EventHandled, EventFailed and EventInvalid. Of what recovery
	// does, Took is the time since the failure. Otherwise they are 0, and so is Waited if the source
	// does not set Delivery.Arrived.
	Waited time.Duration
	Took   time.Duration
}

func (ConsumerEvent) event() {}

// A ConsumerEventKind says what happened.
type ConsumerEventKind uint8

// The kinds of events.
const (
	// EventConsuming: deliveries can arrive, for the first time or again.
	EventConsuming ConsumerEventKind = iota + 1
	// EventCancelled: the broker ended the consumer, because the queue was deleted or its node went
	// down. The consumer declares and consumes again.
	EventCancelled
	// EventInterrupted: the channel died, or could not be opened. The consumer opens another one.
	EventInterrupted
	// EventInvalid: a delivery can never be handled.
	EventInvalid
	// EventFailed: a handler returned an error or panicked.
	EventFailed
	// EventRetried: a failed delivery has been published to a queue for a later attempt.
	EventRetried
	// EventForwarded: a failed delivery has been published to another queue.
	EventForwarded
	// EventDeadLettered: a delivery has been dead-lettered.
	EventDeadLettered
	// EventDiscarded: a failed delivery has been acknowledged, as Discard says. Without
	// acknowledgements also: a delivery is lost, because the consumer stopped before it was handled
	// or published elsewhere, or because there is no queue for its dead letter.
	EventDiscarded
	// EventHeld: a delivery could not be published to where its recovery says. It stays
	// unacknowledged, and the publish is tried again with backoff.
	EventHeld
	// EventStale: the answer to a delivery came too late; it will be delivered again.
	EventStale
	// EventReplyDropped: a request was handled, but nobody can receive the reply: it came back, or
	// the request has no reply-to. The request is acknowledged.
	EventReplyDropped
	// EventHandled: a handler has returned nil. The log has no entry for it.
	EventHandled
	// EventUnknownType: a delivery has a type that is not that of the queue's only message, and is
	// handled as that message. NewLogObserver logs it when the type is new and each time that its
	// count has doubled.
	EventUnknownType

	lastConsumerEventKind = EventUnknownType
)

// String returns the kind in lower case, for logs and metrics.
func (k ConsumerEventKind) String() string {
	names := [...]string{
		EventConsuming: "consuming", EventCancelled: "cancelled", EventInterrupted: "interrupted", EventInvalid: "invalid",
		EventFailed: "failed", EventRetried: "retried", EventForwarded: "forwarded", EventDeadLettered: "dead-lettered",
		EventDiscarded: "discarded", EventHeld: "held", EventStale: "stale", EventReplyDropped: "reply-dropped", EventHandled: "handled",
		EventUnknownType: "unknown-type",
	}
	if int(k) < len(names) && names[k] != "" {
		return names[k]
	}
	return fmt.Sprintf("ConsumerEventKind(%d)", k)
}
