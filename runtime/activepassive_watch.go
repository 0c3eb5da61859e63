package runtime

import "time"

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
