package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// declare makes d on the broker unless that has been done on this link before. A
// refusal is remembered, so that asking often does not become a storm of channels,
// and tried again after Broker.RefusedDelay.
func (l *link) declare(ctx context.Context, d *Declarations) error {
	for !l.hasDeclared(d) {
		if err := l.refusals.find(d); err != nil {
			return err
		}
		if err := l.making(d, true).wait(ctx); err != nil {
			return err
		}
		// What has been forgotten meanwhile is made again.
	}
	return nil
}

// hasDeclared says whether there is nothing to do for d. Every publish asks.
func (l *link) hasDeclared(d *Declarations) bool {
	return d == nil || d.Mode == Assume || l.declared.has(d)
}

// forgetDeclared has the next declare of d make it again, and forgets d until then.
func (l *link) forgetDeclared(d *Declarations) { l.declared.forget(d) }

// making makes d, on a goroutine that goes on when those who wait for it have left: whoever
// asks next finds it, so that what the broker does not answer costs one channel, however often
// it is asked for. With remember, declare knows of the result from then on.
func (l *link) making(d *Declarations, remember bool) *making {
	m, first := l.declared.begin(d, remember)
	if first {
		go func() {
			m.err = l.makeDeclarations(m, d)
			if l.declared.end(d, m, l.refusals) {
				l.noteRefusal(m.err)
			}
			close(m.done)
		}()
	}
	return m
}

// declared is what has been declared on one link, and what is being declared.
type declared struct {
	made atomic.Pointer[map[*Declarations]struct{}] // is replaced, never changed

	mu      sync.Mutex
	makings map[*Declarations]*making
	lost    map[*Declarations]struct{} // by the broker, and not made since
}

// making is the making of one *Declarations on one link.
type making struct {
	step atomic.Pointer[string] // what the broker is being asked to do
	done chan struct{}
	err  error // set when done is closed

	// Guarded by declared.mu.
	remember bool
	outdated bool // it has been forgotten since it began
}

// wait waits until m is done or ctx ends.
func (m *making) wait(ctx context.Context) error {
	if err := pause(ctx, m.done); err != nil {
		return fmt.Errorf("%w (waiting for the broker to %s)", err, *m.step.Load())
	}
	return m.err
}

func (r *declared) has(d *Declarations) bool {
	_, ok := r.all()[d]
	return ok
}

// all returns what has been made. It must not be changed.
func (r *declared) all() map[*Declarations]struct{} {
	if made := r.made.Load(); made != nil {
		return *made
	}
	return nil
}

// begin returns the making of d, and whether the caller is to do it.
func (r *declared) begin(d *Declarations, remember bool) (m *making, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m = r.makings[d]
	if first = m == nil; first {
		m = &making{done: make(chan struct{})}
		m.step.Store(new("open a channel"))
		if r.makings == nil {
			r.makings = make(map[*Declarations]*making)
		}
		r.makings[d] = m
	}
	m.remember = m.remember || remember
	return m, first
}

// end notes how m has ended, in refusals if it was refused. It returns whether anybody asked
// for that to be remembered.
func (r *declared) end(d *Declarations, m *making, refusals *refusals) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.makings, d)
	switch {
	case !m.remember || m.outdated:
	case m.err == nil:
		delete(r.lost, d)
		r.replace(func(made map[*Declarations]struct{}) { made[d] = struct{}{} })
	case isType[*DeclarationError](m.err), isType[*notNow](m.err):
		refusals.add(d, m.err)
	}
	return m.remember
}

func (r *declared) forget(d *Declarations) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.lost, d)
	r.outdate(d)
}

// outdate has d made again, also if it is being made. Callers hold mu.
func (r *declared) outdate(d *Declarations) {
	if m := r.makings[d]; m != nil {
		m.outdated = true
	}
	if r.has(d) {
		r.replace(func(made map[*Declarations]struct{}) { delete(made, d) })
	}
}

// lose notes that the broker has lost something of what match says, and says whether there is
// anything like that. Several channels may tell of the same loss, before it is made good and
// while it is.
func (r *declared) lose(match func(*Declarations) bool) (found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost == nil {
		r.lost = make(map[*Declarations]struct{})
	}
	note := func(d *Declarations) {
		if match(d) {
			r.lost[d] = struct{}{}
		}
	}
	for d := range r.all() {
		note(d)
	}
	for d := range r.makings {
		note(d)
	}
	for d := range r.lost {
		if match(d) {
			r.outdate(d)
			found = true
		}
	}
	return found
}

// replace changes a copy of made and puts it in its place. Callers hold mu.
func (r *declared) replace(change func(map[*Declarations]struct{})) {
	made := maps.Clone(r.all())
	if made == nil {
		made = make(map[*Declarations]struct{})
	}
	change(made)
	r.made.Store(&made)
}

// noteRefusal tells the observer of a declaration that the broker refused.
func (l *link) noteRefusal(err error) {
	refused, ok := errors.AsType[*DeclarationError](err)
	if passing, absent := errors.AsType[*notNow](err); absent {
		refused, ok = passing.refused, true
	}
	if ok {
		l.broker.Observer.Observe(DeclarationRefused{Connection: l.name, Err: refused})
	}
}

// refusals remembers what the broker refused to declare. A line's links share it,
// because some refusals close the whole connection.
type refusals struct {
	keep time.Duration

	mu   sync.Mutex
	list map[*Declarations]refusal
}

type refusal struct {
	err   error
	until time.Time // when to ask again
}

// find returns the refusal of d if it is recent.
func (r *refusals) find(d *Declarations) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.list[d]
	if ok && time.Now().After(found.until) {
		delete(r.list, d)
		return nil
	}
	return found.err
}

func (r *refusals) add(d *Declarations, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = make(map[*Declarations]refusal)
	}
	keep := r.keep
	if isType[*notNow](err) {
		keep = min(keep, notNowDelay/2)
	}
	r.list[d] = refusal{err: err, until: time.Now().Add(keep)}
}

func (r *refusals) forget(d *Declarations) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.list, d)
}
