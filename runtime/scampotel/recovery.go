package scampotel

import (
	"context"
	"time"

	"github.com/scampgen/scampgen/runtime"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// recoveryOperations are what a consumer's recovery does to a delivery. One that has published it is
// of the type "send", one that only answers it of the type "settle".
var recoveryOperations = map[runtime.ConsumerEventKind]string{
	runtime.EventRetried:      "retry",
	runtime.EventForwarded:    "forward",
	runtime.EventDeadLettered: "dead-letter",
	runtime.EventDiscarded:    "discard",
}

// recovered makes a span for what recovery has done, from the failure to the broker's confirm. It is
// a child of the failed attempt. The context in the headers stays that of the span that sent the
// message, so it is not a producer's span.
func (t *Telemetry) recovered(ctx context.Context, e runtime.ConsumerEvent) {
	name, ok := recoveryOperations[e.Kind]
	if !ok || e.Delivery == nil {
		return
	}
	op, to := operation{name, semconv.MessagingOperationTypeSettle}, t.receivedFrom(e.Delivery)
	if e.Target != "" {
		op.kind, to = semconv.MessagingOperationTypeSend, t.sentTo("", e.Target)
	}
	parent := lastAttempt(e.Delivery.Headers)
	if !parent.IsValid() { // no attempt was made: it was redelivered too often
		parent = t.creationContext(e.Delivery.Headers)
	}
	now := time.Now()
	ctx, span := t.tracer.Start(trace.ContextWithSpanContext(ctx, parent), op.name+" "+to.label(),
		trace.WithTimestamp(now.Add(-e.Took)), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(t.ofDelivery(op, &to, e.Delivery)...))
	span.End(trace.WithTimestamp(now))
	t.metrics.operation.RecordSet(ctx, e.Took.Seconds(), ofMetric(op, &to, e.Delivery.Address(), nil))
}
