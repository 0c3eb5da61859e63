package runtime

import (
	"context"
	"sync"
	"sync/atomic"
)

// side is one of the two sources of a pair.
type side struct {
	source ProducerSource
	last   atomic.Pointer[sideChannel] // the wrapper of the channel that was used last

	mu       sync.Mutex
	time     context.Context // ends when the side is no longer in use
	end      context.CancelCauseFunc
	inFlight map[*handover]struct{}
}

// begin begins the side's time in use.
func (s *side) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		s.end(nil)
	}
	s.time, s.end = context.WithCancelCause(context.Background())
}

// tenure returns the context of the side's time in use.
func (s *side) tenure() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.time
}

// leave ends the side's time in use. What is in flight settles as Unknown if the side
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

// channel asks the source for a channel until ctx or the side's time in use ends.
func (s *side) channel(ctx context.Context, d *Declarations) (ProducerChannel, error) {
	tenure := s.tenure()
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
	publish := &handover{side: c.side, settle: settle}
	c.side.enter(publish)
	c.ProducerChannel.Publish(ctx, m, publish.settled)
}

// handover is one publish on a side. It settles once: by the channel's word or by the
// side's failure.
type handover struct {
	side   *side
	settle func(Settlement)
	over   atomic.Bool
}

func (h *handover) settled(s Settlement) {
	h.side.forget(h)
	h.finish(s)
}

func (h *handover) finish(s Settlement) {
	if !h.over.Swap(true) {
		h.settle(s)
	}
}

func (s *side) enter(h *handover) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight == nil {
		s.inFlight = make(map[*handover]struct{})
	}
	s.inFlight[h] = struct{}{}
}

func (s *side) forget(h *handover) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, h)
}
