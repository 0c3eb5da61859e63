package shop_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/scampgen/scampgen/examples/shop/internal/ordering"
	"github.com/scampgen/scampgen/internal/rabbittest"
)

// One trace shows an order on its way through both programs, and Prometheus sees their connections and
// consumers.
func TestTelemetry(t *testing.T) {
	host := rabbittest.New(t)
	var mu sync.Mutex
	programs := make(map[string]map[string]bool) // by trace
	traces := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &request)
		}
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, spans := range request.GetResourceSpans() {
			program := ""
			for _, attribute := range spans.GetResource().GetAttributes() {
				if attribute.GetKey() == "service.name" {
					program = attribute.GetValue().GetStringValue()
				}
			}
			for _, scope := range spans.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					trace := string(span.GetTraceId())
					if programs[trace] == nil {
						programs[trace] = make(map[string]bool)
					}
					programs[trace][program+": "+span.GetName()] = true
				}
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer traces.Close()

	environment := []string{"AMQP_URL=" + host.URL, "OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_ENDPOINT=" + traces.URL}
	api := start(t, "api", environment...)
	api.waitReady(t)
	worker := start(t, "worker", environment...)
	w := &world{shop: api.address(t, "LISTEN")}
	order := w.place(t, "Ada")
	w.wait(t, order, "be paid and shipped", func(o ordering.Order) bool { return o.Paid && o.Tracking != "" })

	metrics := read(t, worker.address(t, "PROBES")+"/metrics")
	for _, wanted := range []string{"billing.orders", "shop-worker producer", "shop-worker consumer", "messaging_process_duration"} {
		if !strings.Contains(metrics, wanted) {
			t.Errorf("the metrics have nothing of %q:\n%s", wanted, metrics)
		}
	}

	api.stop(t) // which sends the rest of the spans
	worker.stop(t)
	mu.Lock()
	defer mu.Unlock()
	if len(programs) != 1 {
		t.Errorf("%d traces, want 1: %v", len(programs), programs)
	}
	for _, seen := range programs {
		for _, wanted := range []string{
			"shop-api: send shop.events:{routing_key}",
			"shop-worker: process shop.events:{routing_key}:billing.orders", "shop-worker: process shop.events:{routing_key}:shipping.orders",
			"shop-worker: process shipping.labels", "shop-api: process shop.events:{routing_key}:shop.payments", "shop-api: process shop.events:{routing_key}:shop.shipments",
		} {
			if !seen[wanted] {
				t.Errorf("no span %q in %v", wanted, seen)
			}
		}
	}
}

// read returns a page.
func read(t *testing.T, page string) string {
	t.Helper()
	answer, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
