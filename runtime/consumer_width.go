package runtime

import (
	"context"
	"errors"
)

// A quorum queue counts how often a message was delivered without an answer. When a process ends or
// a connection breaks, that count rises for everything that was prefetched. To count only real
// attempts at a message, a session begins narrow, with one delivery at a time: messages that came
// back are at the head of the queue, and only the one that is being handled can be counted. At the
// first delivery that is not a suspect, the session becomes wide. When a suspect arrives in a wide
// session, the session ends: everything that has not been started goes back to the queue, the
// suspect is handled alone, and the next session begins narrow.

// width is how many deliveries a session takes.
type width uint8

const (
	fixed  width = iota // the prefetch, always
	narrow              // one, until a delivery is not a suspect
	wide                // the prefetch, until a delivery is a suspect
	ending              // no more
)

// widenAfterCount is how many deliveries in a row must not be suspects before a session widens that
// has seen one: others may follow.
const widenAfterCount = 10

// errNarrowNext says that a session ended so that the next one begins narrow.
var errNarrowNext = errors.New("the session ended because of a suspect")

// begin starts the deliveries.
func (s *session) begin(ctx context.Context) (err error) {
	request := s.spec.request
	request.Narrow = s.consumer.recovery.startsNarrow && !s.spec.isSuspectQueue && request.Prefetch > 1
	s.consumption, err = s.channel.Consume(ctx, request)
	if err == nil && request.Narrow && s.consumption.Widen != nil {
		s.width = narrow
	}
	return err
}

// prefetch returns how many deliveries the session takes now.
func (s *session) prefetch() int {
	if s.width == narrow {
		return 1
	}
	return s.spec.request.Prefetch
}

// adjustWidth adapts the session's width to a delivery that is about to be handled. One worker at a
// time calls it.
func (s *session) adjustWidth(delivery *Delivery) {
	switch suspect := s.consumer.recovery.isSuspect(delivery); {
	case s.width == narrow && suspect:
		s.spec.widenAfter = widenAfterCount
	case s.width == narrow:
		if s.spec.widenAfter--; s.spec.widenAfter <= 0 {
			s.widen()
		}
	case s.width == wide && suspect && s.consumer.config.orderedBy == nil: // the partitions keep their order instead
		s.requeueRest()
	}
}

// widen allows the whole prefetch.
func (s *session) widen() {
	s.width = wide
	s.answers.Load().widen(s.spec.request.Prefetch, s.consumer.config.workers)
	s.closeAfter(s.consumption.Widen(s.handlers))
}

// requeueRest rejects what has been delivered but not started, one by one, which keeps the order.
func (s *session) requeueRest() {
	s.width = ending
	if !s.closeAfter(s.channel.Cancel(s.handlers)) {
		return
	}
	for delivery := range s.consumption.Deliveries {
		_ = delivery.Acknowledger.Reject(delivery.Tag, true) // the channel's end has the same effect
	}
}

// closeAfter closes the channel if a request on it has failed with err, and returns whether it has
// not. Such a channel is dying, or the broker has not answered: then it would live on without doing
// what was requested.
func (s *session) closeAfter(err error) bool {
	if err != nil {
		closeChannel(s.channel)
	}
	return err == nil
}
