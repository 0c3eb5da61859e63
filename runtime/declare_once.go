package runtime

import (
	"context"
	"errors"
	"sync"
	"time"
)

// declaration is the making of one *Declarations on one link. It is made once; who
// comes meanwhile waits for the first.
type declaration struct {
	done chan struct{}
	err  error
}

// declare makes d on the broker unless that has been done on this link before. A
// refusal is remembered, so that asking often does not become a storm of channels,
// and tried again after Broker.RefusedDelay.
func (l *link) declare(ctx context.Context, d *Declarations) error {
	if l.hasDeclared(d) {
		return nil
	}
	for {
		if err := l.refusals.find(d); err != nil {
			return err
		}
		made, first := l.declaration(d)
		if first {
			made.err = l.makeDeclarations(ctx, d)
			if made.err != nil {
				l.forgetDeclaration(d, made.err)
			}
			close(made.done)
			return made.err
		}
		if err := pause(ctx, made.done); err != nil {
			return err
		}
		if made.err == nil {
			l.current.Store(d)
		}
		if made.err == nil || l.dead() {
			return made.err
		}
		// It was refused, or the first one's ctx ended: look again.
	}
}

// hasDeclared says whether there is nothing to do for d, as far as can be told without
// a lock.
func (l *link) hasDeclared(d *Declarations) bool {
	return d == nil || d.Mode == Assume || l.current.Load() == d
}

// declaration returns the making of d, and whether the caller is to do it.
func (l *link) declaration(d *Declarations) (made *declaration, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if made = l.declared[d]; made != nil {
		return made, false
	}
	made = &declaration{done: make(chan struct{})}
	if l.declared == nil {
		l.declared = make(map[*Declarations]*declaration)
	}
	l.declared[d] = made
	return made, true
}

// forgetDeclaration lets d be made again, after a while if the broker has refused it.
func (l *link) forgetDeclaration(d *Declarations, err error) {
	if isType[*DeclarationError](err) || isType[*notNow](err) {
		l.refusals.add(d, err)
	}
	l.noteRefusal(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.declared, d)
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
