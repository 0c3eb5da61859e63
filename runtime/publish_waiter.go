package runtime

import "context"

// waiter waits for the settlements of one publish, one attempt after the other.
type waiter struct {
	settled chan Settlement
	woken   chan Settlement
	settle  func(Settlement)
	pending bool // an attempt has not settled
}

func newWaiter() *waiter {
	w := &waiter{settled: make(chan Settlement, 1), woken: make(chan Settlement, 1)}
	w.settle = w.take
	return w
}

// take takes a settlement. There is room for the one that an attempt has; whoever settles
// twice must not stop the goroutine that reads from the broker.
func (w *waiter) take(s Settlement) {
	select {
	case w.settled <- s:
	default:
	}
}

// wait waits for the settlement of the attempt that has been published. When ctx ends
// first, or wake is called, that is Unknown.
func (w *waiter) wait(ctx context.Context) Settlement {
	select {
	case s := <-w.settled: // even if the time is over as well
		return s
	default:
	}
	select {
	case s := <-w.settled:
		return s
	case s := <-w.woken:
		w.pending = true
		return s
	case <-ctx.Done():
		w.pending = true
		return Settlement{Outcome: Unknown, Err: context.Cause(ctx)}
	}
}

// wake ends the wait because of cause. It is called once at most.
func (w *waiter) wake(cause error) {
	select {
	case w.woken <- Settlement{Outcome: Unknown, Err: cause}:
	default:
	}
}

// waiter returns a waiter that nothing else uses.
func (p *Producer) waiter() *waiter {
	if w, ok := p.waiters.Get().(*waiter); ok {
		return w
	}
	return newWaiter()
}

// keep keeps w for another publish, unless a settlement may still come. It is called
// when w can no longer be woken.
func (p *Producer) keep(w *waiter) {
	if w.pending {
		return
	}
	select {
	case <-w.woken: // too late
	default:
	}
	p.waiters.Put(w)
}
