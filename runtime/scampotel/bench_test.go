package scampotel_test

import (
	"context"
	"testing"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scampotel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// instant is a source whose channel acknowledges at once.
type instant struct{}

func (s instant) ProducerChannel(context.Context, runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	return s, nil
}

func (instant) Info() runtime.SourceInfo { return runtime.SourceInfo{} }

func (instant) Publish(_ context.Context, request runtime.PublishRequest) {
	request.Settle(runtime.Settlement{Outcome: runtime.OutcomeAcked})
}

func (instant) Done() <-chan struct{} { return nil }

// discarding drops spans, so that only making them is measured.
type discarding struct{ sdktrace.SpanProcessor }

func (discarding) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discarding) OnEnd(sdktrace.ReadOnlySpan)                     {}

// telemetries are what is measured, against no telemetry at all.
var telemetries = map[string][]scampotel.Option{
	"off":        nil,
	"no SDK":     {},
	"metrics":    {scampotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())))},
	"unsampled":  {scampotel.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())))},
	"spans":      {scampotel.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(discarding{})))},
	"everything": {scampotel.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(discarding{}))), scampotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())))},
}

// BenchmarkPublish measures what a publish costs the program beside the broker.
func BenchmarkPublish(b *testing.B) {
	for _, name := range []string{"off", "no SDK", "unsampled", "metrics", "spans", "everything"} {
		b.Run(name, func(b *testing.B) {
			options := []runtime.ProducerOption{runtime.WithObserver(runtime.NoObserver)}
			if telemetries[name] != nil {
				t := scampotel.New(telemetries[name]...)
				options = []runtime.ProducerOption{runtime.WithObserver(t), runtime.WithPublishMiddleware(t.PublishMiddleware())}
			}
			producer, err := runtime.NewProducer(b.Context(), instant{}, nil, options...)
			if err != nil {
				b.Fatal(err)
			}
			body := []byte("x")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := producer.Publish(context.Background(), to("q"), body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHandle measures what the middleware costs for each delivery.
func BenchmarkHandle(b *testing.B) {
	for _, name := range []string{"no SDK", "unsampled", "metrics", "spans", "everything"} {
		b.Run(name, func(b *testing.B) {
			handle := scampotel.New(telemetries[name]...).Middleware()(func(context.Context, *runtime.Delivery) error { return nil })
			delivery := &runtime.Delivery{Queue: "q", Message: runtime.Message{RoutingKey: "q", Headers: runtime.Headers{
				"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
			}}}
			b.ReportAllocs()
			for b.Loop() {
				if err := handle(context.Background(), delivery); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
