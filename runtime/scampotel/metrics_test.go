package scampotel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// values returns the points of a metric as text: each with its attributes except those of server,
// and the value, or how many were measured.
func values(t *testing.T, m metricdata.Metrics) (points []string) {
	t.Helper()
	add := func(set attribute.Set, value any) {
		set, _ = set.Filter(func(a attribute.KeyValue) bool {
			return !strings.HasPrefix(string(a.Key), "server.") && a.Key != "messaging.system"
		})
		points = append(points, fmt.Sprintf("%s %v", set.Encoded(attribute.DefaultEncoder()), value))
	}
	switch data := m.Data.(type) {
	case metricdata.Histogram[float64]:
		for _, point := range data.DataPoints {
			add(point.Attributes, point.Count)
		}
	case metricdata.Sum[int64]:
		for _, point := range data.DataPoints {
			add(point.Attributes, point.Value)
		}
	case metricdata.Gauge[int64]:
		for _, point := range data.DataPoints {
			add(point.Attributes, point.Value)
		}
	}
	slices.Sort(points)
	return points
}

func checkValues(t *testing.T, data map[string]metricdata.Metrics, name string, want ...string) {
	t.Helper()
	if got := values(t, data[name]); !slices.Equal(got, want) {
		t.Errorf("%s\n got %q\nwant %q", name, got, want)
	}
}

// TestMetrics publishes to a consumer that fails once, to nowhere, and what a middleware refuses.
func TestMetrics(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		refuse := func(_ context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
			if m.RoutingKey == "refused" {
				return nil, errors.New("over the budget")
			}
			return nil, nil
		}
		producer := p.produce(t, queue("q"), runtime.WithPublishMiddleware(refuse))
		publish(limited(t), t, producer, to("q"))
		for _, name := range []string{"nowhere", "refused"} {
			if _, err := producer.Publish(limited(t), to(name), "x"); err == nil {
				t.Errorf("%s: published", name)
			}
		}
		failed := false
		consumer := p.consume(t, "q", func(context.Context, string) error {
			if failed {
				return nil
			}
			failed = true
			return errPayment
		}, retryOnce())
		l.wait(t, 6)
		for consumer.Count(runtime.EventHandled) == 0 || consumer.Status().Handling > 0 || consumer.Status().Unacknowledged > 0 {
			<-time.After(time.Millisecond)
		}
		data := l.data(t)
		checkValues(t, data, "messaging.client.operation.duration",
			"error.type=not_sent,messaging.destination.name=refused,messaging.operation.name=send,messaging.operation.type=send 1",
			"error.type=returned,messaging.destination.name=nowhere,messaging.operation.name=send,messaging.operation.type=send 1",
			"messaging.destination.name=q,messaging.operation.name=send,messaging.operation.type=send 1",
			"messaging.destination.name=q.retry.20,messaging.operation.name=retry,messaging.operation.type=send 1")
		checkValues(t, data, "messaging.client.sent.messages",
			"error.type=returned,messaging.destination.name=nowhere,messaging.operation.name=send,messaging.operation.type=send 1",
			"messaging.destination.name=q,messaging.operation.name=send,messaging.operation.type=send 1")
		checkValues(t, data, "messaging.client.consumed.messages",
			"messaging.destination.name=q,messaging.operation.name=process,messaging.operation.type=process 2")
		checkValues(t, data, "messaging.process.duration",
			"error.type=*errors.errorString,messaging.destination.name=q,messaging.operation.name=process,messaging.operation.type=process 1",
			"messaging.destination.name=q,messaging.operation.name=process,messaging.operation.type=process 1")
		checkValues(t, data, "scamp.publish.outcomes", "scamp.outcome=acked 1", "scamp.outcome=not sent 1", "scamp.outcome=returned 1")
		checkValues(t, data, "scamp.publish.active", " 0")
		checkValues(t, data, "scamp.consumer.handling", " 0")
		checkValues(t, data, "scamp.consumer.events", "scamp.event=consuming,scamp.queue=q 1", "scamp.event=failed,scamp.queue=q 1",
			"scamp.event=handled,scamp.queue=q 1", "scamp.event=retried,scamp.queue=q 1")
		for name, m := range data {
			if m.Description == "" || m.Unit == "" {
				t.Errorf("%s: description %q, unit %q", name, m.Description, m.Unit)
			}
			histogram, ok := m.Data.(metricdata.Histogram[float64])
			want := []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
			if ok && !slices.Equal(histogram.DataPoints[0].Bounds, want) {
				t.Errorf("%s has the buckets %v", name, histogram.DataPoints[0].Bounds)
			}
		}
	})
}

// TestDurationOfSpan: a measured duration is that of its span.
func TestDurationOfSpan(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		publish(limited(t), t, p.produce(t, queue("q")), to("q"))
		span := l.wait(t, 1)[0]
		measured := l.data(t)["messaging.client.operation.duration"].Data.(metricdata.Histogram[float64]).DataPoints[0].Sum
		if took := span.EndTime().Sub(span.StartTime()); measured != took.Seconds() {
			t.Errorf("measured %v s, the span took %v", measured, took)
		}
	})
}

