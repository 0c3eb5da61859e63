package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// publish is one message on its way through as many attempts as it takes.
type publish struct {
	producer    *Producer
	publication *Publication
	message     Message
	begun       time.Time

	attempts int
	nacks    int
	culprit  int   // attempts whose channel the broker closed for a mistake
	doubt    error // why an earlier attempt may have been delivered
}

// maxCulprit is how often a message may be on a channel that the broker closes for
// somebody's mistake before the mistake is taken to be the message's.
const maxCulprit = 3

// The waits before a message is sent again: after it was not sent, which mostly
// means that a channel died under it, and after the broker refused it.
var (
	notSentBackoff = Backoff{Min: time.Millisecond, Max: 100 * time.Millisecond}
	nackBackoff    = Backoff{Min: 50 * time.Millisecond, Max: 2 * time.Second}
)

// run makes attempts until one ends the matter or ctx ends, and returns the last
// one's settlement.
func (p *publish) run(ctx context.Context) Settlement {
	for {
		channel, settlement := p.channel(ctx)
		if channel == nil {
			return settlement
		}
		settlement = p.producer.publishOnce(ctx, channel, &p.message)
		wait, again := p.again(ctx, settlement)
		if !again || !sleep(ctx, wait) {
			return settlement
		}
	}
}

// channel asks the source for a channel. If there is none, it returns how the
// publish ends.
func (p *publish) channel(ctx context.Context) (ProducerChannel, Settlement) {
	p.attempts++
	channel, err := p.producer.source.ProducerChannel(ctx, p.producer.declarations)
	if err != nil {
		return nil, Settlement{Outcome: NotSent, Err: err}
	}
	return channel, Settlement{}
}

// again decides whether to send the message again after an attempt that settled so,
// and after which wait.
func (p *publish) again(ctx context.Context, s Settlement) (wait time.Duration, again bool) {
	switch s.Outcome {
	case NotSent:
		wait, again = notSentBackoff.jittered(p.attempts-1), !isUnsendable(s.Err)
	case Nacked:
		p.nacks++
		wait, again = nackBackoff.jittered(p.nacks-1), p.nacks <= p.producer.config.nackRetries
	case Unknown:
		p.doubt = s.Err
		again = !p.producer.config.atMostOnce && !p.blamed(s.Err)
	}
	if ctx.Err() != nil {
		return 0, false
	}
	if again {
		p.producer.config.observer.Observe(PublishRetried{
			Publication: p.publication.Name, MessageID: p.message.MessageID,
			Outcome: s.Outcome, Attempts: p.attempts, Err: s.Err,
		})
	}
	return wait, again
}

// blamed says whether the broker closed the channel because of this message, as far
// as can be told: then each further attempt would cost another channel.
func (p *publish) blamed(err error) bool {
	var mistake *ChannelError
	if !errors.As(err, &mistake) {
		return false
	}
	p.culprit++
	return mistake.blames(&p.message) || p.culprit >= maxCulprit
}

// finish turns the last settlement into what the caller gets, and tells those who
// listen.
func (p *publish) finish(s Settlement) (Receipt, error) {
	outcome, err := p.verdict(s)
	if err != nil {
		err = fmt.Errorf("publish %s: %w", p.publication.Name, err)
	}
	p.producer.config.observer.Observe(Published{
		Publication: p.publication.Name, Exchange: p.message.Exchange, RoutingKey: p.message.RoutingKey,
		MessageID: p.message.MessageID, Size: len(p.message.Body),
		Outcome: outcome, Attempts: p.attempts, Took: time.Since(p.begun), Err: err,
	})
	var returned *ReturnedError
	if errors.As(err, &returned) {
		p.producer.hooks.returned(returned)
	}
	return Receipt{MessageID: p.message.MessageID, Attempts: p.attempts}, err
}

// verdict says what became of the message in the end. An attempt that may have been
// delivered outweighs whatever became of those that followed it, except success.
func (p *publish) verdict(s Settlement) (Outcome, error) {
	var err error
	switch s.Outcome {
	case Acked, Written:
		return s.Outcome, nil
	case Nacked:
		err = ErrNacked
	case Returned:
		err = &ReturnedError{Message: &p.message, Reply: s.Reply}
	case NotSent:
		err = fmt.Errorf("%w: %w", ErrNotSent, s.Err)
	default:
		return Unknown, &UnknownError{MessageID: p.message.MessageID, Err: s.Err}
	}
	if p.doubt != nil {
		return Unknown, &UnknownError{MessageID: p.message.MessageID, Err: fmt.Errorf("%w, after: %w", err, p.doubt)}
	}
	return s.Outcome, err
}

// notSent is the error of a publish that ended before its first attempt.
func (p *publish) notSent(err error) error {
	_, err = p.finish(Settlement{Outcome: NotSent, Err: err})
	return err
}

// unsendable is the error of a message that no channel will ever take.
type unsendable struct{ error }

func (e unsendable) Unwrap() error { return e.error }

func isUnsendable(err error) bool {
	var never unsendable
	return errors.As(err, &never)
}

// publishOnce publishes m on channel and waits for its settlement, or until ctx ends:
// then it is Unknown.
func publishOnce(ctx context.Context, channel ProducerChannel, m *Message) Settlement {
	settlement, _ := newWaiter().publish(ctx, channel, m)
	return settlement
}

// waiter waits for one settlement.
type waiter struct {
	settled chan Settlement
	settle  func(Settlement)
}

func newWaiter() *waiter {
	w := &waiter{settled: make(chan Settlement, 1)}
	w.settle = func(s Settlement) { w.settled <- s }
	return w
}

// publish publishes m and waits. The waiter can be used again if settled is true; if
// not, ctx has ended and the channel's settlement may still come.
func (w *waiter) publish(ctx context.Context, channel ProducerChannel, m *Message) (s Settlement, settled bool) {
	channel.Publish(ctx, m, w.settle)
	select {
	case s := <-w.settled:
		return s, true
	case <-ctx.Done():
		return Settlement{Outcome: Unknown, Err: context.Cause(ctx)}, false
	}
}

// attempt passes one settlement on to next: the channel's, or Unknown when ctx ends
// before that.
type attempt struct {
	next    func(Settlement)
	settled atomic.Bool
	forget  func() bool
}

// watch begins to look at ctx. It is called before the attempt can settle.
func (a *attempt) watch(ctx context.Context) {
	a.forget = context.AfterFunc(ctx, func() {
		if !a.settled.Swap(true) {
			a.next(Settlement{Outcome: Unknown, Err: context.Cause(ctx)})
		}
	})
}

func (a *attempt) settle(s Settlement) {
	if !a.settled.Swap(true) {
		a.forget()
		a.next(s)
	}
}
