package runtime

import (
	"context"
	"errors"
)

// A quorum queue counts how often a message was delivered without an answer, and that grows for
// all that was prefetched when a process ends or a connection breaks. So that a message is judged
// by attempts at it, a session begins narrow, with one delivery at a time: what came back is at
// the queue's head, and only the one that is being handled can be counted. At the first delivery
// that is not suspicious it becomes wide. A suspicious one that comes to a wide session makes it
// leave: everything that has not been started goes back to the queue, the suspicious one is
// handled by itself, and the next session begins narrow.

// width says how many deliveries a session takes.
type width uint8

const (
	fixed  width = iota // the prefetch, whatever comes
	narrow              // one, until one comes that is not suspicious
	wide                // the prefetch, until one comes that is suspicious
	ending              // nothing more
)

// calmCount is how many deliveries in a row must not be suspicious before a session that has seen a
// suspicious one becomes wide: others may follow.
const widenAfterCount = 10

// errNarrowed says that a session ended so that the next one begins narrow.
var errNarrowNext = errors.New("a delivery came often before")

// begin starts the deliveries.
func (s *session) begin(ctx context.Context) (<-chan *Delivery, error) {
	channel, ok := s.channel.(NarrowChannel)
	if !ok || s.spec.isSuspectQueue || s.spec.prefetch == 1 || !s.consumer.recovery.startsNarrow {
		return s.channel.Consume(ctx, s.spec.queue, s.spec.prefetch)
	}
	s.width = narrow
	return channel.ConsumeOne(ctx, s.spec.queue, s.spec.prefetch)
}

// prefetch returns how many deliveries the session takes now.
func (s *session) prefetch() int {
	if s.width == narrow {
		return 1
	}
	return s.spec.prefetch
}

// regard adapts the session's width to a delivery that is about to be handled. It is called by
// one worker at a time.
func (s *session) adjustWidth(delivery *Delivery) {
	switch suspect := s.consumer.recovery.isSuspect(delivery); {
	case s.width == narrow && suspect:
		s.spec.widenAfter = widenAfterCount
	case s.width == narrow:
		if s.spec.widenAfter--; s.spec.widenAfter <= 0 {
			s.widen()
		}
	case s.width == wide && suspect && s.consumer.config.orderedBy == nil: // lanes keep their order instead
		s.requeueRest()
	}
}

// widen lets the whole prefetch come.
func (s *session) widen() {
	s.width = wide
	s.answers.Load().widen(s.spec.prefetch, s.consumer.config.workers)
	s.closeAfter(s.channel.(NarrowChannel).Widen(s.handlers))
}

// leave gives back what has been delivered and not been started, each with an answer of its
// own, which keeps the order.
func (s *session) requeueRest() {
	s.width = ending
	if !s.closeAfter(s.channel.Cancel(s.handlers)) {
		return
	}
	for delivery := range s.deliveries {
		_ = delivery.Acknowledger.Reject(delivery.Tag, true) // the channel's end does the same
	}
}

// closeAfter closes the channel after a request on it that has failed with err, and returns false then. Such a
// channel is dying, or the broker has not answered: then it would live on and not do what was asked for.
func (s *session) closeAfter(err error) bool {
	if err != nil {
		closeChannel(s.channel)
	}
	return err == nil
}
