package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// confirmTimeout limits the wait for the confirm of a recovery's publish. After that the message is
// published again.
const confirmTimeout = 10 * time.Second

// republishBackoff sets the waits between attempts to publish a failed delivery.
var republishBackoff = Backoff{Min: 100 * time.Millisecond, Max: 10 * time.Second}

// deadLetterBackoff sets the waits between attempts at a dead letter that stays in its queue.
var deadLetterBackoff = Backoff{Min: time.Second, Max: time.Minute}

// recover reports a failed delivery, decides with the consumer's recovery what becomes of it, and
// does it. Publishing runs beside the workers; the prefetch limits how many publishes there are.
func (s *session) recover(h *handling, err error) {
	kind := EventFailed
	if isType[*InvalidError](err) {
		kind = EventInvalid
	}
	s.consumer.report(h.ctx, h.event(kind, err))
	s.startRecovery(h.failure(err))
}

// startRecovery decides what becomes of a failure, and does it.
func (s *session) startRecovery(f *failure) {
	action := s.consumer.recovery.decide(f)
	if action.queue == "" {
		s.finish(f, action)
		return
	}
	s.recoveries.Go(func() { s.publish(f, action) })
}

// publish publishes a failed delivery until the broker has it, and then acknowledges the original.
// It gives up when the original can no longer be answered, or when the consumer stops during a
// wait: the broker delivers the original again. If there is nothing to answer, it gives up when the
// stop timeout has passed, and the message is lost.
func (s *session) publish(f *failure, a action) {
	if !s.tryPublish(f, a) {
		s.leave(f.ctx, f.delivery)
	}
}

// tryPublish is publish, and returns whether it has not given up.
func (s *session) tryPublish(f *failure, a action) bool {
	waitCtx, cancel := context.WithCancel(s.run.ctx)
	defer cancel()
	defer context.AfterFunc(s.handlers, cancel)()
	stays := a.queue == f.delivery.Queue
	if stays && !sleep(waitCtx, deadLetterBackoff.jittered(f.delivery.recoveryCount("deadLettered"))) && !s.noAck() {
		return false
	}
	if s.noAck() {
		waitCtx = s.handlers
	}
	for attempt := 0; ; attempt++ {
		queues := s.consumer.recovery.currentQueues()
		settlement, tried := s.consumer.recovery.breaker.publish(waitCtx, func() Settlement { return s.republish(f.message(a), queues) })
		switch {
		case !tried:
			return false
		case settlement.Outcome == OutcomeAcked:
			s.finish(f, a)
			return true
		case s.handlers.Err() != nil:
			return false
		case isPermanent(settlement.Err) && s.consumer.recovery.deadLetters == "" && !errors.Is(f.err, errUncounted):
			s.finish(f, action{kind: EventDeadLettered}) // a reject needs no publish
			return true
		case isType[unsendable](settlement.Err) && !f.headersDropped:
			f.headersDropped, a = true, action{kind: EventDeadLettered, queue: s.consumer.recovery.deadLetters}
			continue
		case settlement.Outcome == OutcomeReturned && a.kind == EventForwarded:
			f.missing = append(f.missing, a.queue)
			if a = s.consumer.recovery.decide(f); a.queue == "" {
				s.finish(f, a)
				return true
			}
			continue
		case settlement.Outcome == OutcomeReturned:
			s.consumer.recovery.declareAgain(queues)
		}
		held := f.event(EventHeld, fmt.Errorf("publish to queue %q: %w", a.queue, settlement.reason()))
		held.Target = a.queue
		s.consumer.report(f.ctx, held)
		if !sleep(waitCtx, republishBackoff.jittered(attempt)) {
			return false
		}
	}
}

// republish makes one attempt to publish message, and waits for its settlement for confirmTimeout
// at most.
func (s *session) republish(message *Message, queues *Declarations) Settlement {
	ctx, cancel := context.WithTimeout(s.handlers, confirmTimeout)
	defer cancel()
	producer, err := s.channel.Producer(ctx, ProducerRequest{Declarations: queues})
	if err != nil {
		return Settlement{Outcome: OutcomeNotSent, Err: err}
	}
	return publishOnce(ctx, producer, message)
}

// isPermanent reports whether a publish has failed in a way that is likely to stay: no frame can
// carry the message, or the broker refuses it.
func isPermanent(err error) bool {
	return isType[unsendable](err) || isType[*ChannelError](err)
}

// finish answers the original after its recovery.
func (s *session) finish(f *failure, a action) {
	if s.noAck() && a.kind == EventDeadLettered && a.queue == "" { // the broker has nothing left to reject
		a.kind = EventDiscarded
	}
	event := f.event(a.kind, f.err)
	event.Target = a.queue
	s.consumer.report(f.ctx, event)
	switch {
	case s.noAck():
	case a.kind == EventDeadLettered && a.queue == "":
		s.answered(f.ctx, f.delivery, s.answers.Load().Reject(f.delivery.Tag, false))
	case errors.Is(f.err, errUncounted):
		s.answered(f.ctx, f.delivery, s.answers.Load().Ack(f.delivery.Tag, false)) // at once: see moveToSuspectQueue
	default:
		s.acknowledge(f.ctx, f.delivery)
	}
}

// reason says why a publish was not acknowledged.
func (s Settlement) reason() error {
	switch {
	case s.Err != nil:
		return s.Err
	case s.Outcome == OutcomeReturned:
		return fmt.Errorf("returned: %s", s.Reply)
	case s.Outcome == OutcomeNacked:
		return ErrNacked
	}
	return errors.New(s.Outcome.String())
}

// breakerBackoff sets the waits between publishes after the broker has refused one.
var breakerBackoff = Backoff{Min: 2 * time.Second, Max: time.Minute}

// A breaker slows recovery down while the broker refuses what it publishes, for example because the
// user may not write to the default exchange. Each refusal costs a channel, so only one publish at
// a time is tried then, after a wait.
type breaker struct {
	turn     chan struct{} // holds one token
	failures atomic.Int32  // refusals in a row
}

func newBreaker() breaker { return breaker{turn: make(chan struct{}, 1)} }

// publish makes attempt, after the wait that earlier refusals require. If ctx ends first, it makes
// none and returns false.
func (b *breaker) publish(ctx context.Context, attempt func() Settlement) (settlement Settlement, tried bool) {
	if b.failures.Load() == 0 {
		settlement = attempt()
		if isType[*ChannelError](settlement.Err) {
			b.failures.CompareAndSwap(0, 1) // many may have been in flight on the channel
		}
		return settlement, true
	}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return Settlement{}, false
	}
	if n := b.failures.Load(); n > 0 && !sleep(ctx, breakerBackoff.jittered(int(n)-1)) {
		return Settlement{}, false
	}
	settlement = attempt()
	if isType[*ChannelError](settlement.Err) {
		b.failures.Add(1)
	} else if settlement.Outcome != OutcomeNotSent {
		b.failures.Store(0)
	}
	return settlement, true
}
