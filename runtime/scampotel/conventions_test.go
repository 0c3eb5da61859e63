package scampotel_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scampotel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A row of testdata/conventions.tsv.
type row struct{ signal, attribute, level, when string }

func conventions(t *testing.T) (rows []row) {
	t.Helper()
	text, err := os.ReadFile("testdata/conventions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) < 4 || (len(cells) == 5) != (cells[3] == "never") {
			t.Fatalf("%q: wanted four cells, and a reason after never", line)
		}
		rows = append(rows, row{cells[0], cells[1], cells[2], cells[3]})
	}
	return rows
}

// work publishes and handles messages of all kinds, and returns the number of spans.
func work(t *testing.T, p place) (spans int) {
	t.Helper()
	producer := p.produce(t, &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "shop", Type: "topic"}, {Name: "news", Type: "fanout"}},
		Queues:    []runtime.Queue{{Name: "q", Durable: true}},
		Bindings:  []runtime.Binding{{Exchange: "shop", Queue: "q", RoutingKey: "#"}, {Exchange: "news", Queue: "q"}},
	})
	publish(limited(t), t, producer, &runtime.Publication{Name: "order", Exchange: "shop", RoutingKey: "order.7"}, runtime.WithCorrelationID("c"))
	publish(limited(t), t, producer, &runtime.Publication{Name: "news", Exchange: "news"})
	publish(limited(t), t, producer, to("q"), runtime.WithReplyTo("amq.gen-nobody"))
	if _, err := producer.Publish(limited(t), to("nowhere"), "x"); err == nil {
		t.Error("nothing came back")
	}
	answer := runtime.ReplyWith(&runtime.Publication{Name: "answer"}, func(ctx context.Context, _ string) (string, error) {
		if runtime.DeliveryFrom(ctx).Exchange == "shop" {
			return "", errPayment
		}
		return "yes", nil
	})
	p.consume(t, "q", answer, retryOnce())
	// Four sends, four calls of the handler, a retry and a dead letter, and one reply.
	return 4 + 4 + 2 + 1
}

// TestSpansFollowConventions holds each attribute of each span against the table.
func TestSpansFollowConventions(t *testing.T) {
	for sizes, options := range map[bool][]scampotel.Option{false: nil, true: {scampotel.WithBodySizes()}} {
		everywhere(t, func(t *testing.T, l *lab, p place) {
			spans := l.wait(t, work(t, p))
			has := func(span sdktrace.ReadOnlySpan, text string) bool { return strings.Contains(span.Name(), text) }
			conditions := map[string]func(sdktrace.ReadOnlySpan) bool{
				"always":      func(sdktrace.ReadOnlySpan) bool { return true },
				"never":       func(sdktrace.ReadOnlySpan) bool { return false },
				"failed":      func(s sdktrace.ReadOnlySpan) bool { return s.Status().Code == codes.Error },
				"routing key": func(s sdktrace.ReadOnlySpan) bool { return !has(s, "news") },
				"delivered":   func(s sdktrace.ReadOnlySpan) bool { return !has(s, "send ") },
				"node known":  func(s sdktrace.ReadOnlySpan) bool { return len(p.consumer) == 0 && !has(s, "send (anonymous)") },
				"anonymous":   func(s sdktrace.ReadOnlySpan) bool { return has(s, "(anonymous)") },
				"template":    func(s sdktrace.ReadOnlySpan) bool { return has(s, "(anonymous)") || has(s, "{routing_key}") },
				"sizes":       func(sdktrace.ReadOnlySpan) bool { return sizes },
				"correlated": func(s sdktrace.ReadOnlySpan) bool {
					return has(s, "(anonymous)") || has(s, "{routing_key}") || has(s, "retry") || has(s, "dead-letter")
				},
			}
			known := make(map[attribute.Key]bool)
			for _, row := range conventions(t) {
				if row.signal != "span" {
					continue
				}
				known[attribute.Key(row.attribute)] = true
				for _, span := range spans {
					_, is := attributes(span)[attribute.Key(row.attribute)]
					if want := conditions[row.when](span); is != want {
						t.Errorf("%s: %s is set: %v, want %v (%s)", span.Name(), row.attribute, is, want, row.when)
					}
				}
			}
			for _, span := range spans {
				checkKind(t, span)
				for key := range attributes(span) {
					if !known[key] && !strings.HasPrefix(string(key), "scamp.") {
						t.Errorf("%s: %s is not in the table", span.Name(), key)
					}
				}
			}
		}, options...)
	}
}

