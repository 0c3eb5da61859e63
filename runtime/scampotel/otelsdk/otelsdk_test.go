package otelsdk_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scampotel/otelsdk"
	"github.com/scampgen/scampgen/runtime/scamptest"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// An exporter keeps what it is given.
type exporter struct {
	spans []sdktrace.ReadOnlySpan
	ended int
}

func (e *exporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	e.spans = append(e.spans, spans...)
	return nil
}

func (e *exporter) Shutdown(context.Context) error {
	e.ended++
	return nil
}

// start is what a program has in one line: an exporter's constructor returns an error beside it.
func start(t *testing.T, exporter *exporter, reader sdkmetric.Reader, failed error) (*otelsdk.Telemetry, error) {
	t.Helper()
	traces, meters, propagator := otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetTextMapPropagator()
	t.Cleanup(func() {
		otel.SetTracerProvider(traces)
		otel.SetMeterProvider(meters)
		otel.SetTextMapPropagator(propagator)
	})
	newExporter := func() (sdktrace.SpanExporter, error) { return exporter, nil }
	newReader := func() (sdkmetric.Reader, error) { return reader, failed }
	return otelsdk.Start(t.Context(), "orders", otelsdk.WithTraces(newExporter()), otelsdk.WithMetrics(newReader()))
}

// publish makes a span and a measurement.
func publish(t *testing.T, telemetry *otelsdk.Telemetry) {
	t.Helper()
	source := runtime.Intercept(scamptest.New(), telemetry.PublishMiddleware())
	producer, err := runtime.NewProducer(t.Context(), source, &runtime.Declarations{Queues: []runtime.Queue{{Name: "q"}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = producer.Publish(t.Context(), &runtime.Publication{Name: "M", RoutingKey: "q"}, "x")
	if err = errors.Join(err, producer.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// TestStart finds a publish, and a span of other instrumentation, in what Close has sent.
func TestStart(t *testing.T) {
	exporter, reader := new(exporter), sdkmetric.NewManualReader()
	telemetry, err := start(t, exporter, reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, telemetry)
	_, span := otel.Tracer("other").Start(t.Context(), "other")
	span.End()
	var collected metricdata.ResourceMetrics
	if err := errors.Join(reader.Collect(t.Context(), &collected), telemetry.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if len(exporter.spans) != 2 || exporter.ended != 1 {
		t.Fatalf("%d spans, want 2; ended %d times", len(exporter.spans), exporter.ended)
	}
	if says := exporter.spans[0].Resource().String(); !strings.Contains(says, "service.name=orders") {
		t.Errorf("the program is %s", says)
	}
	if len(collected.ScopeMetrics) == 0 {
		t.Error("nothing was measured")
	}
}

// TestEnvironment: what operators say goes before what the program says.
func TestEnvironment(t *testing.T) {
	t.Setenv("OTEL_SERVICE_NAME", "orders-canary")
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	exporter, reader := new(exporter), sdkmetric.NewManualReader()
	telemetry, err := start(t, exporter, reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, telemetry)
	if err := telemetry.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if says := exporter.spans[0].Resource().String(); !strings.Contains(says, "service.name=orders-canary") {
		t.Errorf("the program is %s", says)
	}
	if err := reader.Collect(t.Context(), new(metricdata.ResourceMetrics)); !errors.Is(err, sdkmetric.ErrReaderNotRegistered) {
		t.Errorf("the reader is in use: %v", err)
	}

	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	if telemetry, err = start(t, exporter, reader, nil); err != nil {
		t.Fatal(err)
	}
	publish(t, telemetry)
	if err := telemetry.Close(t.Context()); err != nil || len(exporter.spans) != 1 {
		t.Errorf("%d spans, want that of before; %v", len(exporter.spans), err)
	}
}

// TestStartFails returns the error of one constructor, and ends what another one has made.
func TestStartFails(t *testing.T) {
	exporter, failed := new(exporter), errors.New("no registry")
	before := otel.GetTracerProvider()
	if telemetry, err := start(t, exporter, nil, failed); telemetry != nil || !errors.Is(err, failed) {
		t.Errorf("got %v, %v", telemetry, err)
	}
	if exporter.ended != 1 || otel.GetTracerProvider() != before {
		t.Errorf("ended %d times, want once, with the provider of before", exporter.ended)
	}
}
