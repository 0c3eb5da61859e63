package runtime

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Recovery is one step in deciding what becomes of a delivery that could not be handled. Steps
// are tried in order; each takes the delivery or leaves it to the next; after the last comes
// DeadLetter. A step that publishes waits for the broker's confirm before the original is
// acknowledged, so that a crash in between can duplicate a message but never lose it.
//
// Only this package implements Recovery, so that it can get more methods.
type Recovery interface {
	// decide returns what becomes of f, or false to leave it to the next step.
	decide(f *failure) (action, bool)
	// waits returns the waits before attempts that the step may need.
	waits() []time.Duration
	check() error
}

// Republish publishes the message again to the queue it came from, at most attempts times, each
// time after the next wait of backoff. During the wait the message is in a queue of its own on the
// broker (see docs/consuming.md): it blocks nobody and survives a crash of the consumer. Waits take
// at least a millisecond; if Min and Max of the backoff are equal, all waits are. If there are
// several steps that retry, their attempts add up.
func Republish(attempts int, backoff Backoff) Recovery {
	return retry{attempts: attempts, backoff: backoff}
}

// Forward publishes the message to another queue, once. A message that comes back and fails again
// goes to the next step, and so does a message whose queue does not exist.
func Forward(queue string) Recovery { return forward{queue: queue} }

// DeadLetter is the end for a message. If the queue has a dead-letter exchange, the message is
// rejected. If not, it is published to the durable queue <queue>.dead, mandatory and with confirms,
// with the reason in its headers, and only then acknowledged. An exclusive or auto-delete queue has
// no such queue, which would outlive it: the message is rejected, and the broker drops it. From a
// queue whose name ends in .dead the message goes, after a wait, to the end of the same queue.
func DeadLetter() Recovery { return deadLetter{} }

// Discard acknowledges the message: it is gone.
func Discard() Recovery { return discard{} }

// When applies steps only to errors that match, for example
//
//	When(func(err error) bool { return errors.Is(err, ErrUnknownCustomer) }, DeadLetter())
//
// before the steps that retry.
func When(match func(error) bool, steps ...Recovery) Recovery {
	return when{match: match, steps: steps}
}

// maxRetryQueues limits the number of queues that one consumer's waits need.
const maxRetryQueues = 32

type retry struct {
	attempts int
	backoff  Backoff
}

func (r retry) decide(f *failure) (action, bool) {
	if f.attempts < r.attempts {
		return action{kind: EventRetried, queue: retryQueue(f.delivery.Queue, r.backoff.delay(f.attempts))}, true
	}
	f.attempts -= r.attempts
	return action{}, false
}

func (r retry) waits() []time.Duration {
	var waits []time.Duration
	for attempt := range r.attempts {
		wait := r.backoff.delay(attempt)
		if slices.Contains(waits, wait) || len(waits) > maxRetryQueues {
			break
		}
		waits = append(waits, wait)
	}
	return waits
}

func (r retry) check() error {
	switch {
	case r.attempts < 1:
		return fmt.Errorf("recovery: %d attempts: wanted at least 1", r.attempts)
	case r.backoff.withDefaults().Min < time.Millisecond:
		return fmt.Errorf("recovery: a wait of %v: wanted at least 1ms", r.backoff.Min)
	}
	return r.backoff.check()
}

type forward struct{ queue string }

func (s forward) decide(f *failure) (action, bool) {
	if f.forwarded > 0 || slices.Contains(f.missing, s.queue) {
		return action{}, false
	}
	return action{kind: EventForwarded, queue: s.queue}, true
}

func (forward) waits() []time.Duration { return nil }

func (s forward) check() error {
	if s.queue == "" {
		return errors.New("recovery: Forward has no queue")
	}
	if err := (Queue{Name: s.queue}).check(); err != nil {
		return fmt.Errorf("recovery: Forward: queue %w", err)
	}
	return nil
}

type deadLetter struct{}

func (deadLetter) decide(f *failure) (action, bool) {
	return action{kind: EventDeadLettered, queue: f.deadLetters}, true
}

func (deadLetter) waits() []time.Duration { return nil }
func (deadLetter) check() error           { return nil }

type discard struct{}

func (discard) decide(*failure) (action, bool) { return action{kind: EventDiscarded}, true }
func (discard) waits() []time.Duration         { return nil }
func (discard) check() error                   { return nil }

type when struct {
	match func(error) bool
	steps []Recovery
}

func (w when) decide(f *failure) (action, bool) {
	if !w.match(f.err) {
		return action{}, false
	}
	return decide(w.steps, f)
}

func (w when) waits() []time.Duration {
	var waits []time.Duration
	for _, step := range w.steps {
		waits = append(waits, step.waits()...)
	}
	return waits
}

func (w when) check() error {
	if w.match == nil {
		return errors.New("recovery: When has no match function")
	}
	for _, step := range w.steps {
		if err := step.check(); err != nil {
			return err
		}
	}
	return nil
}
