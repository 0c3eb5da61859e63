package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// outstanding is the list of a producer's publishes that have not ended, in the order of their
// deadlines. It ends them when their time is over. All have the same timeout, so that most enter at
// the end of the list, and one timer serves them all.
type outstanding struct {
	mu      sync.Mutex
	first   *outgoing
	last    *outgoing
	timer   *time.Timer
	armed   time.Time // for when the timer is set; zero: for never
	closed  bool
	drained chan struct{} // closed when closed is set and the list is empty
	watches map[<-chan struct{}]*watch
}

// watch tells the publishes that nobody waits for of the end of their caller's context. Those with the same context have one.
type watch struct {
	publishes int
	stop      func() bool
}

func newOutstanding() *outstanding {
	o := &outstanding{drained: make(chan struct{}), watches: make(map[<-chan struct{}]*watch)}
	o.timer = time.AfterFunc(time.Hour, o.expire)
	o.timer.Stop()
	return o
}

// enter adds one, or returns ErrClosed.
func (o *outstanding) enter(out *outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return fmt.Errorf("producer: %w", ErrClosed)
	}
	before := o.last
	for before != nil && before.ctx.deadline.After(out.ctx.deadline) {
		before = before.before
	}
	o.insert(out, before)
	o.arm(out)
	if out.pending != nil {
		o.watch(out)
	}
	return nil
}

// watch has out expired when its caller's context ends.
func (o *outstanding) watch(out *outgoing) {
	caller := out.ctx.caller
	done := caller.Done()
	if done == nil {
		return
	}
	w := o.watches[done]
	if w == nil {
		w = &watch{}
		w.stop = context.AfterFunc(caller, func() { o.expireWatched(w, context.Cause(caller)) })
		o.watches[done] = w
	}
	w.publishes++
	out.watch = w
}

// unwatch forgets the caller's context when out was the last publish with it.
func (o *outstanding) unwatch(out *outgoing) {
	w := out.watch
	if w == nil {
		return
	}
	out.watch = nil
	if w.publishes--; w.publishes == 0 {
		w.stop()
		delete(o.watches, out.ctx.caller.Done())
	}
}

// expireWatched ends the publishes whose caller's context has ended.
func (o *outstanding) expireWatched(w *watch, cause error) {
	o.mu.Lock()
	var over []*Pending
	for out := o.first; out != nil; out = out.after {
		if out.watch == w {
			over = append(over, out.pending)
		}
	}
	o.mu.Unlock()
	for _, pending := range over {
		pending.expire(cause)
	}
}

// insert puts one behind another, or at the beginning if that is nil.
func (o *outstanding) insert(out, before *outgoing) {
	out.listed = true
	out.before = before
	if before == nil {
		out.after, o.first = o.first, out
	} else {
		out.after, before.after = before.after, out
	}
	if out.after == nil {
		o.last = out
	} else {
		out.after.before = out
	}
}

// leave takes one out. From then on it is not expired.
func (o *outstanding) leave(out *outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !out.listed {
		return
	}
	out.listed = false
	if out.before == nil {
		o.first = out.after
	} else {
		out.before.after = out.after
	}
	if out.after == nil {
		o.last = out.before
	} else {
		out.after.before = out.before
	}
	out.before, out.after = nil, nil
	o.unwatch(out)
	o.noteDrained()
}

// arm sets the timer for one. It is left alone while it is set for an earlier one that may have
// ended since: it then finds nothing to do and is set anew.
func (o *outstanding) arm(out *outgoing) {
	if out != nil && (o.armed.IsZero() || out.ctx.deadline.Before(o.armed)) {
		o.armed = out.ctx.deadline
		o.timer.Reset(time.Until(o.armed))
	}
}

// expire ends the publishes whose time is over.
func (o *outstanding) expire() {
	o.mu.Lock()
	now := time.Now()
	over := o.giveUp(errTimeout, func(out *outgoing) bool { return !out.ctx.deadline.After(now) })
	o.armed = time.Time{}
	next := o.first
	for next != nil && !next.ctx.deadline.After(now) {
		next = next.after
	}
	o.arm(next)
	o.mu.Unlock()
	for _, out := range over {
		out.pending.expire(errTimeout)
	}
}

// giveUp ends the publishes at the list's beginning for which over is true. A waiter is
// woken with the lock held, as it may serve another publish once its own has left. Those
// that only a Pending waits for are returned: to expire one takes it out of the list,
// which needs the lock.
func (o *outstanding) giveUp(cause error, over func(*outgoing) bool) (unattended []*outgoing) {
	for out := o.first; out != nil && over(out); out = out.after {
		out.ctx.end(cause)
		if out.waiter == nil {
			unattended = append(unattended, out)
		} else {
			out.waiter.wake(cause)
		}
	}
	return unattended
}

// close lets no further publish in and returns a channel that is closed when the
// last one has ended.
func (o *outstanding) close() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.closed = true
		o.noteDrained()
	}
	return o.drained
}

func (o *outstanding) noteDrained() {
	if o.closed && o.first == nil && !isClosed(o.drained) {
		close(o.drained)
		o.timer.Stop()
	}
}

var errAbandoned = errors.New("the producer was closed before the message had settled")

// abandon ends every publish.
func (o *outstanding) abandon() {
	o.mu.Lock()
	over := o.giveUp(errAbandoned, func(*outgoing) bool { return true })
	o.mu.Unlock()
	for _, out := range over {
		out.pending.expire(errAbandoned)
	}
}
