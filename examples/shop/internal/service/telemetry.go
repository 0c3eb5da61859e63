package service

import (
	"context"
	"errors"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/scampgen/scampgen/runtime/scampotel"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Telemetry sends traces to where OTEL_EXPORTER_OTLP_ENDPOINT says, if it does, and answers Prometheus.
type Telemetry struct {
	http.Handler
	*scampotel.Telemetry

	traces  *trace.TracerProvider
	metrics *metric.MeterProvider
}

// StartTelemetry makes everything in the program that uses OpenTelemetry report to the result.
func StartTelemetry(ctx context.Context, name string) (*Telemetry, error) {
	program := resource.NewWithAttributes(semconv.SchemaURL, semconv.ServiceName(name))
	traces := []trace.TracerProviderOption{trace.WithResource(program)}
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" {
		exporter, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, err
		}
		traces = append(traces, trace.WithBatcher(exporter))
	}
	reader, err := prometheus.New()
	if err != nil {
		return nil, err
	}
	t := &Telemetry{
		Handler: promhttp.Handler(),
		traces:  trace.NewTracerProvider(traces...),
		metrics: metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(program)),
	}
	otel.SetTracerProvider(t.traces)
	otel.SetMeterProvider(t.metrics)
	t.Telemetry = scampotel.New()
	return t, nil
}

// Close sends what has not been sent.
func (t *Telemetry) Close(ctx context.Context) error {
	return errors.Join(t.traces.Shutdown(ctx), t.metrics.Shutdown(ctx))
}
