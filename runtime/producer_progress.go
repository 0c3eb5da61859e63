package runtime

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// progress holds a producer's publishes that have not ended, the oldest first, and
// ends them when their time is over. All have the same timeout, so that the list is
// in the order of their deadlines and one timer serves them all.
type progress struct {
	mu      sync.Mutex
	first   *publish
	last    *publish
	timer   *time.Timer
	armed   bool
	closed  bool
	drained chan struct{} // closed when closed is set and the list is empty
}

func newProgress() *progress {
	p := &progress{drained: make(chan struct{})}
	p.timer = time.AfterFunc(time.Hour, p.expire)
	p.timer.Stop()
	return p
}

// enter adds one, or returns ErrClosed.
func (p *progress) enter(one *publish) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fmt.Errorf("producer: %w", ErrClosed)
	}
	one.before = p.last
	if p.last == nil {
		p.first = one
	} else {
		p.last.after = one
	}
	p.last = one
	p.arm(one)
	return nil
}

// leave takes one out. From then on it is not expired.
func (p *progress) leave(one *publish) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one.before == nil {
		p.first = one.after
	} else {
		one.before.after = one.after
	}
	if one.after == nil {
		p.last = one.before
	} else {
		one.after.before = one.before
	}
	one.before, one.after = nil, nil
	p.noteDrained()
}

// arm sets the timer for one, the oldest whose time is not over. It is left alone
// while it is set for an older one that has ended since: it then finds nothing to do
// and is set anew.
func (p *progress) arm(one *publish) {
	if !p.armed && one != nil {
		p.armed = true
		p.timer.Reset(time.Until(one.deadline))
	}
}

// expire ends the publishes whose time is over.
func (p *progress) expire() {
	p.mu.Lock()
	now := time.Now()
	over := p.giveUp(errTimeout, func(one *publish) bool { return !one.deadline.After(now) })
	p.armed = false
	next := p.first
	for next != nil && !next.deadline.After(now) {
		next = next.after
	}
	p.arm(next)
	p.mu.Unlock()
	for _, one := range over {
		one.pending.expire(errTimeout)
	}
}

// giveUp ends the publishes at the list's beginning for which over is true. It
// returns those that nobody waits for: they are settled without the lock.
func (p *progress) giveUp(cause error, over func(*publish) bool) (unattended []*publish) {
	for one := p.first; one != nil && over(one); one = one.after {
		one.patience.end(cause)
		if one.waiter == nil {
			unattended = append(unattended, one)
		} else {
			one.waiter.wake(cause)
		}
	}
	return unattended
}

// close lets no further publish in and returns a channel that is closed when the
// last one has ended.
func (p *progress) close() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		p.noteDrained()
	}
	return p.drained
}

func (p *progress) noteDrained() {
	if p.closed && p.first == nil && !isClosed(p.drained) {
		close(p.drained)
		p.timer.Stop()
	}
}

var errAbandoned = errors.New("the producer was closed before the message had settled")

// abandon ends every publish.
func (p *progress) abandon() {
	p.mu.Lock()
	over := p.giveUp(errAbandoned, func(*publish) bool { return true })
	p.mu.Unlock()
	for _, one := range over {
		one.pending.expire(errAbandoned)
	}
}
