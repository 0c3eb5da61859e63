package runtime

import (
	"context"
	"fmt"
	"time"
)

// A Receipt tells how a publish ended well.
type Receipt struct {
	MessageID string
	Attempts  int // 1, and one more for each retry
}

// Publish publishes payload as publication says and returns once the broker has
// confirmed it: a nil error means that the broker has the message and that a queue
// took it. It publishes again what did not arrive (see WithTimeout, WithNackRetries and
// AtMostOnce), always with the same message id, and never a message that came back.
//
// The errors are *ReturnedError, ErrNacked, *UnknownError and ErrNotSent;
// MayHaveBeenDelivered tells whether the broker may have the message all the same.
// When ctx ends, Publish returns.
//
// A payload with the method AppendJSON(dst []byte) ([]byte, error) encodes itself, as
// generated messages do. A string is sent as text/plain and a []byte as
// application/octet-stream, unless the publication names a content type; anything
// else is encoded with encoding/json.
func (p *Producer) Publish(ctx context.Context, publication *Publication, payload any, options ...PublishOption) (Receipt, error) {
	one, err := p.prepare(publication, payload, options)
	if err != nil {
		return Receipt{}, err
	}
	ctx, stop, err := p.start(ctx, one)
	if err != nil {
		return Receipt{}, one.notSent(err)
	}
	defer stop()
	return one.finish(one.run(ctx))
}

// PublishAsync publishes as Publish does and does not wait for the confirm. It waits
// for room in a channel's window, which is how a broker that falls behind slows
// its producers down.
func (p *Producer) PublishAsync(ctx context.Context, publication *Publication, payload any, options ...PublishOption) *Pending {
	pending := newPending()
	one, err := p.prepare(publication, payload, options)
	if err != nil {
		pending.complete(Receipt{}, err)
		return pending
	}
	ctx, stop, err := p.start(ctx, one)
	if err != nil {
		pending.complete(Receipt{}, one.notSent(err))
		return pending
	}
	pending.follow(ctx, one, stop)
	return pending
}

// start enters one into the producer. Its context ends with the caller's, after the
// timeout, or when the producer gives up waiting in Close.
func (p *Producer) start(ctx context.Context, one *publish) (context.Context, func(), error) {
	limited, cancelTimeout := context.WithTimeoutCause(ctx, p.config.timeout, errTimeout)
	limited, cancel := context.WithCancelCause(limited)
	stop := func() {
		cancelTimeout()
		cancel(nil)
		p.end(one)
	}
	if err := p.begin(one, cancel); err != nil {
		cancelTimeout()
		return nil, nil, err
	}
	return limited, stop, nil
}

var errTimeout = fmt.Errorf("the publish timeout has passed: %w", context.DeadlineExceeded)

// prepare makes the message: everything that can fail without a broker.
func (p *Producer) prepare(publication *Publication, payload any, options []PublishOption) (*publish, error) {
	one := &publish{producer: p, publication: publication, begun: time.Now()}
	one.message = publication.message(one.begun)
	for _, option := range options {
		option.applyToPublish(&one.message)
	}
	if one.message.MessageID == "" {
		one.message.MessageID = p.config.nextID()
	}
	if err := one.encode(payload); err != nil {
		return nil, one.notSent(err)
	}
	return one, nil
}

// message returns a message without a body.
func (p *Publication) message(now time.Time) Message {
	m := Message{
		Exchange:        p.Exchange,
		RoutingKey:      p.RoutingKey,
		Mandatory:       !p.Optional,
		ReplyTo:         p.ReplyTo,
		Type:            p.Type,
		ContentType:     p.ContentType,
		ContentEncoding: p.ContentEncoding,
		UserID:          p.UserID,
		Persistent:      !p.Transient,
		Priority:        p.Priority,
		Expiration:      p.Expiration,
	}
	if p.Timestamp {
		m.Timestamp = now
	}
	m.copyTo("CC", p.CC)
	m.copyTo("BCC", p.BCC)
	return m
}

// copyTo sets a header that RabbitMQ takes further routing keys from.
func (m *Message) copyTo(header string, keys []string) {
	if len(keys) > 0 {
		m.setHeader(header, keys)
	}
}

func (m *Message) setHeader(name string, value any) {
	if m.Headers == nil {
		m.Headers = make(Headers)
	}
	m.Headers[name] = value
}
