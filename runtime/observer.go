package runtime

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// An Observer receives events, for logs, metrics and traces. Observe is called from many goroutines
// at once, and everything else waits for some of them: it must be fast and must not block.
//
// ctx is for its values: that of the call for a publish, that of the handler for a delivery, and
// that of Run for other events of a consumer. It may have ended. Connections and failovers have
// context.Background.
//
// Without an Observer, failures and recoveries are logged as by NewLogObserver(nil), except for
// publishes: their callers get the error. NoObserver is silent.
//
// Any release may add kinds of events; ignore those you do not know.
type Observer interface {
	Observe(ctx context.Context, event Event)
}

// An Event is one of ConnectedEvent, ClearTextEvent, ConnectFailedEvent, ConnectionLostEvent,
// ConnectionBlockedEvent, ConnectionUnblockedEvent, ChannelLostEvent, DeclarationRefusedEvent,
// PublishedEvent, PublishRetriedEvent, MiddlewarePanickedEvent, UnconfirmedReturnedEvent,
// FailedOverEvent and ConsumerEvent.
type Event interface{ event() }

// Observers returns an Observer that passes each event on to all of observers, except those that
// are nil. It does not log: add NewLogObserver(nil) for that.
func Observers(observers ...Observer) Observer {
	return observerList(slices.DeleteFunc(slices.Clone(observers), func(o Observer) bool { return o == nil }))
}

type observerList []Observer

func (l observerList) Observe(ctx context.Context, event Event) {
	for _, observer := range l {
		observer.Observe(ctx, event)
	}
}

// NoObserver is an Observer that does nothing.
var NoObserver Observer = noObserver{}

type noObserver struct{}

func (noObserver) Observe(context.Context, Event) {}

// defaultObserver is the Observer if none has been set.
type defaultObserver struct{ logObserver }

// observesPublishes reports whether observer gets the events of single publishes: only if somebody
// has set it.
func observesPublishes(observer Observer) bool {
	switch observer := observer.(type) {
	case noObserver, *defaultObserver:
		return false
	case observerList:
		return slices.ContainsFunc(observer, observesPublishes)
	}
	return true
}

// observesHandled reports whether observer gets the events of deliveries that were handled. A log
// does not write them, so none are created for it.
func observesHandled(observer Observer) bool {
	switch observer := observer.(type) {
	case noObserver, *defaultObserver, *logObserver:
		return false
	case observerList:
		return slices.ContainsFunc(observer, observesHandled)
	}
	return true
}

// ConnectedEvent is the event of a network connection that was established.
type ConnectedEvent struct {
	Connection string        // the name that operators see
	Address    string        // host and port
	Generation uint64        // 1 for the first connection, then counting up
	Took       time.Duration // from the start of the dial
	Down       time.Duration // how long there was no connection although one was wanted; 0 if the first attempt succeeded
}

// ClearTextEvent is the event of the first connection of a Connection that goes to another machine
// without TLS: others can read the password and the messages on the way.
type ClearTextEvent struct {
	Connection string
	Address    string // host and port
}

// ConnectFailedEvent is the event of a failed attempt to connect.
type ConnectFailedEvent struct {
	Connection string
	Err        error
	Attempts   int           // failed attempts since the connection was lost or first wanted, including this one
	Down       time.Duration // how long there has been no connection
	Refused    bool          // trying again soon will not help: Err is a *RefusedError, or the Broker has a mistake
	RetryIn    time.Duration // the longest wait before the next attempt
}

// ConnectionLostEvent is the event of a network connection that ended unexpectedly.
type ConnectionLostEvent struct {
	Connection string
	Generation uint64
	Err        error
}

// ConnectionBlockedEvent is the event of a broker that stops reading from its publishers, because it
// runs out of memory or disk.
type ConnectionBlockedEvent struct {
	Connection string
	Reason     string
}

// ConnectionUnblockedEvent is the event of a broker that reads from its publishers again.
type ConnectionUnblockedEvent struct {
	Connection string
	Blocked    time.Duration // how long it was blocked
}

// ChannelLostEvent is the event of a channel that the broker closed while its connection stayed up.
type ChannelLostEvent struct {
	Connection string
	Err        error
}

// DeclarationRefusedEvent is the event of a declaration that the broker refused.
type DeclarationRefusedEvent struct {
	Connection string
	Err        error // a *DeclarationError
}

// PublishedEvent is the event of a publish that has settled, after all retries.
type PublishedEvent struct {
	Publication string // Publication.Name
	Exchange    string
	RoutingKey  string
	MessageID   string
	Size        int // of the body, in bytes
	Outcome     Outcome
	Attempts    int
	Took        time.Duration // from the call to the settlement
	Err         error
}

// PublishRetriedEvent is the event of a publish that is about to be tried again.
type PublishRetriedEvent struct {
	Publication string
	MessageID   string
	Outcome     Outcome // of the failed attempt
	Attempts    int     // so far
	Err         error
}

// MiddlewarePanickedEvent is the event of a function that a PublishMiddleware has returned and that
// panicked. The publish had ended before, and its result is the same.
type MiddlewarePanickedEvent struct {
	Publication string
	MessageID   string
	Err         error // a *PanicError
}

// UnconfirmedReturnedEvent is the event of a message that came back on a channel without confirms:
// its publish settled when it was written, so this event is the only report.
type UnconfirmedReturnedEvent struct {
	Connection string
	MessageID  string
	Exchange   string
	RoutingKey string
	Reply      Reply
}

// FailedOverEvent is the event of an active/passive pair that switches from one side to the other.
type FailedOverEvent struct {
	Passive bool  // to the passive side
	Reason  State // of the old side; Ready if it was switched by hand or failed back
}

func (ConnectedEvent) event()           {}
func (ClearTextEvent) event()           {}
func (ConnectFailedEvent) event()       {}
func (ConnectionLostEvent) event()      {}
func (ConnectionBlockedEvent) event()   {}
func (ConnectionUnblockedEvent) event() {}
func (ChannelLostEvent) event()         {}
func (DeclarationRefusedEvent) event()  {}
func (PublishedEvent) event()           {}
func (PublishRetriedEvent) event()      {}
func (MiddlewarePanickedEvent) event()  {}
func (UnconfirmedReturnedEvent) event() {}
func (FailedOverEvent) event()          {}

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
	// EventInterrupted: the channel died, could not be opened, or delivers nothing more of a stream that
	// goes on. The consumer opens another one.
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
	// EventOffsetGap: a stream does not have the messages that should have come next. Err is an
	// *OffsetGapError.
	EventOffsetGap
	// EventOffsetUnsaved: the OffsetStore returned an error. A later offset is saved instead.
	EventOffsetUnsaved

	lastConsumerEventKind = EventOffsetUnsaved
)

// String returns the kind in lower case, for logs and metrics.
func (k ConsumerEventKind) String() string {
	names := [...]string{
		EventConsuming: "consuming", EventCancelled: "cancelled", EventInterrupted: "interrupted", EventInvalid: "invalid",
		EventFailed: "failed", EventRetried: "retried", EventForwarded: "forwarded", EventDeadLettered: "dead-lettered",
		EventDiscarded: "discarded", EventHeld: "held", EventStale: "stale", EventReplyDropped: "reply-dropped", EventHandled: "handled",
		EventUnknownType: "unknown-type", EventOffsetGap: "offset-gap", EventOffsetUnsaved: "offset-unsaved",
	}
	if int(k) < len(names) && names[k] != "" {
		return names[k]
	}
	return fmt.Sprintf("ConsumerEventKind(%d)", k)
}
