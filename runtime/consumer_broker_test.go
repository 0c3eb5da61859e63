package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// These tests run consumers on a real RabbitMQ. Failures of the broker, the network and the
// connection are tested in internal/faults.

func TestConsumeOnBroker(t *testing.T) {
	s := openShop(t, nil)
	s.publish(t, 1000)
	var handled sync.Map
	consumer, stop := s.consume(t, func(ctx context.Context, o *order) error {
		if _, twice := handled.LoadOrStore(o.ID, true); twice {
			t.Errorf("%s is handled twice", o.ID)
		}
		if d := runtime.DeliveryFrom(ctx); d.MessageID != o.ID || d.RoutingKey != "orders" || d.Type != "order.placed" {
			t.Errorf("delivery %+v of order %s", d, o.ID)
		}
		return nil
	}, runtime.WithWorkers(8))
	eventually(t, "all are handled", func() bool { return consumer.Count(runtime.EventHandled) == 1000 })
	stop()
	s.host.WaitMessages(t, "orders", 0)
}

// TestAlwaysFailing fails 1,000 messages at each of six attempts. All of them end as dead letters
// with the right counts, and the process is idle while they wait.
func TestAlwaysFailing(t *testing.T) {
	s := openShop(t, nil)
	const n, attempts = 1000, 5
	s.publish(t, n)
	var redelivered atomic.Int64
	var mu sync.Mutex
	last := make(map[string]time.Time)
	backoff := runtime.Backoff{Min: 100 * time.Millisecond, Max: 5 * time.Second}
	start, cpu := time.Now(), cpuTime(t)
	consumer, stop := s.consume(t, func(ctx context.Context, o *order) error {
		d := runtime.DeliveryFrom(ctx)
		if d.Redelivered {
			redelivered.Add(1)
		}
		if d.Exchange != "" || d.RoutingKey != "orders" {
			t.Errorf("address %q %q is not the original one", d.Exchange, d.RoutingKey)
		}
		now, attempt := time.Now(), republished(d)
		mu.Lock()
		defer mu.Unlock()
		if before, again := last[o.ID]; again && now.Sub(before) < min(backoff.Min<<(attempt-1), backoff.Max) {
			t.Errorf("attempt %d came after %v", attempt, now.Sub(before))
		}
		last[o.ID] = now
		return errShop
	}, runtime.WithRecovery(runtime.Republish(attempts, backoff)), runtime.WithWorkers(4))
	eventually(t, "all are dead-lettered", func() bool { return consumer.Count(runtime.EventDeadLettered) == n })
	stop()
	took, used := time.Since(start), cpuTime(t)-cpu
	t.Logf("%d messages, %d calls in %v; %v of CPU; %d redelivered", n, consumer.Count(runtime.EventFailed), took.Round(time.Millisecond), used, redelivered.Load())
	if calls := consumer.Count(runtime.EventFailed); calls != n*(attempts+1) {
		t.Errorf("%d calls, want %d", calls, n*(attempts+1))
	}
	if redelivered.Load() > 0 {
		t.Errorf("the broker redelivered %d messages, want 0", redelivered.Load())
	}
	ids := make(map[string]bool)
	for _, d := range s.take(t, "orders.dead", n) {
		ids[d.MessageID] = true
		failure := d.Headers["rascal"].(runtime.Headers)["error"].(runtime.Headers)
		if republished(d) != attempts || failure["message"] != errShop.Error() || failure["code"] != "handler_error" {
			t.Fatalf("headers %v", d.Headers)
		}
	}
	if len(ids) != n {
		t.Errorf("%d different dead letters, want %d", len(ids), n)
	}
	s.host.WaitMessages(t, "orders", 0)
}

// republished returns how often recovery has published the delivery again.
func republished(d *runtime.Delivery) int {
	rascal, _ := d.Headers["rascal"].(runtime.Headers)
	recovery, _ := rascal["recovery"].(runtime.Headers)
	own, _ := recovery["orders"].(runtime.Headers)
	n, _ := own["republished"].(int64)
	return int(n)
}

func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// TestGracefulStop stops a consumer with one slow and many fast handlers on a quorum queue with a
// delivery limit, where each needless redelivery brings a message closer to the limit.
func TestGracefulStop(t *testing.T) {
	s := openShop(t, runtime.Headers{"x-queue-type": "quorum", "x-delivery-limit": 20})
	const n = 200
	s.publish(t, n)
	warm := make(chan struct{}) // closed when 20 handlers have been started, including the slow one
	var mu sync.Mutex
	handled := make(map[string]int)
	redelivered := 0
	handle := func(ctx context.Context, o *order) error {
		mu.Lock()
		handled[o.ID]++
		if handled[o.ID] == 1 && len(handled) == 20 {
			close(warm)
		}
		if runtime.DeliveryFrom(ctx).Redelivered && handled[o.ID] > 1 {
			redelivered++
		}
		mu.Unlock()
		if o.ID == "0" {
			<-time.After(3 * time.Second)
			return ctx.Err()
		}
		<-time.After(50 * time.Millisecond)
		return ctx.Err()
	}
	_, stop := s.consume(t, handle, runtime.WithWorkers(4), runtime.WithPrefetch(20))
	<-warm
	start := time.Now()
	stop()
	took := time.Since(start)
	mu.Lock()
	first := len(handled)
	mu.Unlock()
	s.host.WaitMessages(t, "orders", n-first)
	consumer, stop := s.consume(t, handle, runtime.WithWorkers(4))
	eventually(t, "the rest is handled", func() bool { return consumer.Count(runtime.EventHandled) == int64(n-first) })
	stop()
	t.Logf("the stop took %v; %d handled before it, %d after it; %d started messages redelivered; %d lost", took.Round(time.Millisecond), first, len(handled)-first, redelivered, n-len(handled))
	if redelivered > 0 || len(handled) != n {
		t.Errorf("%d started messages redelivered, %d lost", redelivered, n-len(handled))
	}
}

