package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// testTimeout limits every wait that should succeed. It is long, for a machine with two processors
// on which the tests of all packages run at once.
const testTimeout = 90 * time.Second

// testContext returns a context that ends with the test, or after testTimeout.
func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

// connect returns a connection to url that reports to observers. It is closed when the test ends,
// and must leave no goroutine.
func connect(t testing.TB, url string, observers ...runtime.Observer) *runtime.Connection {
	t.Helper()
	ignore := goleak.IgnoreCurrent()
	c := runtime.DedicatedConnection(runtime.Broker{
		URL: url, Name: t.Name(), Observer: runtime.Observers(observers...),
		Backoff: runtime.Backoff{Min: 10 * time.Millisecond, Max: 200 * time.Millisecond},
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Errorf("close connection: %v", err)
		}
		noneLeft(t, ignore, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
	})
	return c
}

// noneLeft fails the test if goroutines stay that should have ended. goleak.Find alone waits only
// half a second.
func noneLeft(t testing.TB, options ...goleak.Option) {
	t.Helper()
	deadline := time.Now().Add(testTimeout)
	for {
		err := goleak.Find(options...)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("after Close: %v", err)
			return
		}
	}
}

// produce returns a producer that is closed before its connection is.
func produce(t testing.TB, source runtime.ProducerSource, d *runtime.Declarations, options ...runtime.ProducerOption) *runtime.Producer {
	t.Helper()
	p, err := runtime.NewProducer(testContext(t), source, d, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Errorf("close producer: %v", err)
		}
	})
	return p
}

// queue declares one durable queue.
func queue(name string) *runtime.Declarations {
	return &runtime.Declarations{Queues: []runtime.Queue{{Name: name, Durable: true}}}
}

// to publishes to one queue through the default exchange.
func to(queue string) *runtime.Publication {
	return &runtime.Publication{Name: "Test", RoutingKey: queue, Type: "test"}
}

// recorder is an Observer that keeps all events.
type recorder struct {
	mu     sync.Mutex
	events []runtime.Event
}

func (r *recorder) Observe(_ context.Context, event runtime.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
}

// count returns how many events of type T there were.
func count[T runtime.Event](r *recorder) int { return len(all[T](r)) }

// all returns the events of type T.
func all[T runtime.Event](r *recorder) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []T
	for _, event := range r.events {
		if event, ok := event.(T); ok {
			found = append(found, event)
		}
	}
	return found
}

func TestPublish(t *testing.T) {
	host := rabbittest.New(t)
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), queue("orders"))
	receipt, err := producer.Publish(testContext(t), to("orders"), "hello")
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Attempts != 1 || receipt.MessageID == "" {
		t.Errorf("receipt is %+v", receipt)
	}
	delivery, ok, err := host.Channel(t).Get("orders", true)
	if err != nil || !ok {
		t.Fatalf("get: %v, %v", ok, err)
	}
	got := fmt.Sprintln(string(delivery.Body), delivery.MessageId == receipt.MessageID, delivery.ContentType, delivery.DeliveryMode, delivery.Type)
	if want := "hello true text/plain 2 test\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestReturned publishes 20,000 messages in a pipeline, half of them unroutable: exactly those come
// back.
func TestReturned(t *testing.T) {
	const n = 20000
	host := rabbittest.New(t)
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL), runtime.WithWindow(200)), queue("orders"))
	pending := make([]*runtime.Pending, n)
	for i := range pending {
		key := "orders"
		if i%2 == 1 {
			key = "nowhere"
		}
		pending[i] = producer.PublishAsync(testContext(t), to(key), "x")
	}
	for i, p := range pending {
		_, err := p.Wait(context.Background())
		var returned *runtime.ReturnedError
		if got, want := errors.As(err, &returned), i%2 == 1; got != want {
			t.Fatalf("publish %d: returned is %v, want %v: %v", i, got, want, err)
		}
		if i%2 == 0 && err != nil {
			t.Fatalf("publish %d: %v", i, err)
		}
	}
	host.WaitMessages(t, "orders", n/2)
}

func TestForcedClose(t *testing.T) {
	host := rabbittest.New(t)
	events := &recorder{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL, events)), queue("orders"))
	const n = 5000
	var publishing sync.WaitGroup
	var published atomic.Int64
	sent := make(chan struct{}, n)
	for range 20 {
		publishing.Go(func() {
			for i := 0; i < n/20 || count[runtime.ConnectionLostEvent](events) == 0; i++ {
				if _, err := producer.Publish(testContext(t), to("orders"), "x"); err != nil {
					t.Error(err)
				}
				published.Add(1)
				select {
				case sent <- struct{}{}:
				default: // nobody counts any more
				}
			}
		})
	}
	for range n / 4 {
		<-sent
	}
	host.CloseConnections(t)
	publishing.Wait()
	want := int(published.Load())
	if got := host.Messages(t, "orders"); got < want || got > want+20 {
		t.Errorf("%d messages arrived, want %d and at most 20 more", got, want)
	}
}
