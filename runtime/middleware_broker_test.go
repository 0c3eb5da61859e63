package runtime_test

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// notes are what the middleware of a test have seen, in order.
type notes struct {
	mu   sync.Mutex
	list []string
}

func (n *notes) add(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, text)
}

func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.list)
}

// middleware returns one that notes its name, and marks a failed delivery with it.
func (n *notes) middleware(name string) runtime.Middleware {
	return func(next runtime.Handler) runtime.Handler {
		return func(ctx context.Context, delivery *runtime.Delivery) error {
			n.add(name)
			err := next(ctx, delivery)
			if err != nil {
				delivery.Headers = maps.Clone(delivery.Headers)
				if delivery.Headers == nil {
					delivery.Headers = runtime.Headers{}
				}
				delivery.Headers["failed in "+name] = true
			}
			return err
		}
	}
}

// TestMiddlewareOfBroker: the middleware of a connection is outside of the consumer's, through
// Intercept and pairs, and recovery publishes the headers that they leave.
func TestMiddlewareOfBroker(t *testing.T) {
	host := rabbittest.New(t)
	var got notes
	connection := runtime.DedicatedConnection(runtime.Broker{
		URL: host.URL, Observer: runtime.NoObserver, Middleware: []runtime.Middleware{got.middleware("broker")},
	})
	defer connection.Close(context.Background())
	events := &recorder{}
	source := runtime.Intercept(runtime.ActivePassive(runtime.DedicatedChannel(connection),
		runtime.DedicatedChannel(connect(t, rabbittest.New(t).URL, runtime.NoObserver)), runtime.Failover{}))
	parsed, err := url.Parse(host.URL)
	if err != nil {
		t.Fatal(err)
	}
	handle := func(ctx context.Context, _ string) error {
		if address := runtime.DeliveryFrom(ctx).Address(); address != parsed.Host {
			t.Errorf("delivered from %q, want %q", address, parsed.Host)
		}
		return errors.New("failed")
	}
	consumer, err := runtime.NewConsumer(testContext(t), source, runtime.Subscription{
		Queue: queue("q").Queues[0], Declarations: queue("q"), Routes: []runtime.Route{runtime.RouteText(to("q"), handle)},
	}, runtime.WithMiddleware(got.middleware("consumer")), runtime.WithObserver(events),
		runtime.WithRecovery(runtime.Republish(1, runtime.Backoff{Min: time.Millisecond, Max: time.Millisecond})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(testContext(t))
	ran := make(chan error, 1)
	go func() { ran <- consumer.Run(ctx) }()
	receipt, err := produce(t, source, nil).Publish(testContext(t), to("q"), "x")
	if err != nil || receipt.Address != parsed.Host {
		t.Errorf("%+v, %v; want the address %s", receipt, err, parsed.Host)
	}
	host.WaitMessages(t, "q.dead", 1)
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if want := []string{"broker", "consumer", "broker", "consumer"}; !slices.Equal(got.all(), want) {
		t.Errorf("called %q, want %q", got.all(), want)
	}
	dead, ok, err := host.Channel(t).Get("q.dead", true)
	if err != nil || !ok || dead.Headers["failed in broker"] != true || dead.Headers["failed in consumer"] != true {
		t.Errorf("dead letter with %v, %v", dead.Headers, err)
	}
	var targets []string
	for _, event := range all[runtime.ConsumerEvent](events) {
		if event.Kind == runtime.EventRetried || event.Kind == runtime.EventDeadLettered {
			targets = append(targets, event.Target)
		}
	}
	if want := []string{"q.retry.1", "q.dead"}; !slices.Equal(targets, want) {
		t.Errorf("published to %q, want %q", targets, want)
	}
}

// TestRepliesPassPublishMiddleware: a reply, with the context of its handler, and its end:
// confirmed, returned, or never published because of an outer middleware.
func TestRepliesPassPublishMiddleware(t *testing.T) {
	var got notes
	type key struct{}
	note := func(ctx context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
		if ctx.Value(key{}) == nil {
			return nil, nil // a request
		}
		m.Headers["passed"] = true
		body := string(m.Body)
		return func(receipt runtime.Receipt, err error) {
			end := "confirmed"
			if _, returned := errors.AsType[*runtime.ReturnedError](err); returned {
				end = "returned"
			} else if errors.Is(err, runtime.ErrNotSent) {
				end = "not sent"
			}
			if receipt.MessageID == "" || (receipt.Attempts == 1) == (end == "not sent") {
				t.Errorf("%s: %+v", body, receipt)
			}
			got.add(body + " " + end)
		}, nil
	}
	host := rabbittest.New(t)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL, Observer: runtime.NoObserver, PublishMiddleware: []runtime.PublishMiddleware{note}})
	defer connection.Close(context.Background())
	source := runtime.DedicatedChannel(connection)
	outer := func(next runtime.Handler) runtime.Handler {
		return func(ctx context.Context, delivery *runtime.Delivery) error {
			err := next(context.WithValue(ctx, key{}, true), delivery)
			if string(delivery.Body) == "fails" {
				return errors.New("the handler's result is overruled")
			}
			return err
		}
	}
	echo := runtime.ReplyWith(&runtime.Publication{Name: "answer"}, func(_ context.Context, request string) (string, error) { return request, nil })
	consumer, err := runtime.NewConsumer(testContext(t), source, runtime.Subscription{
		Queue: queue("q").Queues[0], Declarations: queue("q"), Routes: []runtime.Route{runtime.RouteText(to("q"), echo)},
	}, runtime.WithMiddleware(outer))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(testContext(t))
	ran := make(chan error, 1)
	go func() { ran <- consumer.Run(ctx) }()
	producer := produce(t, source, queue("replies"))
	for _, c := range []struct{ body, replyTo string }{{"arrives", "replies"}, {"comes back", "nowhere"}, {"fails", "replies"}, {"nobody asks", ""}} {
		if _, err := producer.Publish(testContext(t), to("q"), c.body, runtime.WithReplyTo(c.replyTo)); err != nil {
			t.Error(err)
		}
	}
	want := []string{"arrives confirmed", "comes back returned", "fails not sent"}
	eventually(t, "three replies have ended", func() bool { return len(got.all()) >= len(want) })
	eventually(t, "all are handled", func() bool { return consumer.Count(runtime.EventReplyDropped) == 2 })
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	ended := got.all()
	slices.Sort(ended)
	if !slices.Equal(ended, want) {
		t.Errorf("got %q, want %q", ended, want)
	}
	reply, ok, err := host.Channel(t).Get("replies", true)
	if err != nil || !ok || reply.Headers["passed"] != true {
		t.Errorf("got a reply: %v with %v, %v", ok, reply.Headers, err)
	}
}
