package runtime

import (
	"context"
	"fmt"
	"time"
)

// outgoing is one message on its way to the broker, through as many attempts as it takes.
//
// What ends it is the settlement of an attempt or its time, whichever comes first. Its
// publishContext is that time, for whoever has to wait on the way to the broker. The
// producer's outstanding is the list of all that have not ended, and the clock that
// tells them. Told is who waits for the attempt's settlement: in Publish, and wherever
// there is a goroutine for it, a waiter; in PublishAsync, where there is none, the Pending.
type outgoing struct {
	ctx         publishContext
	producer    *Producer
	publication *Publication
	message     Message
	room        *[]byte // that the body stands in, when that may be used again; see keepRoom
	begun       time.Time

	attempts int
	nacks    int
	doubt    error // why an earlier attempt may have been delivered

	// For outstanding: the neighbours in its list, and whom to tell that the time is
	// over. One of waiter and pending is nil.
	before, after *outgoing
	listed        bool
	waiter        *waiter
	pending       *Pending
	watch         *watch // of the caller's context; nil if that cannot end or somebody waits
}

// The waits before a message is sent again: after it was not sent, which mostly
// means that a channel died under it, and after the broker refused it.
var (
	notSentBackoff = Backoff{Min: time.Millisecond, Max: 100 * time.Millisecond}
	nackBackoff    = Backoff{Min: 50 * time.Millisecond, Max: 2 * time.Second}
)

// run makes attempts until one ends the matter or the publish's time is over, and
// returns the last one's settlement. It waits with w until ctx ends or w is woken.
func (o *outgoing) run(ctx context.Context, w *waiter) Settlement {
	for {
		channel, settlement := o.channel()
		if channel == nil {
			return settlement
		}
		channel.Publish(&o.ctx, &o.message, w.settle)
		settlement = w.wait(ctx)
		if w.unsettled { // the time is over; w has room for the settlement that may still come
			return settlement
		}
		wait, again := o.again(settlement)
		if !again || !sleep(&o.ctx, wait) {
			return settlement
		}
	}
}

// channel asks the source for a channel. If there is none, it returns how the
// publish ends.
func (o *outgoing) channel() (ProducerChannel, Settlement) {
	o.attempts++
	channel, err := o.producer.source.ProducerChannel(&o.ctx, o.producer.declarations)
	if err != nil {
		return nil, Settlement{Outcome: NotSent, Err: err}
	}
	return channel, Settlement{}
}

// again decides whether to send the message again after an attempt that settled so,
// and after which wait.
func (o *outgoing) again(s Settlement) (wait time.Duration, again bool) {
	switch s.Outcome {
	case NotSent:
		wait, again = notSentBackoff.jittered(o.attempts-1), !isType[unsendable](s.Err) && !isType[*ChannelError](s.Err)
	case Nacked:
		o.doubt = ErrNacked
		o.nacks++
		wait, again = nackBackoff.jittered(o.nacks-1), o.nacks <= o.nackRetries()
	case Unknown:
		o.doubt = s.Err
		o.ctx.alone = isType[suspected](s.Err)
		again = !o.producer.config.atMostOnce && !isType[convicted](s.Err)
		if o.attempts > 1 { // the first retry need not wait: the channel that died is no longer offered
			wait = notSentBackoff.jittered(o.attempts - 2)
		}
	}
	if !again || o.ctx.Err() != nil {
		return 0, false
	}
	if o.producer.config.observed {
		o.producer.config.observer.Observe(PublishRetried{
			Publication: o.publication.Name, MessageID: o.message.MessageID,
			Outcome: s.Outcome, Attempts: o.attempts, Err: s.Err,
		})
	}
	return wait, true
}

// nackRetries returns how often the message is published again after a nack. Unless the
// producer says otherwise that is only done where a single queue can have refused it: where
// there are several, those that took it would get a copy each time.
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

// finish turns the last settlement into what the caller gets, and tells those who
// listen.
func (o *outgoing) finish(s Settlement) (Receipt, error) {
	o.ctx.end(context.Canceled)
	outcome, err := o.verdict(s)
	if err != nil {
		err = fmt.Errorf("publish %s: %w", o.publication.Name, err)
	}
	if o.producer.config.observed {
		o.producer.config.observer.Observe(Published{
			Publication: o.publication.Name, Exchange: o.message.Exchange, RoutingKey: o.message.RoutingKey,
			MessageID: o.message.MessageID, Size: len(o.message.Body),
			Outcome: outcome, Attempts: o.attempts, Took: time.Since(o.begun), Err: err,
		})
	}
	if s.Outcome == Returned {
		o.producer.hooks.returned(&ReturnedError{Message: &o.message, Reply: s.Reply})
	}
	if err == nil && o.attempts == 1 { // no earlier attempt is left, and nobody has been given the message
		o.keepRoom()
	}
	return Receipt{MessageID: o.message.MessageID, Attempts: o.attempts}, err
}

// verdict says what became of the message in the end. An attempt that may have been
// delivered outweighs whatever became of those that followed it, except success.
func (o *outgoing) verdict(s Settlement) (Outcome, error) {
	var err error
	switch s.Outcome {
	case Acked, Written:
		return s.Outcome, nil
	case Nacked:
		return Nacked, ErrNacked
	case Returned:
		err = &ReturnedError{Message: &o.message, Reply: s.Reply}
	case NotSent:
		err = fmt.Errorf("%w: %w", ErrNotSent, s.Err)
	default:
		return Unknown, o.unknown(s.Err)
	}
	if o.doubt != nil {
		return Unknown, o.unknown(fmt.Errorf("%w, after: %w", err, o.doubt))
	}
	return s.Outcome, err
}

func (o *outgoing) unknown(err error) *UnknownError {
	return &UnknownError{
		MessageID: o.message.MessageID, Exchange: o.message.Exchange, RoutingKey: o.message.RoutingKey,
		Waited: time.Since(o.begun), Err: err,
	}
}
