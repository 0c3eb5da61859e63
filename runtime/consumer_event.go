package runtime

import "fmt"

// A ConsumerEvent reports something about a consumer that operators want to know. Observe is called
// on the goroutine where it happened, which may be a worker's.
type ConsumerEvent struct {
	Kind     ConsumerEventKind
	Queue    string
	Delivery *Delivery // nil if the event is not about a delivery
	Err      error     // the reason; nil for Consuming
}

func (ConsumerEvent) event() {}

// A ConsumerEventKind says what happened.
type ConsumerEventKind uint8

// The kinds of events.
const (
	// Consuming: deliveries can arrive, for the first time or again.
	Consuming ConsumerEventKind = iota + 1
	// Cancelled: the broker ended the consumer, because the queue was deleted or its node went
	// down. The consumer declares and consumes again.
	Cancelled
	// Interrupted: the channel died, or could not be opened. The consumer opens another one.
	Interrupted
	// Invalid: a delivery can never be handled.
	Invalid
	// Failed: a handler returned an error or panicked.
	Failed
	// Retried: a failed delivery has been published to a queue for a later attempt.
	Retried
	// Forwarded: a failed delivery has been published to another queue.
	Forwarded
	// DeadLettered: a delivery has been dead-lettered.
	DeadLettered
	// Discarded: a failed delivery has been acknowledged, as Discard says.
	Discarded
	// Held: a delivery could not be published to where its recovery says. It stays unacknowledged,
	// and the publish is tried again with backoff.
	Held
	// Stale: the answer to a delivery came too late; it will be delivered again.
	Stale
	// Handled: a handler has returned nil. Handled is counted but not observed.
	Handled

	lastConsumerEventKind = Handled
)

// String returns the kind in lower case, for logs and metrics.
func (k ConsumerEventKind) String() string {
	names := [...]string{
		Consuming: "consuming", Cancelled: "cancelled", Interrupted: "interrupted", Invalid: "invalid",
		Failed: "failed", Retried: "retried", Forwarded: "forwarded", DeadLettered: "dead-lettered",
		Discarded: "discarded", Held: "held", Stale: "stale", Handled: "handled",
	}
	if int(k) < len(names) && names[k] != "" {
		return names[k]
	}
	return fmt.Sprintf("ConsumerEventKind(%d)", k)
}