// checkKind: the context of what a send span is for is that of another span if recovery sends.
func checkKind(t *testing.T, span sdktrace.ReadOnlySpan) {
	t.Helper()
	a, want, operation := attributes(span), trace.SpanKindClient, "send"
	switch a["messaging.operation.name"].AsString() {
	case "send":
		want = trace.SpanKindProducer
	case "process":
		want, operation = trace.SpanKindConsumer, "process"
	}
	if got := a["messaging.operation.type"].AsString(); span.SpanKind() != want || got != operation {
		t.Errorf("%s is of kind %v and type %s, want %v and %s", span.Name(), span.SpanKind(), got, want, operation)
	}
}

// TestAttributesForSampling: a sampler sees what the conventions say it should, as far as it is
// known before a channel has been chosen.
func TestAttributesForSampling(t *testing.T) {
	var seen []attribute.Set
	l := newLab()
	l.Telemetry = scampotel.New(scampotel.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(samplerFunc(func(p sdktrace.SamplingParameters) {
		seen = append(seen, attribute.NewSet(p.Attributes...))
	})))), scampotel.WithMeterProvider(sdkmetric.NewMeterProvider()))
	publish(limited(t), t, places["scamptest"](t, l).produce(t, queue("q")), to("q"))
	for _, key := range []attribute.Key{"messaging.system", "messaging.destination.name", "messaging.operation.name", "messaging.operation.type"} {
		if len(seen) != 1 || !seen[0].HasValue(key) {
			t.Errorf("%s: seen %v", key, seen)
		}
	}
}

type samplerFunc func(sdktrace.SamplingParameters)

func (f samplerFunc) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	f(p)
	return sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample}
}

func (samplerFunc) Description() string { return "test" }

// TestMetricsFollowConventions holds the attributes of each measurement against the table.
func TestMetricsFollowConventions(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		l.wait(t, work(t, p))
		data := l.data(t)
		known := make(map[string]map[attribute.Key]bool)
		for _, row := range conventions(t) {
			if row.signal == "span" {
				continue
			}
			sets := attributeSets(t, data[row.signal])
			set := 0
			for _, s := range sets {
				if s.HasValue(attribute.Key(row.attribute)) {
					set++
				}
			}
			if known[row.signal] == nil {
				known[row.signal] = make(map[attribute.Key]bool)
			}
			known[row.signal][attribute.Key(row.attribute)] = row.when != "never"
			onNode := len(p.consumer) == 0
			switch {
			case len(sets) == 0:
				t.Errorf("%s: nothing measured", row.signal)
			case row.level == "required" && set != len(sets), row.when == "always" && set != len(sets):
				t.Errorf("%s: %s is set in %d of %d", row.signal, row.attribute, set, len(sets))
			case row.when == "node known" && (set > 0) != onNode:
				t.Errorf("%s: %s is set in %d of %d", row.signal, row.attribute, set, len(sets))
			case (row.when == "failed" || row.when == "few names" || row.when == "template") && (set == 0 || set == len(sets)):
				t.Errorf("%s: %s is set in %d of %d", row.signal, row.attribute, set, len(sets))
			}
		}
		for name, attributes := range known {
			for _, set := range attributeSets(t, data[name]) {
				for _, a := range set.ToSlice() {
					// Histograms of processing have the type too, though the table of that metric does not.
					if !attributes[a.Key] && a.Key != "messaging.operation.type" {
						t.Errorf("%s has %s, which is not in the table", name, a.Key)
					}
				}
			}
		}
	})
}

// attributeSets returns those of the points of a metric.
func attributeSets(t *testing.T, m metricdata.Metrics) (sets []attribute.Set) {
	t.Helper()
	switch data := m.Data.(type) {
	case metricdata.Histogram[float64]:
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	case metricdata.Sum[int64]:
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	}
	return sets
}
