package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// outstanding is the list of a producer's publishes that have not ended, in the order of their
// deadlines. It ends them when their time is over. All have the same timeout, so most enter at the
// end of the list, and one timer serves all.
type outstanding struct {
	mu      sync.Mutex
	list    list[outgoing]
	timer   *time.Timer
	armed   time.Time // when the timer fires; zero: never
	closed  bool
	drained chan struct{}              // closed when closed is set and the list is empty
	watches map[<-chan struct{}]*watch // by the Done channel of the callers' context
}

// A watch ends the asynchronous publishes whose caller's context ends. Publishes whose contexts have
// the same Done channel share one.
type watch struct {
	done      <-chan struct{}
	publishes list[outgoing]
	stop      func() bool
}

func newOutstanding() *outstanding {
	o := &outstanding{drained: make(chan struct{}), watches: make(map[<-chan struct{}]*watch)}
	o.timer = time.AfterFunc(time.Hour, o.expire)
	o.timer.Stop()
	return o
}

// enter adds a publish, or returns ErrClosed.
func (o *outstanding) enter(out *outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return fmt.Errorf("producer: %w", ErrClosed)
	}
	if out.pending != nil {
		o.watch(out) // before out is in the list: the caller's context may panic
	}
	previous := o.list.last
	for previous != nil && previous.member.ctx.deadline.After(out.ctx.deadline) {
		previous = previous.previous
	}
	insert(&o.list, &out.element, out, previous)
	o.arm(out)
	return nil
}

// watch makes out expire when its caller's context ends.
func (o *outstanding) watch(out *outgoing) {
	caller := out.ctx.caller
	done := caller.Done()
	if done == nil {
		return
	}
	w := o.watches[done]
	if w == nil {
		w = &watch{done: done}
		w.stop = context.AfterFunc(caller, func() { o.expireWatched(w) })
		o.watches[done] = w
	}
	push(&w.publishes, &out.watched, out)
	out.watch = w
}

// unwatch forgets the caller's context when out was the last publish with it.
func (o *outstanding) unwatch(out *outgoing) {
	w := out.watch
	if w == nil {
		return
	}
	out.watch = nil
	remove(&w.publishes, &out.watched)
	if w.publishes.len == 0 {
		w.stop()
		delete(o.watches, w.done)
	}
}

// expireWatched ends the publishes whose caller's context has ended, each with the cause of its
// own.
func (o *outstanding) expireWatched(w *watch) {
	o.mu.Lock()
	over := make([]*outgoing, 0, w.publishes.len)
	for e := w.publishes.first; e != nil; e = e.next {
		over = append(over, e.member)
	}
	o.mu.Unlock()
	for _, out := range over {
		out.pending.expire(context.Cause(out.ctx.caller))
	}
}

// leave removes a publish. From then on it does not expire.
func (o *outstanding) leave(out *outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if out.element.list == nil {
		return
	}
	remove(&o.list, &out.element)
	o.unwatch(out)
	o.noteDrained()
}

// arm sets the timer for a publish. If the timer is set for an earlier one, which may have ended
// since, it stays: it then finds nothing to do and is set again.
func (o *outstanding) arm(out *outgoing) {
	if o.armed.IsZero() || out.ctx.deadline.Before(o.armed) {
		o.armed = out.ctx.deadline
		o.timer.Reset(time.Until(o.armed))
	}
}

// expire ends the publishes whose time is over.
func (o *outstanding) expire() {
	o.mu.Lock()
	now := time.Now()
	over := o.endWhile(errTimeout, func(out *outgoing) bool { return !out.ctx.deadline.After(now) })
	o.armed = time.Time{}
	for e := o.list.first; e != nil; e = e.next {
		if e.member.ctx.deadline.After(now) {
			o.arm(e.member)
			break
		}
	}
	o.mu.Unlock()
	for _, out := range over {
		out.pending.expire(errTimeout)
	}
}

// endWhile ends the publishes at the front of the list for which over is true. It wakes a waiter
// with the lock held: after its publish has left the list, the waiter may serve another one. It
// returns the publishes that only a Pending waits for. Their expiry removes them from the list,
// which needs the lock.
func (o *outstanding) endWhile(cause error, over func(*outgoing) bool) (pending []*outgoing) {
	for e := o.list.first; e != nil && over(e.member); e = e.next {
		out := e.member
		out.ctx.end(cause)
		if out.waiter == nil {
			pending = append(pending, out)
		} else {
			out.waiter.wake(cause)
		}
	}
	return pending
}

// close stops new publishes and returns a channel that is closed when the last one has ended.
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
	if o.closed && o.list.len == 0 && !isClosed(o.drained) {
		close(o.drained)
		o.timer.Stop()
	}
}

var errAbandoned = errors.New("the producer was closed before the message had settled")

// abandon ends every publish.
func (o *outstanding) abandon() {
	o.mu.Lock()
	over := o.endWhile(errAbandoned, func(*outgoing) bool { return true })
	o.mu.Unlock()
	for _, out := range over {
		out.pending.expire(errAbandoned)
	}
}
