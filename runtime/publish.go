package runtime

import (
	"context"
	"time"
)

// A Receipt tells how a publish ended well.
type Receipt struct {
	MessageID string // which all attempts had
	Attempts  int    // 1, and one more for each retry
}

// Publish publishes payload as publication says and returns once the broker has
// confirmed it: a nil error means that the broker has the message and that a queue
// took it. It publishes again what did not arrive (see WithTimeout, WithNackRetries and
// AtMostOnce), always with the same message id, and never a message that came back.
//
// The errors are *ReturnedError, ErrNacked, *UnknownError and ErrNotSent;
// MayHaveBeenDelivered tells whether the broker may have the message all the same.
// When ctx ends, Publish returns; when it has ended before, nothing is sent.
//
// A payload with the method Validate() error, as generated messages have it, is asked
// first: one that is not as the contract says is not sent, and the error wraps what
// Validate returned. NotValidated turns that off.
//
// A payload with the method AppendJSON(dst []byte) ([]byte, error) encodes itself, as
// generated messages do. A string is sent as text/plain and a []byte as
// application/octet-stream, unless the publication names a content type; anything
// else is encoded with encoding/json.
//
// The payload must not be changed before the publish has ended.
func (p *Producer) Publish(ctx context.Context, publication *Publication, payload any, options ...PublishOption) (Receipt, error) {
	out := &outgoing{}
	if err := p.prepare(ctx, out, publication, payload, options); err != nil {
		return out.finish(Settlement{Outcome: NotSent, Err: err})
	}
	out.waiter = p.waiter()
	if err := p.outstanding.enter(out); err != nil {
		return out.finish(Settlement{Outcome: NotSent, Err: err})
	}
	settlement := out.run(ctx, out.waiter)
	p.outstanding.leave(out)
	p.keep(out.waiter)
	return out.finish(settlement)
}

// PublishAsync publishes as Publish does and does not wait for the confirm. It waits
// for room in a channel's window, which is how a broker that falls behind slows
// its producers down.
func (p *Producer) PublishAsync(ctx context.Context, publication *Publication, payload any, options ...PublishOption) *Pending {
	pending := &Pending{done: make(chan struct{})}
	out := &pending.out
	out.pending = pending
	err := p.prepare(ctx, out, publication, payload, options)
	if err == nil {
		err = p.outstanding.enter(out)
	}
	if err != nil {
		pending.complete(out.finish(Settlement{Outcome: NotSent, Err: err}))
		return pending
	}
	pending.start()
	return pending
}

// prepare makes the message: everything that can fail without a broker.
func (p *Producer) prepare(ctx context.Context, out *outgoing, publication *Publication, payload any, options []PublishOption) error {
	out.producer, out.publication, out.begun = p, publication, time.Now()
	out.ctx.begin(ctx, out.begun.Add(p.config.timeout))
	publication.fill(&out.message, out.begun)
	for _, option := range options {
		option.applyToPublish(&out.message)
	}
	if out.message.MessageID == "" {
		out.message.MessageID = p.config.nextID()
	}
	if ctx.Err() != nil { // a channel that has room would not look at it
		return context.Cause(ctx)
	}
	return out.encode(payload)
}
