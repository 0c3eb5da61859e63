package scampotel

import (
	"context"
	"errors"
	"time"

	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Middleware returns a middleware for consumers. It makes a span for each call of a handler, in
// whose context the handler runs, and measures it. The span is a child of the one that sent the
// message, and links to it: see WithLinkedConsumers. After a retry it also links to the failed
// attempt before.
func (t *Telemetry) Middleware() runtime.Middleware {
	return func(next runtime.Handler) runtime.Handler {
		return func(ctx context.Context, delivery *runtime.Delivery) (err error) {
			p := t.begin(ctx, delivery)
			returned := false
			defer func() {
				if returned {
					p.end(err)
					return
				}
				if value := recover(); value != nil {
					p.end(&runtime.PanicError{Value: value})
					panic(value) // the consumer makes it an error
				}
				p.end(errExited)
			}()
			err = next(p.ctx, delivery)
			returned = true
			return err
		}
	}
}

// errExited is the error of a handler that ends its goroutine, for which the consumer has one of its
// own.
var errExited error = &runtime.PanicError{Value: errors.New("the handler ended its goroutine")}

// A process is one call of a handler.
type process struct {
	telemetry *Telemetry
	delivery  *runtime.Delivery
	from      destination
	address   string
	ctx       context.Context
	span      trace.Span
	began     time.Time
}

func (t *Telemetry) begin(ctx context.Context, delivery *runtime.Delivery) process {
	p := process{telemetry: t, delivery: delivery, from: t.receivedFrom(delivery), address: delivery.Address(), began: time.Now()}
	ambient := trace.SpanContextFromContext(ctx)
	ctx = t.propagator.Extract(ctx, carrier(delivery.Headers))
	creation := trace.SpanContextFromContext(ctx)
	if creation.Equal(ambient) { // the headers have none
		creation = trace.SpanContext{}
	}
	links := link(link(nil, creation, "creation"), lastAttempt(delivery.Headers), "failed attempt")
	switch {
	case t.config.linked:
		ctx = trace.ContextWithSpanContext(ctx, ambient)
	case creation.IsValid():
		links = link(links, ambient, "ambient")
	}
	p.ctx, p.span = t.tracer.Start(ctx, processing.name+" "+p.from.label(), trace.WithTimestamp(p.began), //nolint:spancheck // end ends it
		trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(t.ofDelivery(processing, &p.from, delivery)...), trace.WithLinks(links...))
	t.metrics.handling.Add(p.ctx, 1)
	if t.metrics.consumed.Enabled(p.ctx) {
		t.metrics.consumed.AddSet(p.ctx, 1, ofMetric(processing, &p.from, p.address, nil))
	}
	return p
}

// end ends the span. If the handler has failed, what recovery publishes will name the span.
func (p *process) end(err error) {
	if err != nil {
		p.delivery.Headers = withAttempt(p.delivery.Headers, p.span.SpanContext())
	}
	t := p.telemetry
	took := end(p.span, p.began, err)
	t.metrics.handling.Add(p.ctx, -1)
	if t.metrics.process.Enabled(p.ctx) {
		t.metrics.process.RecordSet(p.ctx, took, ofMetric(processing, &p.from, p.address, err))
	}
}

// link adds a link to a span, if that is valid, with the role that it has.
func link(links []trace.Link, span trace.SpanContext, role string) []trace.Link {
	if !span.IsValid() {
		return links
	}
	return append(links, trace.Link{SpanContext: span, Attributes: []attribute.KeyValue{linkKey.String(role)}})
}
