package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHandlerAnswers(t *testing.T) {
	for _, test := range []struct {
		name      string
		body      string
		handle    func(context.Context, *order) error
		arguments Headers
		options   []ConsumerOption
		acked     bool
		rejected  bool
		published string // the queue that the message is published to
		code      string // of the error in the headers
		count     ConsumerEventKind
	}{
		{name: "nil acknowledges", handle: succeed, acked: true, count: EventHandled},
		{name: "error is dead-lettered", handle: fail, acked: true, published: "orders.dead", code: "handler_error", count: EventDeadLettered},
		{name: "panic is an error", handle: func(context.Context, *order) error { panic("no") }, acked: true, published: "orders.dead", code: "panic", count: EventFailed},
		{name: "invalid body", body: `{"id":7}`, handle: neverCalled, acked: true, published: "orders.dead", code: "invalid_content", count: EventInvalid},
		{name: "queue with dead-letter exchange", handle: fail, arguments: Headers{"x-dead-letter-exchange": "dlx"}, rejected: true, count: EventDeadLettered},
		{name: "dead-letter policy", handle: fail, options: []ConsumerOption{WithDeadLetterPolicy()}, rejected: true, count: EventDeadLettered},
		{name: "dead-letter queue by name", handle: fail, arguments: Headers{"x-dead-letter-exchange": "dlx"}, options: []ConsumerOption{WithDeadLetterQueue("grave")}, acked: true, published: "grave", code: "handler_error", count: EventDeadLettered},
		{name: "discard", handle: fail, options: []ConsumerOption{WithRecovery(Discard())}, acked: true, count: EventDiscarded},
		{name: "forward", handle: fail, options: []ConsumerOption{WithRecovery(Forward("later"))}, acked: true, published: "later", code: "handler_error", count: EventForwarded},
		{name: "invalid is forwarded, failures are not", body: `[`, handle: neverCalled, options: []ConsumerOption{WithInvalidRecovery(Forward("odd")), WithRecovery(Discard())}, acked: true, published: "odd", code: "invalid_content", count: EventForwarded},
		{name: "when matches", handle: fail, options: []ConsumerOption{WithRecovery(When(isShop, Forward("shop")), Discard())}, acked: true, published: "shop", code: "handler_error", count: EventForwarded},
		{name: "when does not match", body: `[`, handle: neverCalled, options: []ConsumerOption{WithInvalidRecovery(When(isShop, Forward("shop")))}, acked: true, published: "orders.dead", code: "invalid_content", count: EventDeadLettered},
		{name: "handler acknowledges by itself", handle: func(ctx context.Context, _ *order) error { return DeliveryFrom(ctx).Ack() }, acked: true, count: EventHandled},
		{name: "handler rejects by itself", handle: func(ctx context.Context, _ *order) error { return DeliveryFrom(ctx).Reject(false) }, rejected: true, count: EventHandled},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				channel := newFakeChannel(t)
				consumer := subscribe(t, newFakeSource(channel), Subscription{
					Queue:  Queue{Name: "orders", Arguments: test.arguments},
					Routes: []Route{RouteJSON(orderPlaced, test.handle)},
				}, test.options...)
				stop := start(t, consumer)
				m := message("1")
				if test.body != "" {
					m.Body = []byte(test.body)
				}
				channel.deliver(m)
				time.Sleep(batchDelay)
				synctest.Wait()
				if got := len(channel.answered()) == 1; got != test.acked {
					t.Errorf("acknowledged: %v, want %v", got, test.acked)
				}
				if got := len(channel.refused()) == 1; got != test.rejected {
					t.Errorf("rejected: %v, want %v", got, test.rejected)
				}
				checkPublished(t, channel.producer.messages(), test.published, test.code)
				if got := consumer.Count(test.count); got != 1 {
					t.Errorf("%v happened %d times, want 1", test.count, got)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func checkPublished(t *testing.T, published []Message, queue, code string) {
	t.Helper()
	if queue == "" {
		if len(published) > 0 {
			t.Errorf("published %+v, want nothing", published[0])
		}
		return
	}
	if len(published) != 1 {
		t.Fatalf("published %d messages, want 1", len(published))
	}
	m := published[0]
	if m.Exchange != "" || m.RoutingKey != queue || !m.Mandatory || !m.Persistent || m.MessageID != "1" {
		t.Errorf("published %+v, want a mandatory, persistent copy to queue %q", m, queue)
	}
	rascal := m.Headers["rascal"].(Headers)
	if got := rascal["error"].(Headers)["code"]; got != code {
		t.Errorf("error code %q, want %q", got, code)
	}
	if rascal["originalExchange"] != "shop" || rascal["originalRoutingKey"] != "order" || rascal["originalQueue"] != "orders" {
		t.Errorf("headers %v do not tell where the message came from", rascal)
	}
}

func TestHandlerSeesDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		var seen *Delivery
		consumer := newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, o *order) error {
			seen = DeliveryFrom(ctx)
			return nil
		})
		stop := start(t, consumer)
		m := message("7")
		m.Exchange, m.RoutingKey = "", "orders"
		m.Headers = Headers{"rascal": Headers{"restoreRoutingHeaders": true, "originalExchange": "shop", "originalRoutingKey": "order"}}
		channel.deliverAs(Delivery{Message: m, Redelivered: true, DeliveryCount: 2})
		<-consumer.Ready()
		synctest.Wait()
		if seen.MessageID != "7" || seen.Exchange != "shop" || seen.RoutingKey != "order" || seen.Queue != "orders" || !seen.Redelivered || seen.DeliveryCount != 2 {
			t.Errorf("handler saw %+v", seen)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := seen.Ack(); !errors.Is(err, ErrStale) {
			t.Errorf("an answer after the stop: %v, want ErrStale", err)
		}
	})
}

func TestSecondAnswerIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		var second error
		stop := start(t, newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, _ *order) error {
			_ = DeliveryFrom(ctx).Ack()
			second = DeliveryFrom(ctx).Reject(true)
			return errShop
		}))
		channel.deliver(message("1"))
		synctest.Wait()
		if published := channel.producer.messages(); len(published) > 0 {
			t.Errorf("what the handler has acknowledged is dead-lettered: %+v", published[0])
		}
		if !errors.Is(second, ErrAnswered) {
			t.Errorf("second answer: %v, want ErrAnswered", second)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestConsumerRefusesNonsense(t *testing.T) {
	good := Subscription{Queue: Queue{Name: "orders"}, Routes: []Route{RouteJSON(orderPlaced, succeed)}}
	noAck := good
	noAck.NoAck = true
	for _, test := range []struct {
		name         string
		subscription Subscription
		option       ConsumerOption
		want         string
	}{
		{"no queue", Subscription{Routes: good.Routes}, WithWorkers(1), "the queue has no name"},
		{"no routes", Subscription{Queue: good.Queue}, WithWorkers(1), "no routes"},
		{"no handler", Subscription{Queue: good.Queue, Routes: []Route{RouteJSON[*order](orderPlaced, nil)}}, WithWorkers(1), "route OrderPlaced: no handler"},
		{"same type twice", Subscription{Queue: good.Queue, Routes: []Route{good.Routes[0], good.Routes[0]}}, WithWorkers(1), "have the same type"},
		{"stream", Subscription{Queue: Queue{Name: "orders", Arguments: Headers{"x-queue-type": "stream"}}, Routes: good.Routes}, WithWorkers(1), "is a stream"},
		{"declared stream", Subscription{
			Queue: good.Queue, Routes: good.Routes,
			Declarations: &Declarations{Queues: []Queue{{Name: "orders", Durable: true, Arguments: Headers{"x-queue-type": "stream"}}}},
		}, WithWorkers(1), "is a stream"},
		{"prefetch 0", good, WithPrefetch(0), "prefetch 0"},
		{"prefetch too large", good, WithPrefetch(70_000), "prefetch 70000"},
		{"no workers", good, WithWorkers(0), "0 workers"},
		{"no time to stop", good, WithStopTimeout(0), "stop timeout"},
		{"no attempts", good, WithRecovery(Republish(0, Backoff{})), "0 attempts"},
		{"no wait", good, WithRecovery(Republish(1, Backoff{Min: time.Microsecond})), "wanted at least 1ms"},
		{"too many waits", good, WithRecovery(Republish(100, Backoff{Max: time.Hour, Factor: 1.01})), "more than 32 different waits"},
		{"backoff shrinks", good, WithRecovery(Republish(3, Backoff{Factor: 0.5})), "Factor must be at least 1"},
		{"forward nowhere", good, WithRecovery(Forward("")), "Forward has no queue"},
		{"nested", good, WithRecovery(When(isShop, Forward(""))), "Forward has no queue"},
		{"dead letters to itself", good, WithDeadLetterQueue("orders"), "own queue"},
		{"limit below 0", good, WithRedeliveryLimit(-1), "redelivery limit -1"},
		{"limit without acknowledgements", noAck, WithRedeliveryLimit(1), "without acknowledgements nothing is delivered again"},
		{"reject without acknowledgements", noAck, WithDeadLetterPolicy(), "without acknowledgements nothing can be rejected"},
		{"long tag", good, WithConsumerTag(strings.Repeat("t", 249)), "the consumer tag has 249 bytes: at most 248 are possible"},
		{"argument without a type", good, WithConsumerArguments(Headers{"a": struct{}{}}), `argument "a": AMQP has no type for a struct {}`},
		{"exclusive quorum", Subscription{Queue: Queue{Name: "orders", Arguments: Headers{"x-queue-type": "quorum"}}, Routes: good.Routes}, WithExclusive(), "x-single-active-consumer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewConsumer(t.Context(), newFakeSource(), test.subscription, test.option)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func succeed(context.Context, *order) error     { return nil }
func fail(context.Context, *order) error        { return errShop }
func neverCalled(context.Context, *order) error { panic("the handler was called") }
func isShop(err error) bool                     { return errors.Is(err, errShop) }

// several is a source with a virtual host for each of its elements.
type several []ConsumerSource

func (s several) Info() SourceInfo { return SourceInfo{VirtualHosts: len(s)} }

func (s several) ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	return s[request.VirtualHost].ConsumerChannel(ctx, request)
}

// order is the message of these tests.
type order struct {
	ID string `json:"id"`
}

var (
	orderPlaced = &Publication{Name: "OrderPlaced", Type: "order.placed", ContentType: "application/json"}
	errShop     = errors.New("the shop is closed")
)

// message returns an order that is routed to orderPlaced.
func message(id string) Message {
	return Message{
		MessageID: id, Type: "order.placed", ContentType: "application/json",
		Exchange: "shop", RoutingKey: "order", Body: []byte(`{"id":"` + id + `"}`),
	}
}

// newTestConsumer returns a consumer of the queue orders on channels. It adds one channel in front,
// for the preflight.
func newTestConsumer(t *testing.T, source ConsumerSource, handle func(context.Context, *order) error, options ...ConsumerOption) *Consumer {
	t.Helper()
	return subscribe(t, source, Subscription{Queue: Queue{Name: "orders"}, Routes: []Route{RouteJSON(orderPlaced, handle)}}, options...)
}

func subscribe(t *testing.T, source ConsumerSource, s Subscription, options ...ConsumerOption) *Consumer {
	t.Helper()
	sources, areSeveral := source.(several)
	if !areSeveral {
		sources = several{source}
	}
	for _, one := range sources {
		fake := one.(*fakeSource)
		rest := make(chan *fakeChannel, cap(fake.channels))
		rest <- newFakeChannel(t)
		close(fake.channels)
		for channel := range fake.channels {
			rest <- channel
		}
		fake.channels = rest
	}
	consumer, err := NewConsumer(t.Context(), source, s, options...)
	if err != nil {
		t.Fatal(err)
	}
	return consumer
}

// start runs a consumer and returns a function that stops it and returns Run's error.
func start(t *testing.T, consumer *Consumer) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}
