package runtime

import (
	"context"
	"maps"
	"time"
)

// A Receipt describes a successful publish.
type Receipt struct {
	MessageID string // the same in all attempts
	Attempts  int    // 1, plus 1 for each retry
	Address   string // host and port of the node that the last attempt was made at; empty if its source does not say
}

// Publish publishes payload as publication says and returns when the broker has confirmed it: a nil
// error means that the broker has the message and that a queue took it. It publishes again what did
// not arrive (see WithPublishTimeout, WithNackRetries and WithAtMostOnce), always with the same
// message id, but never a message that came back.
//
// The errors are *ReturnedError, ErrNacked, *UnknownError and ErrNotSent; MayHaveBeenDelivered
// tells whether the broker may still have the message. When ctx ends, Publish returns; if it has
// ended before the call, nothing is sent.
//
// If payload has a method Validate() error, as generated messages do, it is called first: an
// invalid message is not sent, and the error wraps what Validate returned. WithoutValidation turns
// that off.
//
// If payload has a method AppendJSON(dst []byte) ([]byte, error), as generated messages do, that
// encodes it; it must not keep dst, whose memory is used again. A string is sent as text/plain and a
// []byte as application/octet-stream, unless the publication sets a content type; anything else is
// encoded with encoding/json. A nil pointer is an error.
//
// The payload must not be changed before the publish has ended.
func (p *Producer) Publish(ctx context.Context, publication *Publication, payload any, options ...PublishOption) (Receipt, error) {
	out := &outgoing{waiter: p.waiter()}
	if err := out.begin(ctx, p, publication); err != nil {
		return out.finish(Settlement{Outcome: OutcomeNotSent, Err: err})
	}
	ended := false
	defer func() {
		p.outstanding.leave(out)
		if ended { // no callback of the user has panicked
			p.keep(out.waiter)
		}
		out.escape()
	}()
	settlement := Settlement{Outcome: OutcomeNotSent}
	if settlement.Err = out.prepare(payload, options); settlement.Err == nil {
		settlement = out.run(ctx, out.waiter)
	}
	ended = true
	return out.finish(settlement)
}

// PublishAsync publishes like Publish but does not wait for the confirm. It waits for room in a
// channel's window: so a broker that falls behind slows its producers down.
func (p *Producer) PublishAsync(ctx context.Context, publication *Publication, payload any, options ...PublishOption) *Pending {
	pending := &asyncPublish{Pending: Pending{done: make(chan struct{})}}
	out := &pending.out
	out.pending = pending
	pending.publish = out
	if err := out.begin(ctx, p, publication); err != nil {
		pending.complete(out.finish(Settlement{Outcome: OutcomeNotSent, Err: err}))
		return &pending.Pending
	}
	returned := false
	defer func() {
		if !returned {
			pending.escape()
		}
	}()
	if err := out.prepare(payload, options); err == nil {
		pending.start()
	} else {
		pending.end(Settlement{Outcome: OutcomeNotSent, Err: err})
	}
	returned = true
	return &pending.Pending
}

// begin starts the publish. It returns ErrClosed, and the publish has ended, if the producer is
// closed.
func (o *outgoing) begin(ctx context.Context, p *Producer, publication *Publication) error {
	o.producer, o.publication = p, publication
	o.ctx.begin(ctx, time.Now().Add(p.config.timeout))
	return p.outstanding.enter(o)
}

// prepare creates the message: everything that can fail without a broker. The time that it takes
// counts.
func (o *outgoing) prepare(payload any, options []PublishOption) error {
	o.publication.fill(&o.message, o.started())
	payload, headers := separate(payload)
	if err := headers.set(&o.message); err != nil {
		return err
	}
	for _, option := range options {
		option.applyToPublish(&o.message)
	}
	correlated := o.publication.correlate(&o.message)
	if !o.producer.config.notValidated {
		if err := headers.check(&o.message, correlated || len(options) > 0); err != nil {
			return err
		}
	}
	if o.message.MessageID == "" {
		o.message.MessageID = o.producer.config.nextID(o.started())
	}
	if err := o.ctx.endCause(); err != nil { // before any work is spent on the message
		return err
	}
	if err := o.encode(payload); err != nil {
		return err
	}
	return o.ctx.endCause() // a channel with room would not check it
}

// A PublishOption changes one publish.
type PublishOption interface {
	applyToPublish(*Message)
}

type publishOption func(*Message)

func (o publishOption) applyToPublish(m *Message) { o(m) }

// WithMessageID sets the message id, for callers that have their own: for example the key of a
// request, by which a consumer recognises a duplicate.
func WithMessageID(id string) PublishOption {
	return publishOption(func(m *Message) { m.MessageID = id })
}

// WithRoutingKey replaces the routing key of the contract.
func WithRoutingKey(key string) PublishOption {
	return publishOption(func(m *Message) { m.RoutingKey = key })
}

// WithHeaders adds headers. They replace those with the same name.
func WithHeaders(headers Headers) PublishOption {
	return publishOption(func(m *Message) {
		if m.Headers == nil {
			m.Headers = make(Headers, len(headers))
		}
		maps.Copy(m.Headers, headers)
	})
}

// WithCorrelationID sets the correlation id, which links a reply to its request: the AMQP property
// and, where the contract has it in a header, that header too. An id in the payload stays as it is.
func WithCorrelationID(id string) PublishOption {
	return publishOption(func(m *Message) { m.CorrelationID = id })
}

// WithReplyTo sets the queue for replies.
func WithReplyTo(queue string) PublishOption {
	return publishOption(func(m *Message) { m.ReplyTo = queue })
}

// WithPriority sets the priority, which matters in queues that have x-max-priority.
func WithPriority(priority uint8) PublishOption {
	return publishOption(func(m *Message) { m.Priority = priority })
}

// WithExpiration sets how long the message may wait in a queue, in whole milliseconds and 10 years
// at most. 0 means no limit; a message with a negative value has expired and is not sent.
func WithExpiration(limit time.Duration) PublishOption {
	return publishOption(func(m *Message) { m.Expiration = limit })
}

// WithTimestamp sets the timestamp property, which has whole seconds.
func WithTimestamp(at time.Time) PublishOption {
	return publishOption(func(m *Message) { m.Timestamp = at })
}

// WithAppID sets the id of the publishing application.
func WithAppID(id string) PublishOption {
	return publishOption(func(m *Message) { m.AppID = id })
}
