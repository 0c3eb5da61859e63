package scampotel

import (
	"context"
	"time"

	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// PublishMiddleware returns a middleware for producers and sources. It makes a span for each publish,
// whose context it writes into the headers, and measures it. The span ends with the publish, so
// that after PublishAsync the span processor is called on the goroutine that reads from the broker:
// it must not block, as the batch processor does not.
//
// If the headers have the context of a trace already, it stays, and the span links to it.
func (t *Telemetry) PublishMiddleware() runtime.PublishMiddleware { return t.send }

func (t *Telemetry) send(ctx context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
	began := time.Now()
	to := t.sentTo(m.Exchange, m.RoutingKey)
	kind, given := trace.SpanKindProducer, t.creationContext(m.Headers)
	if given.IsValid() { // the message does not begin here
		kind = trace.SpanKindClient
	}
	ctx, span := t.tracer.Start(ctx, sending.name+" "+to.label(), trace.WithTimestamp(began), trace.WithSpanKind(kind),
		trace.WithAttributes(t.ofSpan(sending, &to, "", m)...), trace.WithLinks(link(nil, given, "creation")...))
	if !given.IsValid() {
		t.propagator.Inject(ctx, carrier(m.Headers))
	}
	t.metrics.publishing.Add(ctx, 1)

	return func(receipt runtime.Receipt, err error) {
		t.metrics.publishing.Add(ctx, -1)
		span.SetAttributes(server(receipt.Address)...)
		if receipt.Attempts > 1 {
			span.SetAttributes(attemptsKey.Int(receipt.Attempts))
		}
		took := end(span, began, err)
		if m := t.metrics; m.operation.Enabled(ctx) || m.sent.Enabled(ctx) {
			measured := ofMetric(sending, &to, receipt.Address, err)
			m.operation.RecordSet(ctx, took, measured)
			if receipt.Attempts > 0 {
				m.sent.AddSet(ctx, 1, measured)
			}
		}
	}, nil
}

// end ends a span, with the error if there is one, and returns how many seconds it took.
func end(span trace.Span, began time.Time, err error) (seconds float64) {
	now := time.Now()
	if err != nil {
		span.SetAttributes(errorType(err))
		span.SetStatus(codes.Error, err.Error())
	}
	span.End(trace.WithTimestamp(now))
	return now.Sub(began).Seconds()
}