// TestEvents observes the events of connections and of publishes.
func TestEvents(t *testing.T) {
	l := newLab()
	for _, event := range []runtime.Event{
		runtime.ConnectedEvent{Connection: "c"},
		runtime.ConnectFailedEvent{Connection: "c", Refused: true},
		runtime.ConnectionLostEvent{Connection: "c"},
		runtime.ConnectionBlockedEvent{Connection: "c"},
		runtime.ConnectionUnblockedEvent{Connection: "c", Blocked: 1500 * time.Millisecond},
		runtime.ChannelLostEvent{Connection: "c"},
		runtime.DeclarationRefusedEvent{Connection: "c"},
		runtime.FailedOverEvent{Passive: true},
		runtime.PublishRetriedEvent{Outcome: runtime.OutcomeNacked},
		runtime.UnconfirmedReturnedEvent{Connection: "c"},
	} {
		l.Observe(context.Background(), event)
	}
	data := l.data(t)
	for name, want := range map[string]string{
		"scamp.connection.established":      "scamp.connection.name=c 1",
		"scamp.connection.failures":         "scamp.connection.name=c,scamp.refused=true 1",
		"scamp.connection.losses":           "scamp.connection.name=c 1",
		"scamp.channel.losses":              "scamp.connection.name=c 1",
		"scamp.declaration.refusals":        "scamp.connection.name=c 1",
		"scamp.failovers":                   "scamp.passive=true 1",
		"scamp.publish.retries":             "scamp.outcome=nacked 1",
		"scamp.publish.unconfirmed_returns": "scamp.connection.name=c 1",
	} {
		checkValues(t, data, name, want)
	}
	if blocked := data["scamp.connection.blocked.duration"].Data.(metricdata.Sum[float64]).DataPoints[0].Value; blocked != 1.5 {
		t.Errorf("blocked for %v s", blocked)
	}
}

// TestWatch reads gauges of a connection with its consumers and of a source, and none after the end.
func TestWatch(t *testing.T) {
	l := newLab()
	connection := l.connect(t, rabbittest.New(t).URL)
	p := place{source: runtime.Intercept(runtime.DedicatedChannel(connection, runtime.WithWindow(7)))}
	handling, release := make(chan struct{}), make(chan struct{})
	for range 2 { // consumers of one queue, which are added up
		consumer := p.consume(t, "q", func(context.Context, string) error {
			close(handling)
			<-release
			return nil
		})
		<-consumer.Ready()
	}
	stops := []func(){
		l.WatchConnection(connection), l.WatchSource("orders", p.source),
		l.WatchSource("of my own", instant{}), // does nothing: it says nothing
	}
	publish(limited(t), t, p.produce(t, nil), to("q"))
	<-handling
	data := l.data(t)
	for _, want := range []string{
		"scamp.connection.name=test producer,scamp.state=connected 1", "scamp.connection.name=test consumer,scamp.state=connected 1",
		"scamp.connection.name=test isolation,scamp.state=idle 1", "scamp.connection.name=test producer,scamp.state=down 0",
	} {
		if got := values(t, data["scamp.connection.state"]); len(got) != 15 || !slices.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	checkValues(t, data, "scamp.connection.channels", "scamp.connection.name=test consumer 2", "scamp.connection.name=test isolation 0", "scamp.connection.name=test producer 1")
	checkValues(t, data, "scamp.source.window", "scamp.source=orders 7")
	checkValues(t, data, "scamp.source.channels", "scamp.source=orders 1")
	checkValues(t, data, "scamp.source.in_flight", "scamp.source=orders 0")
	checkValues(t, data, "scamp.source.passive", "scamp.source=orders 0")
	checkValues(t, data, "scamp.consumer.sources", "scamp.queue=q 2")
	checkValues(t, data, "scamp.consumer.consuming", "scamp.queue=q 2")
	checkValues(t, data, "scamp.consumer.unacknowledged", "scamp.queue=q 1")
	checkValues(t, data, "scamp.consumer.handling", " 1")
	close(release)
	for _, stop := range stops {
		stop()
	}
	for name := range l.data(t) {
		if strings.HasPrefix(name, "scamp.source.") || name == "scamp.connection.state" || name == "scamp.consumer.unacknowledged" {
			t.Errorf("%s is still measured", name)
		}
	}
}

// TestMetricsAreDocumented: docs/observability.md names each metric, and none that does not exist.
func TestMetricsAreDocumented(t *testing.T) {
	source, err := os.ReadFile("metrics.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err = section(page, "## Metrics", "## Health")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`"(scamp\.[a-z_.]+)", "|Histogram\("(scamp\.[a-z_.]+)"|Counter\("(scamp\.[a-z_.]+)"`).FindAllStringSubmatch(string(source), -1)
	names := make(map[string]bool)
	for _, name := range made {
		names[name[1]+name[2]+name[3]] = true
	}
	if len(names) < 20 {
		t.Errorf("only %d metrics: the expression does not find them", len(names))
	}
	attributes := map[string]bool{
		"scamp.outcome": true, "scamp.queue": true, "scamp.event": true, "scamp.connection.name": true,
		"scamp.refused": true, "scamp.passive": true, "scamp.state": true,
	}
	for _, quoted := range regexp.MustCompile("`(scamp\\.[a-z_.]+)`").FindAllStringSubmatch(string(page), -1) {
		if !names[quoted[1]] && !attributes[quoted[1]] {
			t.Errorf("%s does not exist", quoted[1])
		}
	}
	for name := range names {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("%s is not documented", name)
		}
	}
}

// section returns what stands between two headings.
func section(page []byte, from, to string) ([]byte, error) {
	_, rest, begun := bytes.Cut(page, []byte(from))
	text, _, ended := bytes.Cut(rest, []byte(to))
	if !begun || !ended {
		return nil, fmt.Errorf("no section from %s to %s", from, to)
	}
	return text, nil
}
