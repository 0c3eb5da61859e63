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
// the consumer's recovery, and the caller gets no reply. A reply is encrypted if its request was,
// with the same profile.
//
// If nobody waits for a reply any more, or the request has no reply-to, there is none: see
// EventReplyDropped.
func ReplyWith[Q, R any](publication *Publication, handle func(context.Context, Q) (R, error)) func(context.Context, Q) error {
	if handle == nil {
		return nil
	}
	return func(ctx context.Context, request Q) error {
		reply, err := handle(ctx, request)
		return setReply(ctx, publication, reply, err)
	}
}

// setReply gives the delivery of ctx its reply. The session publishes it after the handler.
func setReply(ctx context.Context, publication *Publication, reply any, failed error) error {
	delivery := DeliveryFrom(ctx)
	m := &Message{}
	publication.fill(m, time.Now())
	m.Exchange, m.RoutingKey, m.Mandatory = "", delivery.ReplyTo, true
	m.MessageID = newUUID()
	m.CorrelationID = delivery.CorrelationID
	if m.CorrelationID == "" {
		m.CorrelationID = delivery.MessageID
	}
	refusal, refused := errors.AsType[*ReplyError](failed)
	switch {
	case refused:
		m.Headers = Headers{replyErrorHeader: refusal.Code, replyErrorTextHeader: truncate(refusal.Text, maxErrorText)}
		m.ContentType = ""
	case failed != nil:
		return failed
	default:
		if err := m.encode(reply); err != nil {
			return fmt.Errorf("reply %s: %w", publication.Name, err)
		}
		if delivery.profile != nil {
			delivery.profile.encrypt(m)
		}
	}
	delivery.reply = m
	return nil
}

// reply publishes the reply of a handled delivery until the broker has it, and then acknowledges
// the delivery. It gives up when the delivery can no longer be answered, or when the consumer stops
// during a wait: the broker delivers the request again.
func (s *session) reply(f *failure) {
	delivery := f.delivery
	if delivery.reply.RoutingKey == "" {
		s.dropReply(f, errors.New("the request has no reply-to"))
		return
	}
	for attempt := 0; ; attempt++ {
		settlement := s.republish(delivery.reply, nil)
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
		if !sleep(s.run.ctx, republishBackoff.jittered(attempt)) {
			s.leave(f.ctx, delivery)
			return
		}
	}
}

// dropReply acknowledges a request whose reply nobody can receive.
func (s *session) dropReply(f *failure, reason error) {
	s.consumer.report(f.ctx, f.event(EventReplyDropped, reason))
	s.acknowledge(f.ctx, f.delivery)
}
