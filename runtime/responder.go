package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The headers of a reply that carries a ReplyError.
const (
	replyErrorHeader     = "x-error-code"
	replyErrorTextHeader = "x-error-text"
)

// ReplyWith turns a handler that returns a reply into one for a Route. The reply is published as
// publication says, but to the queue that the request's reply-to names and with the request's
// correlation id, or its message id if it has none. The request is acknowledged when the broker has
// confirmed the reply: a crash in between can duplicate a reply but never lose one.
//
// An error that is or wraps a *ReplyError is published instead of a reply. Any other error goes to
// the consumer's recovery, and the caller gets no reply. A reply is compressed as publication says,
// with the codecs of the consumer, and encrypted if its request was, with the same profile.
//
// If nobody waits for a reply any more, or the request has no reply-to, there is none: see
// EventReplyDropped. Replies pass the publish middleware of the consumer's source.
func ReplyWith[Q, R any](publication *Publication, handle func(context.Context, Q) (R, error)) func(context.Context, Q) error {
	if handle == nil {
		return nil
	}
	return func(ctx context.Context, request Q) error {
		reply, err := handle(ctx, request)
		return setReply(ctx, publication, reply, err)
	}
}

// ReplyWithChoice is ReplyWith for requests with several replies. choose returns the one that a
// handler has chosen, with its publication, and nil if it has chosen none, which is an error.
func ReplyWithChoice[Q, R any](choose func(R) (*Publication, any), handle func(context.Context, Q) (R, error)) func(context.Context, Q) error {
	if handle == nil {
		return nil
	}
	return func(ctx context.Context, request Q) error {
		reply, err := handle(ctx, request)
		publication, chosen := choose(reply)
		if publication == nil {
			publication = &Publication{} // of a ReplyError
			if err == nil {
				err = errors.New("reply: none of the possible replies is set")
			}
		}
		return setReply(ctx, publication, chosen, err)
	}
}

// setReply gives the delivery of ctx its reply. The session publishes it after the handler.
func setReply(ctx context.Context, publication *Publication, payload any, failed error) error {
	delivery := DeliveryFrom(ctx)
	r := &reply{publication: publication.Name, began: time.Now()}
	m := &r.message
	publication.fill(m, r.began)
	m.Exchange, m.RoutingKey, m.Mandatory = "", delivery.ReplyTo, true
	m.MessageID = newUUID(time.Now())
	m.CorrelationID = delivery.CorrelationID
	if m.CorrelationID == "" {
		m.CorrelationID = delivery.MessageID
	}
	refusal, refused := errors.AsType[*ReplyError](failed)
	switch {
	case refused:
		m.Headers = Headers{replyErrorHeader: refusal.Code, replyErrorTextHeader: truncate(refusal.Text, maxErrorText)}
		m.ContentType, m.ContentEncoding = "", "" // it has no body
	case failed != nil:
		return failed
	default:
		if err := m.setBody(payload, true, func(own appender) ([]byte, error) { return own.AppendJSON(nil) }); err != nil {
			return fmt.Errorf("reply %s: %w", publication.Name, err)
		}
	}
	delivery.reply = r
	if delivery.ReplyTo == "" { // it will be dropped
		return nil
	}
	if err := r.intercepted.pass(ctx, m, middlewareForReplies(ctx)); err != nil {
		return fmt.Errorf("reply %s: %w", publication.Name, err)
	}
	if refused { // it has no body
		return nil
	}
	if err := m.seal(delivery.encodings, delivery.profile, func() {}); err != nil {
		return fmt.Errorf("reply %s: %w", publication.Name, err)
	}
	return nil
}

// A reply is what a delivery is answered with before it is acknowledged.
type reply struct {
	message     Message
	publication string // Publication.Name
	began       time.Time
	intercepted interceptions
}

// reply publishes the reply of a handled delivery until the broker has it, and then acknowledges
// the delivery. It gives up when the delivery can no longer be answered, or when the consumer stops
// during a wait: the broker delivers the request again.
func (s *session) reply(f *failure) {
	delivery := f.delivery
	if delivery.ReplyTo == "" {
		s.dropReply(f, errors.New("the request has no reply-to"))
		return
	}
	var settlement Settlement
	attempts := 0
	defer func() {
		_, err := settlement.result(&delivery.reply.message, delivery.reply.began)
		s.endReply(f.ctx, delivery, attempts, err)
	}()
	for {
		attempts++
		settlement = s.republish(&delivery.reply.message, nil)
		switch {
		case settlement.Outcome == OutcomeAcked:
			s.acknowledge(f.ctx, delivery)
			return
		case settlement.Outcome == OutcomeReturned:
			s.dropReply(f, settlement.reason())
			return
		case s.handlers.Err() != nil:
			s.leave(f.ctx, delivery)
			return
		case isPermanent(settlement.Err):
			f.err = fmt.Errorf("publish the reply: %w", settlement.Err)
			s.consumer.report(f.ctx, f.event(EventFailed, f.err))
			s.startRecovery(f)
			return
		}
		s.consumer.report(f.ctx, f.event(EventHeld, fmt.Errorf("publish the reply to queue %q: %w", delivery.ReplyTo, settlement.reason())))
		if !sleep(s.run.ctx, republishBackoff.jittered(attempts-1)) {
			s.leave(f.ctx, delivery)
			return
		}
	}
}

// repliesKey is the key of the publish middleware in the contexts of a run.
type repliesKey struct{}

func middlewareForReplies(ctx context.Context) []PublishMiddleware {
	middleware, _ := ctx.Value(repliesKey{}).([]PublishMiddleware)
	return middleware
}

// endReply ends the middleware that the reply of a delivery has passed, if it has one.
func (s *session) endReply(ctx context.Context, delivery *Delivery, attempts int, err error) {
	r := delivery.reply
	if r == nil {
		return
	}
	if err != nil {
		err = fmt.Errorf("reply %s: %w", r.publication, err)
	}
	receipt := Receipt{MessageID: r.message.MessageID, Attempts: attempts}
	r.intercepted.end(receipt, err, func(panicked error) {
		s.consumer.config.observer.Observe(ctx, MiddlewarePanickedEvent{
			Publication: r.publication, MessageID: receipt.MessageID, Err: panicked,
		})
	})
}

// dropReply acknowledges a request whose reply nobody can receive.
func (s *session) dropReply(f *failure, reason error) {
	s.consumer.report(f.ctx, f.event(EventReplyDropped, reason))
	s.acknowledge(f.ctx, f.delivery)
}
