package runtime

import (
	"sync"
	"time"
)

// Pending is an asynchronous publish. It may be used by many goroutines.
type Pending struct {
	done    chan struct{}
	receipt Receipt
	err     error

	out outgoing

	// The first attempt settles once: through the channel or because the time is over. Later
	// attempts have a goroutine with a waiter.
	mu        sync.Mutex
	settled   bool
	published bool  // the channel's Publish has returned; only the broker's answer is still missing
	expired   error // why the time is over, or nil
}

// Done is closed when the publish has ended: with the broker's answer, at the timeout, or with the
// context of the call.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Result waits for the end and returns what Publish would have returned.
func (p *Pending) Result() (Receipt, error) {
	<-p.done
	return p.receipt, p.err
}

// complete sets the result.
func (p *Pending) complete(receipt Receipt, err error) {
	p.receipt, p.err = receipt, err
	close(p.done)
}

// start makes the first attempt on the caller's goroutine. Its settlement decides what follows.
func (p *Pending) start() {
	channel, settlement := p.out.channel()
	if channel == nil {
		p.settle(settlement)
		return
	}
	channel.Publish(&p.out.ctx, PublishRequest{Message: &p.out.message, Settle: p.settle})
	p.markPublished()
}

// leaveIfPanicking is deferred by functions that call code of the user.
func (p *Pending) leaveIfPanicking() {
	if reason := recover(); reason != nil {
		p.out.producer.outstanding.leave(&p.out)
		panic(reason)
	}
}

// settle takes the settlement of the first attempt. It may be called on the reading goroutine, so
// retries get a goroutine of their own.
func (p *Pending) settle(settlement Settlement) {
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
func (p *Pending) retry(settlement Settlement, wait time.Duration) {
	if sleep(&p.out.ctx, wait) {
		settlement = p.out.run(&p.out.ctx, newWaiter())
	}
	p.end(settlement)
}

// expire notes that the time is over. Until the channel's Publish has returned, the context ends
// the attempt, and the channel knows better what became of the message.
func (p *Pending) expire(cause error) {
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
func (p *Pending) markPublished() {
	p.mu.Lock()
	p.published = true
	expired := p.expired
	p.mu.Unlock()
	if expired != nil {
		p.settle(Settlement{Outcome: OutcomeUnknown, Err: expired})
	}
}

// end ends the publish.
func (p *Pending) end(settlement Settlement) {
	p.complete(p.out.finish(settlement))
	p.out.producer.outstanding.leave(&p.out)
}
