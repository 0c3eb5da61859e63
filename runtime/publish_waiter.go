package runtime

import "context"

// waiter lets a goroutine wait for the settlements of one outgoing message, one attempt after the
// other. A Producer keeps its waiters for other messages.
type waiter struct {
	settled   chan Settlement
	woken     chan Settlement
	settle    func(Settlement) // take as a func value, which attempts are published with
	unsettled bool             // the wait ended before the attempt settled
}

func newWaiter() *waiter {
	w := &waiter{settled: make(chan Settlement, 1), woken: make(chan Settlement, 1)}
	w.settle = w.take
	return w
}

// take receives a settlement. There is room for the one settlement of an attempt; a channel that
// settles twice must not block the reading goroutine.
func (w *waiter) take(s Settlement) {
	select {
	case w.settled <- s:
	default:
	}
}

// wait waits for the settlement of the published attempt. When ctx ends first, or wake is called,
// it returns Unknown.
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
		w.unsettled = true
		return s
	case <-ctx.Done():
		w.unsettled = true
		return Settlement{Outcome: OutcomeUnknown, Err: cause(ctx)}
	}
}

// wake ends the wait with cause. It is called once at most.
func (w *waiter) wake(cause error) {
	select {
	case w.woken <- Settlement{Outcome: OutcomeUnknown, Err: cause}:
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

// keep keeps w for another publish, unless a settlement may still come. It is called when w can no
// longer be woken.
func (p *Producer) keep(w *waiter) {
	if w.unsettled {
		return
	}
	select {
	case <-w.woken: // it came too late
	default:
	}
	select {
	case <-w.settled: // settled twice, which no channel may do
	default:
	}
	p.waiters.Put(w)
}

// publishOnce publishes m on channel and waits for its settlement. If ctx ends first, that is
// Unknown.
func publishOnce(ctx context.Context, channel ProducerChannel, m *Message) Settlement {
	w := newWaiter()
	channel.Publish(ctx, PublishRequest{Message: m, Settle: w.settle})
	return w.wait(ctx)
}
