package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// outgoing is one message on its way to the broker, through as many attempts as it takes.
//
// It ends with the settlement of an attempt or when its time is over, whichever comes first. Code
// that has to wait on the way to the broker uses its publishContext, which ends with that time. The
// producer's outstanding lists all publishes that have not ended, and ends them in time. The
// settlement of an attempt goes to a waiter if a goroutine waits for it, as in Publish. In
// PublishAsync there is none, and it goes to the asyncPublish.
type outgoing struct {
	ctx         publishContext
	producer    *Producer
	publication *Publication
	message     Message
	room        *[]byte // that the body stands in, when that may be used again; see keepRoom
	intercepted interceptions

	attempts       int
	address        string // of the node that the last attempt was made at, if that is known
	nacks          int
	mayBeDelivered error // why an earlier attempt may have been delivered

	// For outstanding: the position in its list, and whom to notify when the time is over. One of
	// waiter and pending is nil.
	element element[outgoing]
	waiter  *waiter
	pending *asyncPublish
	watch   *watch // of the caller's context; nil if that cannot end or somebody waits
	watched element[outgoing]
}

// The waits before a message is sent again: after it was not sent, which usually means that its
// channel died, and after the broker nacked it.
var (
	notSentBackoff = Backoff{Min: time.Millisecond, Max: 100 * time.Millisecond}
	nackBackoff    = Backoff{Min: 50 * time.Millisecond, Max: 2 * time.Second}
)

// run makes attempts until one ends the publish or its time is over, and returns the last
// settlement. It waits with w until ctx ends or w is woken.
func (o *outgoing) run(ctx context.Context, w *waiter) Settlement {
	for {
		channel, settlement := o.channel()
		if channel == nil {
			return settlement
		}
		channel.Publish(&o.ctx, PublishRequest{Message: &o.message, Settle: w.settle})
		settlement = w.wait(ctx)
		if w.unsettled { // the time is over; w can still receive the settlement
			return settlement
		}
		wait, again := o.shouldRetry(settlement)
		if !again || !sleep(&o.ctx, wait) {
			return settlement
		}
	}
}

// channel asks the source for a channel. If there is none, it returns the settlement.
func (o *outgoing) channel() (ProducerChannel, Settlement) {
	o.attempts++
	channel, err := o.producer.source.ProducerChannel(&o.ctx, ProducerRequest{Declarations: o.producer.declarations})
	if err != nil {
		return nil, Settlement{Outcome: OutcomeNotSent, Err: err}
	}
	o.address = nodeOf(channel)
	return channel, Settlement{}
}

// shouldRetry decides whether to send the message again after an attempt with this settlement, and
// after which wait.
func (o *outgoing) shouldRetry(s Settlement) (wait time.Duration, again bool) {
	switch s.Outcome {
	case OutcomeNotSent:
		wait, again = notSentBackoff.jittered(o.attempts-1), !isType[unsendable](s.Err) && !isType[*ChannelError](s.Err)
	case OutcomeNacked:
		o.mayBeDelivered = ErrNacked
		o.nacks++
		wait, again = nackBackoff.jittered(o.nacks-1), o.nacks <= o.nackRetries()
	case OutcomeUnknown:
		o.mayBeDelivered = s.Err
		o.ctx.isolated.Store(isType[retryIsolated](s.Err)) // after a failover the last attempt may still be publishing
		again = !o.producer.config.atMostOnce && !isType[notRetryable](s.Err)
		if o.attempts > 1 { // the first retry need not wait: the channel that died is no longer offered
			wait = notSentBackoff.jittered(o.attempts - 2)
		}
	}
	if !again || o.ctx.Err() != nil {
		return 0, false
	}
	if o.producer.config.observed {
		o.producer.config.observer.Observe(o.ctx.caller, PublishRetriedEvent{
			Publication: o.publication.Name, MessageID: o.message.MessageID,
			Outcome: s.Outcome, Attempts: o.attempts, Err: s.Err,
		})
	}
	return wait, true
}

// nackRetries returns how often the message is published again after a nack. By default that is
// done only if there is a single queue that can have refused it: if there are several, those that
// took it would get a copy each time.
func (o *outgoing) nackRetries() int {
	m := &o.message
	switch retries := o.producer.config.nackRetries; {
	case retries != nil:
		return *retries
	case m.Exchange == "" && m.Headers[ccHeader] == nil && m.Headers[bccHeader] == nil:
		return nackRetries
	}
	return 0
}

// finish turns the last settlement into what the caller gets, and notifies middleware, observer and
// hooks.
func (o *outgoing) finish(s Settlement) (Receipt, error) {
	o.ctx.end(context.Canceled)
	outcome, err := o.result(s)
	if err != nil {
		err = fmt.Errorf("publish %s: %w", o.publication.Name, err)
	}
	o.producer.counts[outcome].Add(1)
	receipt := o.receipt()
	o.endMiddleware(receipt, err)
	if o.producer.config.observed {
		o.producer.config.observer.Observe(o.ctx.caller, PublishedEvent{
			Publication: o.publication.Name, Exchange: o.message.Exchange, RoutingKey: o.message.RoutingKey,
			MessageID: o.message.MessageID, Size: len(o.message.Body),
			Outcome: outcome, Attempts: o.attempts, Took: time.Since(o.started()), Err: err,
		})
	}
	if s.Outcome == OutcomeReturned {
		o.producer.hooks.returned(&ReturnedError{Message: &o.message, Reply: s.Reply})
	}
	if err == nil && o.attempts == 1 { // no earlier attempt is left, and nobody has been given the message
		o.keepRoom()
	}
	return receipt, err
}

