package runtime

import "context"

// waiter waits for the settlements of one publish, one attempt after the other.
type waiter struct {
	settled chan Settlement
	settle  func(Settlement)
	pending bool // an attempt has not settled
}

func newWaiter() *waiter {
	// There is room for the settlement of an attempt and for a wake: neither waits.
	w := &waiter{settled: make(chan Settlement, 2)}
	w.settle = func(s Settlement) { w.settled <- s }
	return w
}

// wait waits for the settlement of the attempt that has begun. When ctx ends first, or
// wake is called, that is Unknown.
func (w *waiter) wait(ctx context.Context) Settlement {
	w.pending = true
	select {
	case s := <-w.settled:
		w.pending = s.Outcome == Unknown // perhaps a wake, and the settlement is still to come
		return s
	case <-ctx.Done():
		return Settlement{Outcome: Unknown, Err: context.Cause(ctx)}
	}
}

// wake ends the wait with s. It is called once at most.
func (w *waiter) wake(s Settlement) {
	select {
	case w.settled <- s:
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
	case <-w.settled: // a wake that came too late
	default:
	}
	p.waiters.Put(w)
}