func TestBrokerDeadLetters(t *testing.T) {
	s := openShop(t, runtime.Headers{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "grave"})
	s.declarations.Queues = append(s.declarations.Queues, runtime.Queue{Name: "grave", Durable: true})
	s.publish(t, 10)
	consumer, stop := s.consume(t, func(context.Context, *order) error { return errShop })
	eventually(t, "all are dead-lettered", func() bool { return consumer.Count(runtime.EventDeadLettered) == 10 })
	stop()
	s.host.WaitMessages(t, "grave", 10)
}

// TestDeadLetterExchangeMustExist consumes from a queue whose dead-letter exchange nobody has
// declared: what the consumer rejected would be gone. It starts as soon as there is the exchange, and
// does not go on without it after it was lost.
func TestDeadLetterExchangeMustExist(t *testing.T) {
	s := openShop(t, runtime.Headers{"x-dead-letter-exchange": "graves"})
	s.publish(t, 1) // a producer has nothing to reject
	route := runtime.RouteJSON(orderPlaced, func(context.Context, *order) error { return errShop })
	subscription := runtime.Subscription{Queue: s.declarations.Queues[0], Declarations: s.declarations, Routes: []runtime.Route{route}}
	for name, test := range map[string]struct {
		option  runtime.ConsumerOption
		refused bool
	}{
		"create":                  {runtime.WithDeclareMode(runtime.DeclareCreate), true},
		"verify":                  {runtime.WithDeclareMode(runtime.DeclareVerify), true},
		"assume":                  {runtime.WithDeclareMode(runtime.DeclareAssume), false},
		"published, not rejected": {runtime.WithDeadLetterQueue("orders.dead"), false},
		"a policy says another":   {runtime.WithDeadLetterPolicy(), false},
	} {
		_, err := runtime.NewConsumer(t.Context(), s.source, subscription, test.option)
		refused, isRefused := errors.AsType[*runtime.DeclarationError](err)
		if isRefused != test.refused || !isRefused && err != nil || isRefused && refused.Subject != `exchange "graves", which others declare` {
			t.Errorf("%s: %v", name, err)
		}
	}
	create := func() {
		channel := s.host.Channel(t)
		err := errors.Join(channel.ExchangeDeclare("graves", "fanout", true, false, false, false, nil), channel.QueueBind("grave", "", "graves", false, nil))
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.host.Channel(t).QueueDeclare("grave", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	create()
	consumer, _ := s.consume(t, func(context.Context, *order) error { return errShop })
	s.host.WaitMessages(t, "grave", 1)

	if err := s.host.Channel(t).ExchangeDelete("graves", false, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the consumer is cut off", func() bool {
		s.host.CloseConnections(t)
		return consumer.Count(runtime.EventInterrupted) >= 1
	})
	eventually(t, "the consumer is refused", func() bool { return consumer.Count(runtime.EventInterrupted) >= 2 })
	s.publish(t, 1)
	s.host.WaitMessages(t, "orders", 1)
	create()
	s.host.WaitMessages(t, "grave", 2)
}

func TestRedeliveryLimitOnBroker(t *testing.T) {
	for _, test := range []struct {
		name      string
		arguments runtime.Headers
	}{
		{"classic queue, counted by us", nil},
		{"quorum queue, counted by the broker", runtime.Headers{"x-queue-type": "quorum"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openShop(t, test.arguments)
			s.publish(t, 1)
			var calls atomic.Int64
			consumer, stop := s.consume(t, func(ctx context.Context, _ *order) error {
				calls.Add(1)
				return runtime.DeliveryFrom(ctx).Reject(true) // as a crash would
			}, runtime.WithRedeliveryLimit(3))
			eventually(t, "it is dead-lettered", func() bool { return consumer.Count(runtime.EventDeadLettered) == 1 })
			stop()
			if calls.Load() != 4 {
				t.Errorf("called %d times, want 4", calls.Load())
			}
			d := s.take(t, "orders.dead", 1)[0]
			if code := d.Headers["rascal"].(runtime.Headers)["error"].(runtime.Headers)["code"]; code != "redelivery_limit" {
				t.Errorf("error code %v", code)
			}
		})
	}
}

// TestOnlyMessageOfAnyType publishes to a queue with one message as other libraries do: with a type
// of their own, and with none.
func TestOnlyMessageOfAnyType(t *testing.T) {
	s := openShop(t, nil)
	producer, err := runtime.NewProducer(t.Context(), s.source, s.declarations)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"com.shop.Order", "com.shop.Order", "", orderPlaced.Type} {
		foreign := *orderPlaced
		foreign.Type = name
		if _, err := producer.Publish(t.Context(), &foreign, &order{ID: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	counters := &runtime.Counters{}
	consumer, stop := s.consume(t, func(context.Context, *order) error { return nil }, runtime.WithObserver(counters))
	eventually(t, "all are handled", func() bool { return consumer.Count(runtime.EventHandled) == 4 })
	stop()
	s.host.WaitMessages(t, "orders", 0)
	if counted, observed := consumer.Count(runtime.EventUnknownType), counters.Counts().Consumers[runtime.EventUnknownType]; counted != 2 || observed != 2 {
		t.Errorf("counted %d, observed %d, want 2", counted, observed)
	}
}
