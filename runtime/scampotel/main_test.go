package scampotel_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scampotel"
	"github.com/scampgen/scampgen/runtime/scampotel/internal/spantree"
	"github.com/scampgen/scampgen/runtime/scamptest"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func TestMain(m *testing.M) { os.Exit(rabbittest.Main(m).Run()) }

// A lab is a Telemetry whose spans and metrics a test can read.
type lab struct {
	*scampotel.Telemetry
	tracer trace.Tracer
	reader *sdkmetric.ManualReader
	spans  *ended
}

func newLab(options ...scampotel.Option) *lab {
	l := &lab{reader: sdkmetric.NewManualReader(), spans: &ended{changed: make(chan struct{})}}
	traces := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(l.spans))
	l.tracer = traces.Tracer("test")
	l.Telemetry = scampotel.New(append([]scampotel.Option{
		scampotel.WithTracerProvider(traces),
		scampotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(l.reader))),
	}, options...)...)
	return l
}

// ended is a span processor that keeps spans in the order in which they end.
type ended struct {
	mu      sync.Mutex
	spans   []sdktrace.ReadOnlySpan
	changed chan struct{}
}

func (*ended) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (*ended) Shutdown(context.Context) error                  { return nil }
func (*ended) ForceFlush(context.Context) error                { return nil }

func (e *ended) OnEnd(span sdktrace.ReadOnlySpan) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spans = append(e.spans, span)
	close(e.changed)
	e.changed = make(chan struct{})
}

// wait waits until n spans have ended, and returns them.
func (l *lab) wait(t *testing.T, n int) []sdktrace.ReadOnlySpan {
	t.Helper()
	ctx := limited(t)
	for {
		l.spans.mu.Lock()
		spans, changed := l.spans.spans, l.spans.changed
		l.spans.mu.Unlock()
		if len(spans) >= n {
			return spans
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("%d spans, want %d:\n%s", len(spans), n, spantree.Text(spans))
		}
	}
}

// tree waits for n spans and compares their tree.
func (l *lab) tree(t *testing.T, n int, want string) []sdktrace.ReadOnlySpan {
	t.Helper()
	spans := l.wait(t, n)
	if got := spantree.Text(spans); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	return spans
}

// request is a span of the program, as a server has one for each request.
func (l *lab) request(ctx context.Context) (context.Context, trace.Span) {
	return l.tracer.Start(ctx, "request") //nolint:spancheck // the test ends it
}

// data collects the metrics, by name.
func (l *lab) data(t *testing.T) map[string]metricdata.Metrics {
	t.Helper()
	var collected metricdata.ResourceMetrics
	if err := l.reader.Collect(t.Context(), &collected); err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]metricdata.Metrics)
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			byName[m.Name] = m
		}
	}
	return byName
}

// A place is a source and the options that instrument its clients.
type place struct {
	source   runtime.Source
	producer []runtime.ProducerOption
	consumer []runtime.ConsumerOption
}

// places are where each test runs.
var places = map[string]func(*testing.T, *lab) place{
	"RabbitMQ": func(t *testing.T, l *lab) place {
		return place{source: runtime.DedicatedChannel(l.connect(t, rabbittest.New(t).URL))}
	},
	"scamptest": func(_ *testing.T, l *lab) place {
		return place{
			source:   runtime.Intercept(scamptest.New(), l.PublishMiddleware()),
			producer: []runtime.ProducerOption{runtime.WithObserver(l)},
			consumer: []runtime.ConsumerOption{runtime.WithObserver(l), runtime.WithMiddleware(l.Middleware())},
		}
	},
}

func everywhere(t *testing.T, test func(*testing.T, *lab, place), options ...scampotel.Option) {
	for name, open := range places {
		t.Run(name, func(t *testing.T) {
			l := newLab(options...)
			test(t, l, open(t, l))
		})
	}
}

func (l *lab) connect(t *testing.T, url string) *runtime.Connection {
	connection := runtime.DedicatedConnection(l.Instrument(runtime.Broker{URL: url, Name: "test", Observer: runtime.NoObserver}))
	t.Cleanup(func() {
		if err := connection.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return connection
}

func (p place) produce(t *testing.T, d *runtime.Declarations, options ...runtime.ProducerOption) *runtime.Producer {
	t.Helper()
	producer, err := runtime.NewProducer(limited(t), p.source, d, append(p.producer, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = producer.Close(context.Background()) })
	return producer
}

// consume runs a consumer until the test ends.
func (p place) consume(t *testing.T, queue string, handle func(context.Context, string) error, options ...runtime.ConsumerOption) *runtime.Consumer {
	t.Helper()
	return p.subscribe(t, runtime.Queue{Name: queue, Durable: true}, runtime.RouteText(to(queue), handle), options...)
}

func (p place) subscribe(t *testing.T, queue runtime.Queue, route runtime.Route, options ...runtime.ConsumerOption) *runtime.Consumer {
	t.Helper()
	consumer, err := runtime.NewConsumer(limited(t), p.source, runtime.Subscription{
		Queue: queue, Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}}, Routes: []runtime.Route{route},
	}, append(p.consumer, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- consumer.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	return consumer
}

func queue(name string) *runtime.Declarations {
	return &runtime.Declarations{Queues: []runtime.Queue{{Name: name, Durable: true}}}
}

func to(queue string) *runtime.Publication {
	return &runtime.Publication{Name: queue, RoutingKey: queue}
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func publish(ctx context.Context, t *testing.T, p *runtime.Producer, publication *runtime.Publication, options ...runtime.PublishOption) {
	t.Helper()
	if _, err := p.Publish(ctx, publication, "x", options...); err != nil {
		t.Fatal(err)
	}
}

// attributes returns those of a span by name.
func attributes(span sdktrace.ReadOnlySpan) map[attribute.Key]attribute.Value {
	all := make(map[attribute.Key]attribute.Value)
	for _, a := range span.Attributes() {
		all[a.Key] = a.Value
	}
	return all
}
