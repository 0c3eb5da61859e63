package runtime

import "context"

// Pending is an asynchronous publish on its way. It may be used by many goroutines.
type Pending struct {
	done    chan struct{}
	receipt Receipt
	err     error

	ctx  context.Context
	one  *publish
	stop func()
}

func newPending() *Pending { return &Pending{done: make(chan struct{})} }

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

// follow makes the first attempt on the caller's goroutine. The rest happens where
// its settlement leads.
func (p *Pending) follow(ctx context.Context, one *publish, stop func()) {
	p.ctx, p.one, p.stop = ctx, one, stop
	channel, settlement := one.channel(ctx)
	if channel == nil {
		p.end(settlement)
		return
	}
	attempt := &attempt{next: p.next}
	attempt.watch(ctx)
	channel.Publish(ctx, &one.message, attempt.settle)
}

// next takes the settlement of one attempt. It is called on a goroutine that reads
// from the broker, so that retries get one of their own.
func (p *Pending) next(settlement Settlement) {
	wait, again := p.one.again(p.ctx, settlement)
	if !again {
		p.end(settlement)
		return
	}
	go func() {
		if sleep(p.ctx, wait) {
			settlement = p.one.run(p.ctx)
		}
		p.end(settlement)
	}()
}

// end settles the publish.
func (p *Pending) end(settlement Settlement) {
	receipt, err := p.one.finish(settlement)
	p.complete(receipt, err)
	p.stop()
}
