package runtime

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Failover sets when an active/passive pair switches. The zero value is right for most.
type Failover struct {
	// Grace is how long the side in use may be down before the other side is used: if a connection
	// is back at once, a switch is not worth it. It is 250 ms if 0.
	Grace time.Duration

	// BlockedGrace is how long the broker of the side in use may block publishers. It is 250 ms if
	// 0. If negative, a blocked side stays in use.
	BlockedGrace time.Duration

	// MinDwell is the minimum time between two switches, so that two unstable sides do not cause
	// many switches. It is 5 s if 0.
	MinDwell time.Duration

	// FailBack is how long the active side must have been usable before it is used again. If 0, the
	// passive side is used until FailBack is called, or until it fails.
	FailBack time.Duration

	// Consumers sets where consumers consume. The default is Both.
	Consumers ConsumeMode

	// Observer receives each switch. The default is the active side's.
	Observer Observer
}

// withDefaults returns a copy of f in which zero fields have their defaults.
func (f Failover) withDefaults(active SourceInfo) Failover {
	f.Grace = orDefault(f.Grace, 250*time.Millisecond)
	if f.BlockedGrace == 0 {
		f.BlockedGrace = 250 * time.Millisecond
	}
	f.MinDwell = orDefault(f.MinDwell, 5*time.Second)
	if f.Observer == nil {
		f.Observer = active.observer()
	}
	return f
}

// ActivePassive returns a source over two others that lead to two virtual hosts, usually of two
// brokers. Both stay connected. Publishes go to the active one, and to the passive one while the
// active one is down or blocked. Those that wait for a confirm at the moment of the switch are
// published again, so they may be in both. Consumers consume from both, or as f.Consumers says.
// Order is not kept across a switch. Declarations are made in both virtual hosts.
func ActivePassive(active, passive Source, f Failover) *Pair {
	p := ActivePassiveProducer(active, passive, f)
	return &Pair{ProducerPair: p, consumers: consumersOf(active, passive, p.failover)}
}

// ActivePassiveProducer is like ActivePassive, for sources that serve producers only, such as pools
// of channels.
func ActivePassiveProducer(active, passive ProducerSource, f Failover) *ProducerPair {
	p := &ProducerPair{}
	for i, source := range []ProducerSource{activeSide: active, passiveSide: passive} {
		p.sides[i].source, p.sides[i].info = source, source.Info()
		p.sides[i].activate()
	}
	p.failover = f.withDefaults(p.sides[activeSide].info)
	return p
}

// A Pair is an active and a passive source. ActivePassive returns one.
type Pair struct {
	*ProducerPair
	consumers []virtualHost
}

// Info implements Source: it says from how many virtual hosts a consumer consumes.
func (p *Pair) Info() SourceInfo {
	info := p.ProducerPair.Info()
	info.VirtualHosts = len(p.consumers)
	return info
}

// ConsumerChannel opens a channel in one of the virtual hosts that a consumer consumes from.
func (p *Pair) ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	if request.VirtualHost < 0 || request.VirtualHost >= len(p.consumers) {
		return nil, fmt.Errorf("open a channel: there is no virtual host %d: consumers consume from %d", request.VirtualHost, len(p.consumers))
	}
	host := p.consumers[request.VirtualHost]
	request.VirtualHost = host.index
	return host.source.ConsumerChannel(ctx, request)
}

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
