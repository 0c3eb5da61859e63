package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// A PublishMiddleware sees each message before it is published, and may change or refuse it. It is
// called once for each publish, not for each attempt, on the goroutine that calls Publish or
// PublishAsync, after the body has been encoded and before it is encrypted. What it waits for
// counts in the publish's timeout: ctx is the caller's context, and also ends with that timeout.
//
// It may change every field of m. m.Headers is never nil and belongs to this publish, but the
// values in it may be the caller's. The message id may be replaced but not removed. The body may be
// replaced, and is not validated again; its bytes must not be written to, because they may be the
// caller's payload. The reply-to and the correlation id of a call (see Caller) must stay, or its
// reply is not recognised. Nothing of m may be used after the middleware has returned: its memory is
// used again.
//
// If err is not nil, nothing is published: the publish ends at once, as OutcomeNotSent, and its
// error wraps err. A panic has the same effect, with a *PanicError. Otherwise done, which may be
// nil, is called once with what the publish returns, before the caller gets it: on the goroutine of
// the caller or, after PublishAsync, usually on the one that reads from the broker. So it must not
// block. A panic of done is observed as a MiddlewarePanickedEvent and changes nothing else.
//
// Several middleware are called in their order; the first is outermost, so its done is called last.
// Those of a connection (Broker.PublishMiddleware) precede those of a source (Intercept), which
// precede those of a producer (WithPublishMiddleware). Of a pool's connections the first counts, of
// an active/passive pair the active side, whichever side is in use.
//
// A publish that fails before it has a body passes none, for example because the producer is closed
// or the payload is invalid. Neither does what a consumer's recovery publishes: dead letters and
// retries are copies. The replies of ReplyWith pass the middleware of the consumer's source, with
// the context of the handler.
type PublishMiddleware func(ctx context.Context, m *Message) (done func(Receipt, error), err error)

// WithPublishMiddleware calls middleware for each message of a producer; the first is outermost.
func WithPublishMiddleware(middleware ...PublishMiddleware) ProducerOption {
	return producerOption(func(c *producerConfig) { c.middleware = append(c.middleware, middleware...) })
}

// Intercept returns source with middleware for what all its producers publish; the first is
// outermost. Everything else is source's.
func Intercept(source Source, middleware ...PublishMiddleware) Source {
	return interceptedSource{source, slices.Clone(middleware)}
}

// InterceptProducers is like Intercept, for sources that serve producers only, such as pools of
// channels.
func InterceptProducers(source ProducerSource, middleware ...PublishMiddleware) ProducerSource {
	return interceptedProducers{source, slices.Clone(middleware)}
}

// interceptedSource adds middleware to a source.
type interceptedSource struct {
	Source
	middleware []PublishMiddleware
}

// Info implements Source.
func (s interceptedSource) Info() SourceInfo { return s.Source.Info().with(s.middleware) }

// interceptedProducers adds middleware to a source that serves producers only.
type interceptedProducers struct {
	ProducerSource
	middleware []PublishMiddleware
}

// Info implements ProducerSource.
func (s interceptedProducers) Info() SourceInfo { return s.ProducerSource.Info().with(s.middleware) }

// with returns i with middleware inside of those that it has.
func (i SourceInfo) with(middleware []PublishMiddleware) SourceInfo {
	i.PublishMiddleware = slices.Concat(i.PublishMiddleware, middleware)
	return i
}

// interceptions are the middleware that a message has passed and that wait for its end.
type interceptions struct {
	innermost *interception
}

type interception struct {
	done  func(Receipt, error)
	outer *interception
}

var errNoMessageID = errors.New("the message id has been removed: wanted one, by which a consumer recognises a duplicate")

// pass calls the middleware. If it returns an error, those that m has passed still wait for end.
func (i *interceptions) pass(ctx context.Context, m *Message, middleware []PublishMiddleware) error {
	if m.Headers == nil {
		m.Headers = make(Headers)
	}
	for _, middleware := range middleware {
		done, err := callMiddleware(ctx, m, middleware)
		if err == nil && m.MessageID == "" {
			err = errNoMessageID
		}
		if err != nil {
			return fmt.Errorf("middleware: %w", err)
		}
		if done != nil {
			i.innermost = &interception{done, i.innermost}
		}
		if m.Headers == nil { // for the next one
			m.Headers = make(Headers)
		}
	}
	return nil
}

func callMiddleware(ctx context.Context, m *Message, middleware PublishMiddleware) (done func(Receipt, error), err error) {
	defer catch(&err)
	return middleware(ctx, m)
}

// end calls what the middleware have returned, the innermost first, with the result of the publish,
// and panicked for each that panics.
func (i *interceptions) end(receipt Receipt, err error, panicked func(error)) {
	for i.innermost != nil {
		done := i.innermost.done
		i.innermost = i.innermost.outer
		if err := callDone(done, receipt, err); err != nil {
			panicked(err)
		}
	}
}

// endMiddleware ends the middleware of a publish.
func (o *outgoing) endMiddleware(receipt Receipt, err error) {
	o.intercepted.end(receipt, err, func(panicked error) {
		o.producer.config.observer.Observe(o.ctx.caller, MiddlewarePanickedEvent{
			Publication: o.publication.Name, MessageID: receipt.MessageID, Err: panicked,
		})
	})
}

func callDone(done func(Receipt, error), receipt Receipt, err error) (panicked error) {
	defer catch(&panicked)
	done(receipt, err)
	return nil
}

// errEscaped is the reason of a publish that code of the user has ended: a source or an observer.
var errEscaped = errors.New("the goroutine of the publish panicked or ended")

// escape ends the middleware of a publish that will not finish, because its goroutine panics or
// ends.
func (o *outgoing) escape() {
	if o.intercepted.innermost != nil {
		o.endMiddleware(o.receipt(), fmt.Errorf("publish %s: %w", o.publication.Name, o.unknownAfter(errEscaped)))
	}
}
