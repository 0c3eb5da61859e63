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
	inUse    context.Context // the present one, or the last
	endUse   context.CancelCauseFunc
	inFlight list[sidePublish]
}

// begin begins a tenure.
func (s *side) activate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.endUse != nil {
		s.endUse(nil)
	}
	s.inUse, s.endUse = context.WithCancelCause(context.Background())
}

// currentTenure returns the present tenure, or the last.
func (s *side) currentUse() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inUse
}

// leave ends the tenure. It returns what settles the publishes that are in flight, if the side
// has failed.
func (s *side) deactivate(reason State) (unsettled []func(Settlement)) {
	s.mu.Lock()
	if reason != Ready {
		unsettled = s.takeInFlight()
	}
	end := s.endUse
	s.mu.Unlock()
	end(errFailedOver)
	return unsettled
}

// strand takes the publishes that are in flight off the list, and returns what settles them.
func (s *side) takeInFlight() (settle []func(Settlement)) {
	for p := s.inFlight.pop(); p != nil; p = s.inFlight.pop() {
		settle = append(settle, p.settle)
	}
	return settle
}

// tells says whether the source tells its state.
func (s *side) isStateful() bool {
	_, stateful := s.source.(StatefulSource)
	return stateful
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
	inUse := s.currentUse()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(inUse, func() { cancel(errFailedOver) })
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
	c.ProducerChannel.Publish(ctx, m, c.side.enter(settle))
}

// sidePublish is one attempt at a publish on a side. It settles once: by the channel's word or
// by the side's failure.
type sidePublish struct {
	side    *side
	settle  func(Settlement)
	element element[sidePublish] // in no list: it has settled

	settled func(Settlement) // what the channel calls: take
}

// sidePublishes are those that their channel has settled, for further publishes.
var sidePublishes sync.Pool

// enter notes a publish, and returns what the channel is to settle.
func (s *side) enter(settle func(Settlement)) func(Settlement) {
	p, kept := sidePublishes.Get().(*sidePublish)
	if !kept {
		p = &sidePublish{}
		p.settled = p.settleOnce
	}
	p.side, p.settle = s, settle
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight.push(&p.element, p)
	return p.settled
}

// take takes the channel's settlement, which comes once.
func (p *sidePublish) settleOnce(settlement Settlement) {
	side, settle := p.side, p.settle
	side.mu.Lock()
	first := p.element.list != nil
	if first {
		side.inFlight.remove(&p.element)
	}
	side.mu.Unlock()
	p.side, p.settle = nil, nil
	sidePublishes.Put(p)
	if first {
		settle(settlement)
	}
}
