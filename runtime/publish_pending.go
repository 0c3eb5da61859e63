package runtime

import (
	"sync"
	"time"
)

// Pending is an asynchronous publish on its way. It may be used by many goroutines.
type Pending struct {
	done    chan struct{}
	receipt Receipt
	err     error

	out outgoing

	// The first attempt settles once: by the channel's word or because the time is
	// over. Those that follow have a goroutine with a waiter.
	mu        sync.Mutex
	settled   bool
	published bool  // the channel's Publish has returned: what is still to come is the broker's answer
	over      error // why the time is over, or nil
}

// Done is closed when the publish has ended: by the broker's answer, after the
// timeout, or with the context it was made with.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Result waits for the end and returns what Publish would have.
func (p *Pending) Result() (Receipt, error) {
	<-p.done
	return p.receipt, p.err
}

// complete sets the result.
func (p *Pending) complete(receipt Receipt, err error) {
	p.receipt, p.err = receipt, err
	close(p.done)
}

// start makes the first attempt on the caller's goroutine. The rest happens where
// its settlement leads.
func (p *Pending) start() {
	channel, settlement := p.out.channel()
	if channel == nil {
		p.settle(settlement)
		return
	}
	channel.Publish(&p.out.ctx, &p.out.message, p.settle)
	p.await()
}

// leaveIfPanicking is deferred by what calls the functions of others.
func (p *Pending) leaveIfPanicking() {
	if reason := recover(); reason != nil {
		p.out.producer.outstanding.leave(&p.out)
		panic(reason)
	}
}

// settle takes the settlement of the first attempt. It may be called on the goroutine
// that reads from the broker, so that retries get one of their own.
func (p *Pending) settle(settlement Settlement) {
	p.mu.Lock()
	first := !p.settled
	p.settled = true
	p.mu.Unlock()
	if !first {
		return
	}
	if wait, again := p.out.again(settlement); again {
		go p.retry(settlement, wait)
	} else {
		p.end(settlement)
	}
}

// retry makes the further attempts, after a while.
func (p *Pending) retry(settlement Settlement, wait time.Duration) {
	if sleep(&p.out.ctx, wait) {
		settlement = p.out.run(&p.out.ctx, newWaiter())
	}
	p.end(settlement)
}

// expire says that the time is over. Until the channel's Publish has returned the
// context sees to that, and the channel knows better what became of the message.
func (p *Pending) expire(cause error) {
	p.mu.Lock()
	if p.over == nil {
		p.over = cause
	}
	published := p.published
	p.mu.Unlock()
	if published {
		p.settle(Settlement{Outcome: Unknown, Err: cause})
	}
}

// await says that the channel's Publish has returned.
func (p *Pending) await() {
	p.mu.Lock()
	p.published = true
	over := p.over
	p.mu.Unlock()
	if over != nil {
		p.settle(Settlement{Outcome: Unknown, Err: over})
	}
}

// end ends the publish.
func (p *Pending) end(settlement Settlement) {
	p.complete(p.out.finish(settlement))
	p.out.producer.outstanding.leave(&p.out)
}
