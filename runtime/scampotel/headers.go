package scampotel

import (
	"context"
	"maps"

	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// attemptHeader has the context of the span in which a handler failed last, as a W3C traceparent, in
// what recovery publishes. The creation context of a message is that of the span that sent it, and
// stays as it is.
const attemptHeader = "x-attempt-traceparent"

// A carrier lets propagators read and write headers.
type carrier runtime.Headers

// Get implements propagation.TextMapCarrier. Some libraries write texts as bytes.
func (c carrier) Get(key string) string {
	switch value := c[key].(type) {
	case string:
		return value
	case []byte:
		return string(value)
	}
	return ""
}

// Set implements propagation.TextMapCarrier.
func (c carrier) Set(key, value string) { c[key] = value }

// Keys implements propagation.TextMapCarrier.
func (c carrier) Keys() []string {
	keys := make([]string, 0, len(c))
	for key := range c {
		keys = append(keys, key)
	}
	return keys
}

// creationContext returns the context of the span that sent a message, if its headers have it.
func (t *Telemetry) creationContext(headers runtime.Headers) trace.SpanContext {
	if len(headers) == 0 {
		return trace.SpanContext{}
	}
	return trace.SpanContextFromContext(t.propagator.Extract(context.Background(), carrier(headers)))
}

// lastAttempt returns the context of the span in which the handler of a delivery failed before, if
// there is one.
func lastAttempt(headers runtime.Headers) trace.SpanContext {
	text := carrier(headers).Get(attemptHeader)
	if text == "" {
		return trace.SpanContext{}
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": text})
	return trace.SpanContextFromContext(ctx)
}

// withAttempt returns a copy of headers that names the span of a failed attempt. The original is not
// changed: a goroutine of the handler may still read it.
func withAttempt(headers runtime.Headers, span trace.SpanContext) runtime.Headers {
	if !span.IsValid() {
		return headers
	}
	written := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), span), written)
	copied := make(runtime.Headers, len(headers)+1)
	maps.Copy(copied, headers)
	copied[attemptHeader] = written["traceparent"]
	return copied
}
