package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// connectWith is connect with a middleware for all producers of the connection.
func connectWith(t *testing.T, url string, middleware runtime.PublishMiddleware) *runtime.Connection {
	t.Helper()
	c := runtime.DedicatedConnection(runtime.Broker{
		URL: url, Name: t.Name(), Observer: runtime.NoObserver, PublishMiddleware: []runtime.PublishMiddleware{middleware},
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return c
}

// stamp returns a middleware that adds its name to the header "stamps" and counts publishes that
// have begun and ended.
func stamp(name string, begun, ended *atomic.Int64) runtime.PublishMiddleware {
	return func(_ context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
		stamps, _ := m.Headers["stamps"].(string)
		m.Headers["stamps"] = stamps + name
		begun.Add(1)
		return func(runtime.Receipt, error) { ended.Add(1) }, nil
	}
}

// TestPublishMiddlewareOnWire: the middleware of a connection, a source and a producer change what
// the broker gets, in this order, through Publish and PublishAsync, before and after the connection
// is lost.
func TestPublishMiddlewareOnWire(t *testing.T) {
	host := rabbittest.New(t)
	var begun, ended atomic.Int64
	redirect := func(_ context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
		m.Exchange, m.RoutingKey, m.AppID = "", "redirected", "redirector"
		return nil, nil
	}
	connection := connectWith(t, host.URL, stamp("c", &begun, &ended))
	source := runtime.Intercept(runtime.DedicatedChannel(connection), stamp("s", &begun, &ended))
	producer := produce(t, source, queue("redirected"), runtime.WithPublishMiddleware(stamp("p", &begun, &ended), redirect))
	const n = 50
	for range 2 {
		pending := make([]*runtime.Pending, n)
		for i := range pending {
			pending[i] = producer.PublishAsync(testContext(t), to("nowhere"), "x")
		}
		for _, p := range pending {
			if _, err := p.Wait(testContext(t)); err != nil {
				t.Error(err)
			}
		}
		if _, err := producer.Publish(testContext(t), to("nowhere"), "x"); err != nil {
			t.Error(err)
		}
		host.CloseConnections(t)
	}
	if begun, ended := begun.Load(), ended.Load(); begun != 3*2*(n+1) || ended != begun {
		t.Errorf("%d have begun and %d have ended, want %d", begun, ended, 3*2*(n+1))
	}
	channel := host.Channel(t)
	for range 2 * (n + 1) {
		got, ok, err := channel.Get("redirected", true)
		if err != nil || !ok {
			t.Fatalf("got a message: %v, %v", ok, err)
		}
		if got.Headers["stamps"] != "csp" || got.AppId != "redirector" {
			t.Fatalf("arrived with %v, app id %q", got.Headers, got.AppId)
		}
	}
}

// TestPublishMiddlewareRefusesOnBroker: nothing is written or tried again.
func TestPublishMiddlewareRefusesOnBroker(t *testing.T) {
	host := rabbittest.New(t)
	events := &recorder{}
	errBudget := errors.New("over the budget")
	refuse := func(context.Context, *runtime.Message) (func(runtime.Receipt, error), error) { return nil, errBudget }
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL, events)), queue("q"), runtime.WithPublishMiddleware(refuse))
	for _, publish := range []func() (runtime.Receipt, error){
		func() (runtime.Receipt, error) { return producer.Publish(testContext(t), to("q"), "x") },
		func() (runtime.Receipt, error) {
			return producer.PublishAsync(testContext(t), to("q"), "x").Wait(testContext(t))
		},
	} {
		receipt, err := publish()
		if !errors.Is(err, errBudget) || !errors.Is(err, runtime.ErrNotSent) || receipt.Attempts != 0 {
			t.Errorf("got %+v, %v", receipt, err)
		}
	}
	if n, published := count[runtime.PublishRetriedEvent](events), all[runtime.PublishedEvent](events); n > 0 || len(published) != 2 || published[0].Outcome != runtime.OutcomeNotSent {
		t.Errorf("%d retries, published %+v", n, published)
	}
	if n := host.Messages(t, "q"); n != 0 {
		t.Errorf("%d messages arrived", n)
	}
}

