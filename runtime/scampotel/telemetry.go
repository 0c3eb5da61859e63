// Package scampotel reports what package runtime does to OpenTelemetry: a trace that follows each
// message from its publish through retries to its handler or a dead letter, and metrics. Names and
// attributes are those of the semantic conventions for RabbitMQ; docs/observability.md lists them.
//
// Two lines instrument a program:
//
//	broker := scampotel.Instrument(runtime.Broker{URL: os.Getenv("AMQP_URL")})
//	connection := runtime.DedicatedConnection(broker)
//
// It is a module of its own, so that a program that does not use OpenTelemetry does not depend on
// it.
package scampotel

import (
	"slices"

	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// scope is the name of the tracer and of the meter.
const scope = "github.com/scampgen/scampgen/runtime/scampotel"

// Telemetry makes spans and measurements. It is a runtime.Observer. Make one for a program with
// New; many goroutines may use it.
type Telemetry struct {
	config     config
	tracer     trace.Tracer
	meter      metric.Meter
	propagator propagation.TextMapPropagator
	metrics    *metrics
}

// Instrument returns broker with the publish middleware, the consumer middleware and the observer of
// a new Telemetry: see Telemetry.Instrument.
func Instrument(broker runtime.Broker, options ...Option) runtime.Broker {
	return New(options...).Instrument(broker)
}

// New returns a Telemetry. Without options it uses OpenTelemetry's global providers, which may also
// be set later. The propagator is the global one if that has been set, and otherwise that of W3C
// trace context and baggage. Errors are reported to otel.Handle.
func New(options ...Option) *Telemetry {
	c := config{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider(), propagator: otel.GetTextMapPropagator()}
	for _, option := range options {
		option(&c)
	}
	if len(c.propagator.Fields()) == 0 { // what OpenTelemetry has if nobody has set one
		c.propagator = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
	}
	t := &Telemetry{
		config:     c,
		tracer:     c.tracers.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL)),
		meter:      c.meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL)),
		propagator: c.propagator,
	}
	t.metrics = newMetrics(t.meter)
	return t
}

// Instrument returns broker with PublishMiddleware and Middleware inside of what it already has, and
// with t as a further observer. If broker has no observer, failures are logged as before.
//
// A source of your own, and the one of scamptest, has no Broker: use runtime.Intercept and
// runtime.WithMiddleware there. A client with an observer of its own (runtime.WithObserver) passes
// its events to t only if that does: see runtime.Observers.
func (t *Telemetry) Instrument(broker runtime.Broker) runtime.Broker {
	broker.PublishMiddleware = append(slices.Clone(broker.PublishMiddleware), t.PublishMiddleware())
	broker.Middleware = append(slices.Clone(broker.Middleware), t.Middleware())
	if broker.Observer == nil {
		broker.Observer = defaultLog{runtime.NewLogObserver(nil)}
	}
	broker.Observer = runtime.Observers(broker.Observer, t)
	return broker
}

// An Option changes what a Telemetry reports.
type Option func(*config)

type config struct {
	tracers     trace.TracerProvider
	meters      metric.MeterProvider
	propagator  propagation.TextMapPropagator
	linked      bool
	sizes       bool
	routingKeys bool
}

// WithTracerProvider sets who makes the spans. The default is OpenTelemetry's global provider.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return func(c *config) { c.tracers = provider }
}

// WithMeterProvider sets who takes the measurements. The default is OpenTelemetry's global provider.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return func(c *config) { c.meters = provider }
}

// WithPropagator sets how the context of a trace is written into headers and read from them.
func WithPropagator(propagator propagation.TextMapPropagator) Option {
	return func(c *config) { c.propagator = propagator }
}

// WithLinkedConsumers begins a new trace with each delivery, which links to the span that sent the
// message. By default the span of a delivery is that span's child as well, so that one trace shows
// the whole path of a message. Use it if one message causes very many others.
func WithLinkedConsumers() Option { return func(c *config) { c.linked = true } }

// WithBodySizes adds the size of the body, before encryption, to the spans: an attribute that the
// conventions have as opt-in.
func WithBodySizes() Option { return func(c *config) { c.sizes = true } }

// WithRoutingKeys puts routing keys into the names of spans and the attributes of metrics. Use it
// only if there are few, because each makes time series of its own. By default they have
// "{routing_key}" instead, except with the default exchange, where it is the name of a queue. The
// attributes of spans always have the routing key.
func WithRoutingKeys() Option { return func(c *config) { c.routingKeys = true } }
