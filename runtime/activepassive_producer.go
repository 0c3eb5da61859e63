package runtime

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	activeSide = iota
	passiveSide
)

// A ProducerPair is an active and a passive source for producers. ActivePassiveProducer returns
// one.
type ProducerPair struct {
	failover Failover
	sides    [2]side
	current  atomic.Int32 // the side in use

	changed signal // the side in use, or its state, has changed
	start   sync.Once
	started atomic.Bool
	manual  signal // FailOver or FailBack was called

	mu       sync.Mutex // held while switching
	switched time.Time
	warmedUp map[*Declarations]bool // declarations that both sides have been asked for
}

var errFailedOver = errors.New("publishing has switched to the other virtual host")

// ProducerChannel returns a channel of the side in use.
func (p *ProducerPair) ProducerChannel(ctx context.Context, request ProducerRequest) (ProducerChannel, error) {
	if channel := p.tryProducerChannel(ctx, request); channel != nil {
		return channel, nil
	}
	if request.NoWait {
		return nil, ErrNotReady
	}
	p.start.Do(p.begin)
	other := p.warmUp(request)
	channel, err := p.wait(ctx, request)
	if err != nil {
		return nil, err
	}
	return channel, other.check(ctx)
}

// Info implements ProducerSource. The observer is that of switches.
func (p *ProducerPair) Info() SourceInfo {
	active, passive := p.sides[activeSide].info, p.sides[passiveSide].info
	return SourceInfo{
		State:             p.State,
		Status:            p.Status,
		Observer:          p.failover.Observer,
		PublishMiddleware: active.PublishMiddleware,
		Middleware:        active.Middleware,
		MaxMessageSize:    max(active.MaxMessageSize, passive.MaxMessageSize),
		NoWait:            true,
		Release:           p.release,
	}
}

// begin starts to watch the sides, if one of them has a state.
func (p *ProducerPair) begin() {
	p.started.Store(true)
	if p.sides[activeSide].isStateful() || p.sides[passiveSide].isStateful() {
		go p.watch()
	}
}

// release makes both sides forget d.
func (p *ProducerPair) release(d *Declarations) {
	p.mu.Lock()
	delete(p.warmedUp, d)
	p.mu.Unlock()
	for i := range p.sides {
		p.sides[i].info.release(d)
	}
}

// tryProducerChannel returns a channel if there is one now, or nil.
func (p *ProducerPair) tryProducerChannel(ctx context.Context, request ProducerRequest) ProducerChannel {
	side := &p.sides[p.current.Load()]
	if !side.info.NoWait || !p.started.Load() {
		return nil
	}
	request.NoWait = true
	channel, err := side.source.ProducerChannel(ctx, request)
	if err != nil {
		return nil
	}
	return side.wrap(channel)
}

// wait waits for a channel of whichever side is in use.
func (p *ProducerPair) wait(ctx context.Context, request ProducerRequest) (ProducerChannel, error) {
	for {
		changed := p.changed.next()
		side := &p.sides[p.current.Load()]
		channel, err := side.channel(ctx, request)
		switch {
		case err == nil:
			return side.wrap(channel), nil
		case ctx.Err() != nil, isType[*DeclarationError](err):
			return nil, err
		case errors.Is(err, errFailedOver):
			continue
		}
		// This side returns no channel. If the other side does, the switch will follow after the
		// grace.
		if _, otherErr := p.other(side).source.ProducerChannel(ctx, request); otherErr != nil {
			return nil, errors.Join(err, otherErr)
		}
		if err := pause(ctx, changed); err != nil {
			return nil, err
		}
	}
}

func (p *ProducerPair) other(s *side) *side {
	if s == &p.sides[activeSide] {
		return &p.sides[passiveSide]
	}
	return &p.sides[activeSide]
}

// State returns the state of the side in use.
func (p *ProducerPair) State() (State, <-chan struct{}) {
	changed := p.changed.next()
	if !p.started.Load() {
		return StateReady, changed
	}
	state, _ := p.sides[p.current.Load()].state()
	return state, changed
}

// OnPassive reports whether publishes go to the passive side.
func (p *ProducerPair) OnPassive() bool { return p.current.Load() == passiveSide }

// FailOver switches to the passive side, if it is usable, and returns whether publishes go there
// now. It does not wait for MinDwell.
func (p *ProducerPair) FailOver() bool { return p.switchByHand(passiveSide) }

// FailBack switches to the active side, if it is usable, and returns whether publishes go there
// now. It does not wait for MinDwell.
func (p *ProducerPair) FailBack() bool { return p.switchByHand(activeSide) }

func (p *ProducerPair) switchByHand(to int32) bool {
	if state, _ := p.sides[to].state(); state > StateFull {
		return p.current.Load() == to
	}
	p.switchTo(to, StateReady)
	p.manual.notify()
	return true
}

// switchTo changes the side in use. If the old side has failed, its publishes in flight settle as
// Unknown, so that they are published again at once. Otherwise they continue there.
func (p *ProducerPair) switchTo(to int32, reason State) {
	p.mu.Lock()
	from := p.current.Load()
	if from == to {
		p.mu.Unlock()
		return
	}
	p.switched = time.Now()
	p.sides[to].activate()
	p.current.Store(to)
	unsettled := p.sides[from].deactivate(reason)
	p.mu.Unlock()
	p.failover.Observer.Observe(context.Background(), FailedOverEvent{Passive: to == passiveSide, Reason: reason})
	p.changed.notify()
	for _, settle := range unsettled {
		settle(Settlement{Outcome: OutcomeUnknown, Err: errFailedOver})
	}
}

// warmUp receives the result of a warm-up: when declarations are first used, the side that is not
// in use is asked for a channel too.
type warmUp chan error

// warmUp asks the side that is not in use for a channel, so that it is connected and has
// the declarations before it is needed. It returns nil if that has been done before.
func (p *ProducerPair) warmUp(request ProducerRequest) warmUp {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := request.Declarations
	if p.warmedUp[d] {
		return nil
	}
	if p.warmedUp == nil {
		p.warmedUp = make(map[*Declarations]bool)
	}
	p.warmedUp[d] = true
	other := p.sides[1-p.current.Load()].source
	result := make(warmUp, 1)
	go func() {
		_, err := other.ProducerChannel(context.Background(), request) // it ends when the other side's connections are closed
		result <- err
	}()
	return result
}

// check returns the other side's error if it refuses the declarations. It does not wait long for a
// side that cannot be reached.
func (i warmUp) check(ctx context.Context) error {
	if i == nil {
		return nil
	}
	timer := time.NewTimer(othersTimeout)
	defer timer.Stop()
	select {
	case err := <-i:
		if isType[*DeclarationError](err) {
			return err
		}
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}
