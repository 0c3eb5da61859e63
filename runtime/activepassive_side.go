package runtime

import (
	"context"
	"sync"
	"sync/atomic"
)

// side is one of the two sources of a pair. While publishes go to it, it is in use. activate starts
// that time and deactivate ends it; whoever waits for the side stops waiting then.
type side struct {
	source ProducerSource
	info   SourceInfo                  // the source's
	last   atomic.Pointer[sideChannel] // wraps the channel that was used last

	mu       sync.Mutex
	inUse    context.Context // ends when the side is no longer in use
	endUse   context.CancelCauseFunc
	inFlight list[sidePublish]
}

// activate puts the side in use.
func (s *side) activate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.endUse != nil {
		s.endUse(nil)
	}
	s.inUse, s.endUse = context.WithCancelCause(context.Background())
}

// currentUse returns the context of the present use, or of the last.
func (s *side) currentUse() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inUse
}

// deactivate ends the use. If the side has failed, it returns the functions that settle the
// publishes in flight.
func (s *side) deactivate(reason State) (unsettled []func(Settlement)) {
	s.mu.Lock()
	if reason != StateReady {
		unsettled = s.takeInFlight()
	}
	end := s.endUse
	s.mu.Unlock()
	end(errFailedOver)
	return unsettled
}

// takeInFlight removes the publishes in flight, and returns the functions that settle them.
func (s *side) takeInFlight() (settle []func(Settlement)) {
	for p := pop(&s.inFlight); p != nil; p = pop(&s.inFlight) {
		settle = append(settle, p.settle)
	}
	return settle
}

// isStateful reports whether the source has a state.
func (s *side) isStateful() bool { return s.info.State != nil }

// state returns the source's state. A source without a state is Ready.
func (s *side) state() (State, <-chan struct{}) { return s.info.state() }

// channel asks the source for a channel until ctx ends or the side is no longer in use.
func (s *side) channel(ctx context.Context, request ProducerRequest) (ProducerChannel, error) {
	inUse := s.currentUse()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(inUse, func() { cancel(errFailedOver) })
	defer stop()
	return s.source.ProducerChannel(ctx, request)
}

// wrap returns a channel whose publishes end when the side fails.
func (s *side) wrap(channel ProducerChannel) ProducerChannel {
	if last := s.last.Load(); last != nil && last.ProducerChannel == channel {
		return last
	}
	wrapped := &sideChannel{ProducerChannel: channel, side: s}
	s.last.Store(wrapped)
	return wrapped
}

// sideChannel is a channel of one side.
type sideChannel struct {
	ProducerChannel
	side *side
}

// Publish publishes on the side's channel. When the side fails, the message settles at once, as
// Unknown.
func (c *sideChannel) Publish(ctx context.Context, request PublishRequest) {
	request.Settle = c.side.enter(request.Settle)
	c.ProducerChannel.Publish(ctx, request)
}

func (c *sideChannel) nodeAddress() string { return nodeOf(c.ProducerChannel) }

// sidePublish is one attempt at a publish on a side. It settles once: through the channel, or
// because the side has failed.
type sidePublish struct {
	side    *side
	settle  func(Settlement)
	element element[sidePublish] // in no list: it has settled

	settled func(Settlement) // settleOnce as a func value, which the channel calls
}

// sidePublishes holds settled ones for reuse.
var sidePublishes sync.Pool

// enter adds a publish, and returns the function that the channel settles it with.
func (s *side) enter(settle func(Settlement)) func(Settlement) {
	p, kept := sidePublishes.Get().(*sidePublish)
	if !kept {
		p = &sidePublish{}
		p.settled = p.settleOnce
	}
	p.side, p.settle = s, settle
	s.mu.Lock()
	defer s.mu.Unlock()
	push(&s.inFlight, &p.element, p)
	return p.settled
}

// settleOnce takes the channel's settlement.
func (p *sidePublish) settleOnce(settlement Settlement) {
	side, settle := p.side, p.settle
	side.mu.Lock()
	first := p.element.list != nil
	if first {
		remove(&side.inFlight, &p.element)
	}
	side.mu.Unlock()
	p.side, p.settle = nil, nil
	sidePublishes.Put(p)
	if first {
		settle(settlement)
	}
}
