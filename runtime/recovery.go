package runtime

import "time"

// A Recovery is one step in deciding what becomes of a delivery that could not
// be handled. Steps are tried in order; each takes the delivery or leaves it to the
// next; after the last comes DeadLetter. A step that publishes waits for the
// broker's confirm before the original is acknowledged, so that a crash in
// between can double a message and never lose it.
//
// Only this package implements Recovery, so that steps can grow.
type Recovery interface {
	recovery()
}

// Republish publishes the message again to the queue it came from, at most
// attempts times, each time after the next wait of backoff. While it waits the
// message is in a queue of its own on the broker (see docs/consuming.md): it blocks
// nobody and survives a crash of the consumer.
func Republish(attempts int, backoff Backoff) Recovery {
	return retry{attempts: attempts, backoff: backoff}
}

// RequeueAfter is Republish with the same wait before each attempt.
func RequeueAfter(delay time.Duration, attempts int) Recovery {
	return retry{attempts: attempts, backoff: Backoff{Min: delay, Max: delay, Factor: 1}}
}

// Forward publishes the message to another queue, once: a message that comes
// back and fails again goes on to the next step, and so does one for which
// the queue does not exist.
func Forward(queue string) Recovery { return forward{queue: queue} }

// DeadLetter ends the message's way. A queue with a dead-letter exchange gets
// it back with a reject; for one without, the message is published, confirmed
// and mandatory, to the durable queue <queue>.dead with the reason in its
// headers, and acknowledged only then.
func DeadLetter() Recovery { return deadLetter{} }

// Discard acknowledges the message. It is gone.
func Discard() Recovery { return discard{} }

// When applies steps only to errors that match.
func When(match func(error) bool, steps ...Recovery) Recovery {
	return when{match: match, steps: steps}
}

type (
	retry struct {
		attempts int
		backoff  Backoff
	}
	forward    struct{ queue string }
	deadLetter struct{}
	discard    struct{}
	when       struct {
		match func(error) bool
		steps []Recovery
	}
)

func (retry) recovery()      {}
func (forward) recovery()    {}
func (deadLetter) recovery() {}
func (discard) recovery()    {}
func (when) recovery()       {}
