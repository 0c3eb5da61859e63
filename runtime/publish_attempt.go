package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// publish is one message on its way through as many attempts as it takes.
type publish struct {
	patience
	producer    *Producer
	publication *Publication
	message     Message
	begun       time.Time

	attempts int
	nacks    int
	culprit  int   // attempts whose channel the broker closed for a mistake
	doubt    error // why an earlier attempt may have been delivered

	// What progress needs: the neighbours in its list, and whom to tell that the
	// time is over: the goroutine that waits, or the Pending.
	before, after *publish
	waiter        *waiter
	pending       *Pending
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

// run makes attempts until one ends the matter or the publish's time is over, and
// returns the last one's settlement. It waits with w until ctx ends or w is woken.
func (p *publish) run(ctx context.Context, w *waiter) Settlement {
	for {
		channel, settlement := p.channel()
		if channel == nil {
			return settlement
		}
		channel.Publish(&p.patience, &p.message, w.settle)
		settlement = w.wait(ctx)
		if w.pending { // the time is over; w has room for the settlement that may still come
			return settlement
		}
		wait, again := p.again(settlement)
		if !again || !sleep(&p.patience, wait) {
			return settlement
		}
	}
}

// channel asks the source for a channel. If there is none, it returns how the
// publish ends.
func (p *publish) channel() (ProducerChannel, Settlement) {
	p.attempts++
	channel, err := p.producer.source.ProducerChannel(&p.patience, p.producer.declarations)
	if err != nil {
		return nil, Settlement{Outcome: NotSent, Err: err}
	}
	return channel, Settlement{}
}

// again decides whether to send the message again after an attempt that settled so,
// and after which wait.
func (p *publish) again(s Settlement) (wait time.Duration, again bool) {
	switch s.Outcome {
	case NotSent:
		wait, again = notSentBackoff.jittered(p.attempts-1), !isType[unsendable](s.Err)
	case Nacked:
		p.nacks++
		wait, again = nackBackoff.jittered(p.nacks-1), p.nacks <= p.producer.config.nackRetries
	case Unknown:
		p.doubt = s.Err
		again = !p.producer.config.atMostOnce && !p.blamed(s.Err)
	}
	if !again || p.patience.Err() != nil {
		return 0, false
	}
	if p.producer.config.observed {
		p.producer.config.observer.Observe(PublishRetried{
			Publication: p.publication.Name, MessageID: p.message.MessageID,
			Outcome: s.Outcome, Attempts: p.attempts, Err: s.Err,
		})
	}
	return wait, true
}

// blamed says whether the broker closed the channel because of this message, as far
// as can be told: then each further attempt would cost another channel.
func (p *publish) blamed(err error) bool {
	mistake, ok := errors.AsType[*ChannelError](err)
	if !ok {
		return false
	}
	p.culprit++
	return mistake.blames(&p.message) || p.culprit >= maxCulprit
}

// blames says whether the broker closed the channel because of the message m itself, as
// far as its words tell: it names the exchange that m was published to, or what is wrong
// with m and with no other.
func (e *ChannelError) blames(m *Message) bool {
	switch e.Reply.Code {
	case amqp.NotFound, amqp.AccessRefused:
		return m.Exchange != "" && e.says("exchange '"+m.Exchange+"'")
	case amqp.PreconditionFailed:
		return m.UserID != "" && e.says("user_id property set to '"+m.UserID+"'") ||
			m.ReplyTo == directReplyTo && e.says("fast reply consumer") ||
			e.says(fmt.Sprintf("message size %d ", len(m.Body)))
	}
	return false
}

// directReplyTo stands for a consumer of the channel that publishes. Ours have none.
const directReplyTo = "amq.rabbitmq.reply-to"

func (e *ChannelError) says(text string) bool { return strings.Contains(e.Reply.Text, text) }

// finish turns the last settlement into what the caller gets, and tells those who
// listen.
func (p *publish) finish(s Settlement) (Receipt, error) {
	p.patience.end(context.Canceled)
	outcome, err := p.verdict(s)
	if err != nil {
		err = fmt.Errorf("publish %s: %w", p.publication.Name, err)
	}
	if p.producer.config.observed {
		p.producer.config.observer.Observe(Published{
			Publication: p.publication.Name, Exchange: p.message.Exchange, RoutingKey: p.message.RoutingKey,
			MessageID: p.message.MessageID, Size: len(p.message.Body),
			Outcome: outcome, Attempts: p.attempts, Took: time.Since(p.begun), Err: err,
		})
	}
	if s.Outcome == Returned {
		p.producer.hooks.returned(&ReturnedError{Message: &p.message, Reply: s.Reply})
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

// publishOnce publishes m on channel and waits for its settlement, or until ctx ends:
// then it is Unknown.
func publishOnce(ctx context.Context, channel ProducerChannel, m *Message) Settlement {
	w := newWaiter()
	channel.Publish(ctx, m, w.settle)
	return w.wait(ctx)
}