// started returns when the publish began. It is not a field: each publish pays for its size.
func (o *outgoing) started() time.Time { return o.ctx.deadline.Add(-o.producer.config.timeout) }

// unknownAfter returns the error of a publish of which nobody knows what has become, because of err.
func (o *outgoing) unknownAfter(err error) error { return unknown(&o.message, o.started(), err) }

func (o *outgoing) receipt() Receipt {
	return Receipt{MessageID: o.message.MessageID, Attempts: o.attempts, Address: o.address}
}

// result returns what became of the message in the end. If an earlier attempt may have been
// delivered, the result is OutcomeUnknown unless a later attempt succeeded.
func (o *outgoing) result(s Settlement) (Outcome, error) {
	outcome, err := s.result(&o.message, o.started())
	isCertain := outcome == OutcomeReturned || outcome == OutcomeNotSent
	if isCertain && o.mayBeDelivered != nil {
		return OutcomeUnknown, o.unknownAfter(fmt.Errorf("%w, after: %w", err, o.mayBeDelivered))
	}
	return outcome, err
}

// result returns what the settlement of an attempt says of m, which is published since started.
func (s Settlement) result(m *Message, started time.Time) (Outcome, error) {
	switch s.Outcome {
	case OutcomeAcked, OutcomeWritten:
		return s.Outcome, nil
	case OutcomeNacked:
		return OutcomeNacked, ErrNacked
	case OutcomeReturned:
		return OutcomeReturned, &ReturnedError{Message: m, Reply: s.Reply}
	case OutcomeNotSent:
		return OutcomeNotSent, fmt.Errorf("%w: %w", ErrNotSent, s.Err)
	}
	return OutcomeUnknown, unknown(m, started, s.Err)
}

// unknown is the error of a publish of which nothing is known.
func unknown(m *Message, started time.Time, err error) *UnknownError {
	return &UnknownError{
		MessageID: m.MessageID, Exchange: m.Exchange, RoutingKey: m.RoutingKey,
		Waited: time.Since(started), Err: err,
	}
}

// publishContext is the context of one outgoing message. It ends with the caller's context, or when
// end is called, which the producer's outstanding does at the publish's deadline. Most publishes
// never wait, so its channel is created only when somebody waits.
type publishContext struct {
	caller   context.Context
	deadline time.Time
	isolated atomic.Bool // the next attempt is made in isolation

	mu         sync.Mutex
	done       chan struct{} // nil until somebody has waited
	stop       func() bool   // stops watching the caller's context
	afterFuncs []*func()     // functions to call at the end
	ended      error         // the cause of the end
}

var errTimeout = fmt.Errorf("the publish timeout has passed: %w", context.DeadlineExceeded)

// begin sets what ends the context. It is called before anything else.
func (c *publishContext) begin(caller context.Context, deadline time.Time) {
	c.caller, c.deadline = caller, deadline
}

// Deadline returns the earlier of the caller's deadline and the publish's.
func (c *publishContext) Deadline() (time.Time, bool) {
	if deadline, ok := c.caller.Deadline(); ok && deadline.Before(c.deadline) {
		return deadline, true
	}
	return c.deadline, true
}

// Done returns a channel that is closed when the context ends.
func (c *publishContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		switch {
		case c.ended != nil:
			close(c.done)
		case c.caller.Done() != nil:
			c.stop = context.AfterFunc(c.caller, func() { c.end(context.Cause(c.caller)) })
		}
	}
	return c.done
}

// AfterFunc calls f on a goroutine of its own when the context ends, like context.AfterFunc. The
// standard library uses it, so that a context derived from this one costs no goroutine.
func (c *publishContext) AfterFunc(f func()) (stop func() bool) {
	c.Done() // from now on the end of the caller's context is noticed
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		go f()
		return func() bool { return false }
	}
	c.afterFuncs = append(c.afterFuncs, &f)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		before := len(c.afterFuncs)
		c.afterFuncs = slices.DeleteFunc(c.afterFuncs, func(g *func()) bool { return g == &f })
		return len(c.afterFuncs) < before
	}
}

// Err returns why the context has ended, or nil.
func (c *publishContext) Err() error {
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	switch err := c.caller.Err(); {
	case err != nil:
		return err
	case ended == nil:
		return nil
	case errors.Is(ended, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	return context.Canceled
}

// endCause returns the cause of the context's end, or nil.
func (c *publishContext) endCause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended != nil:
		return c.ended
	case c.caller.Err() != nil: // done may be closed a little later
		return context.Cause(c.caller)
	}
	return nil
}

// cause returns why ctx has ended. context.Cause would only find the cause of the standard
// library's own contexts.
func cause(ctx context.Context) error {
	if c, ok := ctx.(*publishContext); ok {
		return c.endCause()
	}
	return context.Cause(ctx)
}

// isolatedKey is the key under which derived contexts find isolated.
type isolatedKey struct{}

// isIsolated reports whether the attempt with ctx is made in isolation.
func isIsolated(ctx context.Context) bool {
	if c, ok := ctx.(*publishContext); ok {
		return c.isolated.Load()
	}
	isolated, _ := ctx.Value(isolatedKey{}).(bool)
	return isolated
}

// Value returns the caller's value for key.
func (c *publishContext) Value(key any) any {
	if key == (isolatedKey{}) {
		return c.isolated.Load()
	}
	return c.caller.Value(key)
}

// end ends the context with cause, and releases what it holds.
func (c *publishContext) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return
	}
	c.ended = cause
	if c.done != nil {
		close(c.done)
	}
	if c.stop != nil {
		c.stop()
	}
	for _, f := range c.afterFuncs {
		go (*f)()
	}
	c.afterFuncs = nil
}
