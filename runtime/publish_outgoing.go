package runtime

import (
	"context"
	"fmt"
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
	started     time.Time
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
			Outcome: outcome, Attempts: o.attempts, Took: time.Since(o.started), Err: err,
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

func (o *outgoing) receipt() Receipt {
	return Receipt{MessageID: o.message.MessageID, Attempts: o.attempts, Address: o.address}
}

// result returns what became of the message in the end. If an earlier attempt may have been
// delivered, the result is OutcomeUnknown unless a later attempt succeeded.
func (o *outgoing) result(s Settlement) (Outcome, error) {
	var err error
	switch s.Outcome {
	case OutcomeAcked, OutcomeWritten:
		return s.Outcome, nil
	case OutcomeNacked:
		return OutcomeNacked, ErrNacked
	case OutcomeReturned:
		err = &ReturnedError{Message: &o.message, Reply: s.Reply}
	case OutcomeNotSent:
		err = fmt.Errorf("%w: %w", ErrNotSent, s.Err)
	default:
		return OutcomeUnknown, unknown(&o.message, o.started, s.Err)
	}
	if o.mayBeDelivered != nil {
		return OutcomeUnknown, unknown(&o.message, o.started, fmt.Errorf("%w, after: %w", err, o.mayBeDelivered))
	}
	return s.Outcome, err
}

// unknown is the error of a publish of which nothing is known.
func unknown(m *Message, started time.Time, err error) *UnknownError {
	return &UnknownError{
		MessageID: m.MessageID, Exchange: m.Exchange, RoutingKey: m.RoutingKey,
		Waited: time.Since(started), Err: err,
	}
}