// TestPublishMiddlewareOfPair: the active side's middleware is called once for each publish, on
// whichever side the message arrives.
func TestPublishMiddlewareOfPair(t *testing.T) {
	hosts := []*rabbittest.VirtualHost{rabbittest.New(t), rabbittest.New(t)}
	var begun, ended atomic.Int64
	pair := runtime.ActivePassive(
		runtime.DedicatedChannel(connectWith(t, hosts[0].URL, stamp("a", &begun, &ended))),
		runtime.DedicatedChannel(connectWith(t, hosts[1].URL, stamp("p", &begun, &ended))),
		runtime.Failover{Observer: runtime.NoObserver})
	producer := produce(t, runtime.Intercept(pair, stamp("s", &begun, &ended)), queue("q"))
	for side, host := range hosts {
		if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
			t.Fatal(err)
		}
		if pair.OnPassive() != (side == 1) {
			t.Fatal("the publish went to the other side")
		}
		host.WaitMessages(t, "q", 1)
		if got, _, err := host.Channel(t).Get("q", true); err != nil || got.Headers["stamps"] != "as" {
			t.Errorf("side %d: arrived with %v, %v", side, got.Headers, err)
		}
		eventually(t, "the pair has switched", pair.FailOver)
	}
	if begun.Load() != 4 || ended.Load() != 4 {
		t.Errorf("%d have begun, %d have ended", begun.Load(), ended.Load())
	}
}

// TestRecoveryPassesNoMiddleware: a dead letter is a copy.
func TestRecoveryPassesNoMiddleware(t *testing.T) {
	host := rabbittest.New(t)
	var begun, ended atomic.Int64
	source := runtime.Intercept(runtime.DedicatedChannel(connectWith(t, host.URL, stamp("c", &begun, &ended))), stamp("s", &begun, &ended))
	var events consumerEvents
	consumer, err := runtime.NewConsumer(testContext(t), source, runtime.Subscription{
		Queue: queue("q").Queues[0], Declarations: queue("q"),
		Routes: []runtime.Route{runtime.RouteText(to("q"), func(context.Context, string) error { return errors.New("no") })},
	}, runtime.WithObserver(&events))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(testContext(t))
	ran := make(chan error, 1)
	go func() { ran <- consumer.Run(ctx) }()
	producer := produce(t, source, queue("q"))
	if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
		t.Error(err)
	}
	host.WaitMessages(t, "q.dead", 1)
	eventually(t, "it is acknowledged", func() bool { return consumer.Count(runtime.EventDeadLettered) == 1 })
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if got, _, err := host.Channel(t).Get("q.dead", true); err != nil || got.Headers["stamps"] != "cs" || begun.Load() != 2 {
		t.Errorf("arrived with %v after %d calls, %v", got.Headers, begun.Load(), err)
	}
	want := []string{"consuming", "failed, with its delivery", "dead-lettered, with its delivery"}
	if got := events.text(); !slices.Equal(got, want) {
		t.Errorf("observed %q, want %q", got, want)
	}
}

// consumerEvents notes the events of a consumer, and whether their context is a handler's.
type consumerEvents struct{ recorder }

func (e *consumerEvents) Observe(ctx context.Context, event runtime.Event) {
	if consumed, ok := event.(runtime.ConsumerEvent); ok {
		text := consumed.Kind.String()
		if d := runtime.DeliveryFrom(ctx); d != nil && d == consumed.Delivery && consumed.Took > 0 && !d.Arrived.IsZero() {
			text += ", with its delivery"
		}
		e.recorder.Observe(ctx, noted{consumed, text})
	}
}

// noted is an event with a text.
type noted struct {
	runtime.Event
	text string
}

func (e *consumerEvents) text() (texts []string) {
	for _, event := range all[noted](&e.recorder) {
		texts = append(texts, fmt.Sprint(event.text))
	}
	return texts
}
