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
		State:             p.state,
		Status:            p.Status,
		Observer:          p.failover.Observer,
		PublishMiddleware: active.PublishMiddleware,
		Middleware:        active.Middleware,
		MaxMessageSize:    max(active.MaxMessageSize, passive.MaxMessageSize),
		NoWait:            true,
		Lazy:              active.Lazy,
		turn:              active.turn,
		mistake:           errors.Join(active.mistake, passive.mistake),
		Register:          active.Register,
		Release:           p.release,
		refusal:           p.refusal,
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

// refusal returns why the side in use has not made d.
func (p *ProducerPair) refusal(d *Declarations) error {
	side := activeSide
	if p.OnPassive() {
		side = passiveSide
	}
	if refusal := p.sides[side].info.refusal; refusal != nil {
		return refusal(d)
	}
	return nil
}

// state returns the state of the side in use.
func (p *ProducerPair) state() (State, <-chan struct{}) {
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

// watch watches both sides and switches between them until there is nothing left to watch. It runs
// on a goroutine of its own, from the first use on.
func (p *ProducerPair) watch() {
	var watched [2]watchedSide
	for {
		manual := p.manual.next()
		var changes [2]<-chan struct{}
		now := time.Now()
		for i := range watched {
			var state State
			state, changes[i] = p.sides[i].state()
			watched[i].update(state, now)
		}
		p.changed.notify()
		if p.finished(watched) {
			return
		}
		decision := p.failover.decide(watched, p.current.Load(), p.lastSwitch(), now)
		if decision.switchNow {
			p.switchTo(decision.to, watched[1-decision.to].switchReason())
			continue
		}
		awaitAny(changes[activeSide], changes[passiveSide], manual, decision.checkAgain)
	}
}

// finished reports whether there will be no further switch: both sides have been closed, or one has
// been closed and the other, which has no state, is in use.
func (p *ProducerPair) finished(watched [2]watchedSide) bool {
	for i := range watched {
		if watched[i].state != StateClosed && (p.sides[i].isStateful() || p.current.Load() != int32(i)) {
			return false
		}
	}
	return true
}

func (p *ProducerPair) lastSwitch() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.switched
}

// watchedSide is what watch knows of one side.
type watchedSide struct {
	state State
	since time.Time // when it became usable or unusable
}

func (w *watchedSide) usable() bool { return w.state <= StateFull }

// update notes the state at now.
func (w *watchedSide) update(state State, now time.Time) {
	if w.since.IsZero() || w.usable() != (state <= StateFull) {
		w.since = now
	}
	w.state = state
}

// switchReason returns the state, or StateReady if the side is usable.
func (w *watchedSide) switchReason() State {
	if w.usable() {
		return StateReady
	}
	return w.state
}

// decision says what to do about two sides: switch now, or check again after some time even if
// nothing changes. 0 means that time alone changes nothing.
type decision struct {
	switchNow  bool
	to         int32
	checkAgain time.Duration
}

// decide returns whether to switch. The result depends only on its arguments.
func (f *Failover) decide(sides [2]watchedSide, current int32, switched, now time.Time) decision {
	other := 1 - current
	if !sides[other].usable() {
		return decision{}
	}
	var due time.Time
	switch here := sides[current]; {
	case here.state == StateBlocked && f.BlockedGrace < 0:
		return decision{}
	case here.state == StateBlocked:
		due = here.since.Add(f.BlockedGrace)
	case !here.usable():
		due = here.since.Add(f.Grace)
	case current == passiveSide && f.FailBack > 0:
		due = sides[activeSide].since.Add(f.FailBack)
	default:
		return decision{}
	}
	if dwell := switched.Add(f.MinDwell); !switched.IsZero() && dwell.After(due) {
		due = dwell
	}
	if due.After(now) {
		return decision{checkAgain: due.Sub(now)}
	}
	return decision{switchNow: true, to: other}
}

// awaitAny waits until one of the channels is closed or d has passed. 0 means no time limit.
func awaitAny(a, b, c <-chan struct{}, d time.Duration) {
	var timeout <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-a:
	case <-b:
	case <-c:
	case <-timeout:
	}
}
