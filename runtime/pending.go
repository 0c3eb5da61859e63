package runtime

import "context"

// Pending is an asynchronous publish on its way. It may be used by many goroutines.
type Pending struct {
	done    chan struct{}
	receipt Receipt
	err     error

	publish publish
	attempt attempt     // the first; a second runs as a synchronous one does
	forget  func() bool // stops looking at the caller's context
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
	p.attempt.next = p.next
	channel, settlement := p.publish.channel()
	if channel == nil {
		p.attempt.settle(settlement)
		return
	}
	if caller := p.publish.caller; caller.Done() != nil {
		p.forget = context.AfterFunc(caller, func() { p.attempt.expire(context.Cause(caller)) })
	}
	channel.Publish(&p.publish.patience, &p.publish.message, p.attempt.settle)
	p.attempt.await()
}

// next takes the settlement of the first attempt. It may be called on the goroutine
// that reads from the broker, so that retries get one of their own.
func (p *Pending) next(settlement Settlement) {
	wait, again := p.publish.again(settlement)
	if !again {
		p.end(settlement)
		return
	}
	go func() {
		if sleep(&p.publish.patience, wait) {
			settlement = p.publish.run(&p.publish.patience, newWaiter())
		}
		p.end(settlement)
	}()
}

// end settles the publish.
func (p *Pending) end(settlement Settlement) {
	if p.forget != nil {
		p.forget()
	}
	p.complete(p.publish.finish(settlement))
	p.publish.producer.progress.leave(&p.publish)
}
