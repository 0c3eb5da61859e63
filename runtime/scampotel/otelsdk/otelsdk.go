// Package otelsdk starts OpenTelemetry's SDK for a program, with the exporters that the program
// chooses, and a scampotel.Telemetry that reports to it:
//
//	telemetry, err := otelsdk.Start(ctx, "orders", otelsdk.WithTraces(otlptracehttp.New(ctx)), otelsdk.WithMetrics(prometheus.New()))
//	if err != nil {
//		return err
//	}
//	defer telemetry.Close(context.WithoutCancel(ctx))
//	connection := runtime.DedicatedConnection(telemetry.Instrument(broker))
//
// A program that makes its providers itself needs only package scampotel, which does not depend on
// the SDK.
package otelsdk

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/scampgen/scampgen/runtime/scampotel"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Telemetry is a scampotel.Telemetry and the SDK that it reports to. Make it with Start; many
// goroutines may use it.
type Telemetry struct {
	*scampotel.Telemetry

	traces  *sdktrace.TracerProvider
	metrics *sdkmetric.MeterProvider
}

// Start makes the providers of traces and metrics and sets them as OpenTelemetry's global ones, with
// the propagator of W3C trace context and baggage, so that other instrumentation of the program
// reports with them too. name is the service's name, unless the environment says another one
// (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES). Without options nothing is exported. It returns the
// errors that options have been given. Call it once, at the beginning, and Close at the end.
func Start(ctx context.Context, name string, options ...Option) (*Telemetry, error) {
	var c config
	for _, option := range options {
		option.apply(&c)
	}
	program, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName(name)), resource.WithFromEnv())
	if err = errors.Join(append(c.errs, err)...); err != nil {
		return nil, fmt.Errorf("start OpenTelemetry: %w", errors.Join(err, c.close(ctx)))
	}
	t := &Telemetry{traces: c.tracerProvider(program), metrics: c.meterProvider(program)}
	otel.SetTracerProvider(t.traces)
	otel.SetMeterProvider(t.metrics)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	t.Telemetry = scampotel.New(c.scampotel...)
	return t, nil
}

// Close sends what has not been sent, no longer than ctx allows, and ends the exporters. Close
// connections before, because their last publishes have spans.
func (t *Telemetry) Close(ctx context.Context) error {
	return errors.Join(t.traces.Shutdown(ctx), t.metrics.Shutdown(ctx))
}

// An Option says what is exported, and to where.
type Option interface{ apply(c *config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	exporters []sdktrace.SpanExporter
	readers   []sdkmetric.Reader
	scampotel []scampotel.Option
	errs      []error
}

// WithTraces exports spans in batches. Its arguments are what constructors of exporters return, so
// that it takes their calls, as WithTraces(otlptracehttp.New(ctx)): an err that is not nil is
// returned by Start. Nothing is exported if the environment has OTEL_TRACES_EXPORTER=none.
func WithTraces(exporter sdktrace.SpanExporter, err error) Option {
	return option(func(c *config) {
		if c.errs = append(c.errs, err); err == nil {
			c.exporters = append(c.exporters, exporter)
		}
	})
}

// WithMetrics exports metrics by reader, such as an exporter for Prometheus or a periodic reader.
// Its arguments are what constructors return, as for WithTraces. Nothing is exported if the
// environment has OTEL_METRICS_EXPORTER=none.
func WithMetrics(reader sdkmetric.Reader, err error) Option {
	return option(func(c *config) {
		if c.errs = append(c.errs, err); err == nil {
			c.readers = append(c.readers, reader)
		}
	})
}

// WithTelemetry passes options on to scampotel.New.
func WithTelemetry(options ...scampotel.Option) Option {
	return option(func(c *config) { c.scampotel = append(c.scampotel, options...) })
}

func (c *config) tracerProvider(program *resource.Resource) *sdktrace.TracerProvider {
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(program)}
	if os.Getenv("OTEL_TRACES_EXPORTER") != "none" {
		for _, exporter := range c.exporters {
			options = append(options, sdktrace.WithBatcher(exporter))
		}
	}
	return sdktrace.NewTracerProvider(options...)
}

func (c *config) meterProvider(program *resource.Resource) *sdkmetric.MeterProvider {
	options := []sdkmetric.Option{sdkmetric.WithResource(program)}
	if os.Getenv("OTEL_METRICS_EXPORTER") != "none" {
		for _, reader := range c.readers {
			options = append(options, sdkmetric.WithReader(reader))
		}
	}
	return sdkmetric.NewMeterProvider(options...)
}

// close ends what options have brought.
func (c *config) close(ctx context.Context) error {
	var errs []error
	for _, exporter := range c.exporters {
		errs = append(errs, exporter.Shutdown(ctx))
	}
	for _, reader := range c.readers {
		errs = append(errs, reader.Shutdown(ctx))
	}
	return errors.Join(errs...)
}
