package runtime

import (
	"context"
	"sync"
	"sync/atomic"
)

// side is one of the two sources of a pair. The time for which it is the one in use is
// its tenure: begin begins one, leave ends it, and whoever waits for the side does so no
// longer than that.
type side struct {
	source ProducerSource
	last   atomic.Pointer[sideChannel] // the wrapper of the channel that was used last

	mu       sync.Mutex
	tenure   context.Context // the present one, or the last
	end      context.CancelCauseFunc
	inFlight map[*sidePublish]struct{}
}

// begin begins a tenure.
func (s *side) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		s.end(nil)
	}
	s.tenure, s.end = context.WithCancelCause(context.Background())
}

// currentTenure returns the present tenure, or the last.
func (s *side) currentTenure() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tenure
}

// leave ends the tenure. What is in flight settles as Unknown if the side
// has failed.
func (s *side) leave(reason State) {
	s.mu.Lock()
	end, stranded := s.end, s.inFlight
	if reason != Ready {
		s.inFlight = nil
	}
	s.mu.Unlock()
	end(errFailedOver)
	if reason == Ready {
		return
	}
	for publish := range stranded {
		publish.finish(Settlement{Outcome: Unknown, Err: errFailedOver})
	}
}

// state returns the source's state. One that does not tell it is Ready.
func (s *side) state() (State, <-chan struct{}) {
	if stateful, ok := s.source.(StatefulSource); ok {
		return stateful.State()
	}
	return Ready, nil
}

// channel asks the source for a channel until ctx or the side's tenure ends.
func (s *side) channel(ctx context.Context, d *Declarations) (ProducerChannel, error) {
	tenure := s.currentTenure()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(tenure, func() { cancel(errFailedOver) })
	defer stop()
	return s.source.ProducerChannel(ctx, d)
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

// Publish publishes on the side's channel. m settles early, as Unknown, when the side
// fails.
func (c *sideChannel) Publish(ctx context.Context, m *Message, settle func(Settlement)) {
	publish := &sidePublish{side: c.side, settle: settle}
	c.side.enter(publish)
	c.ProducerChannel.Publish(ctx, m, publish.settled)
}

// sidePublish is one attempt at a publish on a side. It settles once: by the channel's word or by the
// side's failure.
type sidePublish struct {
	side   *side
	settle func(Settlement)
	over   atomic.Bool
}

func (p *sidePublish) settled(s Settlement) {
	p.side.forget(p)
	p.finish(s)
}

func (p *sidePublish) finish(s Settlement) {
	if !p.over.Swap(true) {
		p.settle(s)
	}
}

func (s *side) enter(p *sidePublish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight == nil {
		s.inFlight = make(map[*sidePublish]struct{})
	}
	s.inFlight[p] = struct{}{}
}

func (s *side) forget(p *sidePublish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, p)
}
