package runtime

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Pending is an asynchronous publish. It may be used by many goroutines.
type Pending struct {
	done    chan struct{}
	receipt Receipt // and err: set before done is closed
	err     error

	publish interface{ unknownAfter(err error) error }
}

// Done is closed when the publish has ended: with the broker's answer, at the timeout, or with the
// context of the call.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Wait waits until the publish has ended and returns what Publish would have returned. When ctx ends
// before, it returns an *UnknownError that wraps ctx's error; the publish goes on, and Wait can be
// called again.
func (p *Pending) Wait(ctx context.Context) (Receipt, error) {
	select {
	case <-p.done:
		return p.receipt, p.err
	default:
	}
	if err := pause(ctx, p.done); err != nil {
		return Receipt{}, fmt.Errorf("wait for a publish: %w", p.publish.unknownAfter(err))
	}
	return p.receipt, p.err
}

// asyncPublish is what PublishAsync does. It is apart from its Pending because all packages that are
// generated name that, and read the types of its fields when they are compiled.
type asyncPublish struct {
	Pending
	out outgoing

	// The first attempt settles once: through the channel or because the time is over. Later
	// attempts have a goroutine with a waiter.
	mu        sync.Mutex
	settled   bool
	published bool  // the channel's Publish has returned; only the broker's answer is still missing
	expired   error // why the time is over, or nil
}

// complete sets the result.
func (p *asyncPublish) complete(receipt Receipt, err error) {
	p.receipt, p.err = receipt, err
	close(p.done)
}

// start makes the first attempt on the caller's goroutine. Its settlement decides what follows.
func (p *asyncPublish) start() {
	channel, settlement := p.out.channel()
	if channel == nil {
		p.settle(settlement)
		return
	}
	channel.Publish(&p.out.ctx, PublishRequest{Message: &p.out.message, Settle: p.settle})
	p.markPublished()
}

// escape ends a publish whose Pending nobody gets, because code of the user has panicked, or has
// ended the goroutine with runtime.Goexit.
func (p *asyncPublish) escape() {
	p.mu.Lock()
	first := !p.settled
	p.settled = true
	p.mu.Unlock()
	if first {
		p.out.escape()
	}
	p.out.producer.outstanding.leave(&p.out)
}

// settle takes the settlement of the first attempt. It may be called on the reading goroutine, so
// retries get a goroutine of their own.
func (p *asyncPublish) settle(settlement Settlement) {
	p.mu.Lock()
	first := !p.settled
	p.settled = true
	p.mu.Unlock()
	if !first {
		return
	}
	if wait, again := p.out.shouldRetry(settlement); again {
		go p.retry(settlement, wait)
	} else {
		p.end(settlement)
	}
}

// retry waits and makes the further attempts.
func (p *asyncPublish) retry(settlement Settlement, wait time.Duration) {
	if sleep(&p.out.ctx, wait) {
		settlement = p.out.run(&p.out.ctx, newWaiter())
	}
	p.end(settlement)
}

// expire notes that the time is over. Until the channel's Publish has returned, the context ends
// the attempt, and the channel knows better what became of the message.
func (p *asyncPublish) expire(cause error) {
	p.mu.Lock()
	if p.expired == nil {
		p.expired = cause
	}
	published := p.published
	p.mu.Unlock()
	if published {
		p.settle(Settlement{Outcome: OutcomeUnknown, Err: cause})
	}
}

// markPublished notes that the channel's Publish has returned.
func (p *asyncPublish) markPublished() {
	p.mu.Lock()
	p.published = true
	expired := p.expired
	p.mu.Unlock()
	if expired != nil {
		p.settle(Settlement{Outcome: OutcomeUnknown, Err: expired})
	}
}

// end ends the publish.
func (p *asyncPublish) end(settlement Settlement) {
	p.complete(p.out.finish(settlement))
	p.out.producer.outstanding.leave(&p.out)
}

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
