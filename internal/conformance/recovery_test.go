package conformance_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// The following tests run whole consumers, with the queues that their recovery declares.

var text = &runtime.Publication{Name: "Text", RoutingKey: "q", ContentType: "text/plain"}

var errUnhandled = errors.New("not handled")

// run runs a consumer of the queue q, and returns it with a function that stops it.
func (b *broker) run(t *testing.T, arguments runtime.Headers, handle func(context.Context, string) error, options ...runtime.ConsumerOption) (*runtime.Consumer, func()) {
	t.Helper()
	queue := runtime.Queue{Name: "q", Durable: true, Arguments: arguments}
	consumer, err := runtime.NewConsumer(t.Context(), b.Source, runtime.Subscription{
		Queue: queue, Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}},
		Routes: []runtime.Route{runtime.RouteText(text, handle)},
	}, options...)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	closed(t, consumer.Ready(), "getting ready")
	return consumer, func() {
		t.Helper()
		cancel()
		must(t, <-ended)
	}
}

// happens waits until an event has happened n times.
func happens(t *testing.T, consumer *runtime.Consumer, kind runtime.ConsumerEventKind, n int64) {
	t.Helper()
	for deadline := time.Now().Add(testTimeout); consumer.Count(kind) < n; <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%v happened %d times, want %d", kind, consumer.Count(kind), n)
		}
	}
}

func testConsumerHandles(t *testing.T, b *broker) {
	consumer, stop := b.run(t, nil, func(context.Context, string) error { return nil }, runtime.WithWorkers(4))
	for range 100 {
		b.send(t, "q", "x")
	}
	happens(t, consumer, runtime.EventHandled, 100)
	stop()
	b.eventually(t, "q", 0)
}

func testConsumerDeadLetters(t *testing.T, b *broker) {
	consumer, stop := b.run(t, nil, func(context.Context, string) error { return errUnhandled })
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Body: []byte("x"), UserID: "guest", Expiration: 200 * time.Millisecond})
	happens(t, consumer, runtime.EventDeadLettered, 1)
	stop()
	<-time.After(300 * time.Millisecond) // a dead letter does not expire
	dead := b.take(t, "q.dead", 1)[0]
	rascal, _ := dead.Headers["rascal"].(runtime.Headers)
	failure, _ := rascal["error"].(runtime.Headers)
	if failure["message"] != errUnhandled.Error() || rascal["originalQueue"] != "q" || !dead.Persistent {
		t.Errorf("the dead letter is %+v", dead.Message)
	}
}

func testConsumerRetries(t *testing.T, b *broker) {
	var calls atomic.Int64
	var begun time.Time
	consumer, stop := b.run(t, nil, func(ctx context.Context, _ string) error {
		switch calls.Add(1) {
		case 1:
			begun = time.Now()
			return errUnhandled
		case 2:
			return errUnhandled
		}
		d := runtime.DeliveryFrom(ctx)
		if d.Exchange != "amq.direct" || d.RoutingKey != "key" || d.MessageID != "1" || d.Redelivered {
			t.Errorf("the third attempt is %+v", d)
		}
		return nil
	}, runtime.WithRecovery(runtime.Republish(3, runtime.Backoff{Min: 50 * time.Millisecond})))
	b.mustDeclare(t, &runtime.Declarations{
		Queues:   []runtime.Queue{{Name: "q", Durable: true}},
		Bindings: []runtime.Binding{{Queue: "q", Exchange: "amq.direct", RoutingKey: "key"}},
	})
	b.mustPublish(t, runtime.Message{Exchange: "amq.direct", RoutingKey: "key", MessageID: "1", Body: []byte("x"), Headers: runtime.Headers{"CC": []any{"other"}}})
	happens(t, consumer, runtime.EventHandled, 1)
	if took := time.Since(begun); took < 150*time.Millisecond {
		t.Errorf("both waits took %v, want 50ms and 100ms at least", took)
	}
	stop()
	if calls.Load() != 3 {
		t.Errorf("called %d times", calls.Load())
	}
	for _, queue := range []string{"q", "q.retry.50", "q.retry.100", "q.dead"} {
		b.eventually(t, queue, 0)
	}
}

// testConsumerForwards forwards to a queue that exists, and to one that does not.
func testConsumerForwards(t *testing.T, b *broker) {
	b.queue(t, "later")
	consumer, stop := b.run(t, nil, func(_ context.Context, body string) error { return errors.New(body) }, runtime.WithRecovery(
		runtime.When(func(err error) bool { return err.Error() == "there" }, runtime.Forward("later")),
		runtime.Forward("nowhere"),
	))
	b.send(t, "q", "there")
	b.send(t, "q", "not there")
	happens(t, consumer, runtime.EventForwarded, 1)
	happens(t, consumer, runtime.EventDeadLettered, 1)
	stop()
	if got := bodies(b.take(t, "later", 1)); got[0] != "there" {
		t.Errorf("forwarded %q", got)
	}
	if got := bodies(b.take(t, "q.dead", 1)); got[0] != "not there" {
		t.Errorf("dead-lettered %q", got)
	}
}

func testConsumerRedeliveryLimit(t *testing.T, b *broker) {
	for _, queueType := range []string{"classic", "quorum"} {
		t.Run(queueType, func(t *testing.T) {
			var calls atomic.Int64
			consumer, stop := b.run(t, runtime.Headers{"x-queue-type": queueType}, func(ctx context.Context, _ string) error {
				calls.Add(1)
				return runtime.DeliveryFrom(ctx).Reject(true)
			}, runtime.WithRedeliveryLimit(2))
			b.send(t, "q", "x")
			happens(t, consumer, runtime.EventDeadLettered, 1)
			stop()
			if calls.Load() != 3 {
				t.Errorf("called %d times, want 3", calls.Load())
			}
			b.deleteQueue("q")
			b.deleteQueue("q.dead")
		})
	}
}

func testConsumerStops(t *testing.T, b *broker) {
	entered, release := make(chan struct{}, 10), make(chan struct{})
	consumer, stop := b.run(t, nil, func(context.Context, string) error {
		entered <- struct{}{}
		<-release
		return nil
	}, runtime.WithWorkers(2), runtime.WithPrefetch(4), runtime.WithConsumerTag("c"))
	for range 3 {
		b.send(t, "q", "x")
	}
	<-entered
	<-entered
	b.awaitTags(t, "q", "c")
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop()
	}()
	b.awaitTags(t, "q")
	b.send(t, "q", "for another consumer")
	for _, d := range b.take(t, "q", 1) {
		if string(d.Body) != "for another consumer" || isClosed(stopped)() {
			t.Errorf("another consumer got %q; the handlers have ended: %v", d.Body, isClosed(stopped)())
		}
	}
	close(release)
	<-stopped
	if n := consumer.Count(runtime.EventHandled); n != 2 {
		t.Errorf("%d were handled, want the two that had been started", n)
	}
	b.eventually(t, "q", 1)
}

func testConsumerSurvives(t *testing.T, b *broker) {
	consumer, stop := b.run(t, nil, func(context.Context, string) error { return nil })
	b.deleteQueue("q")
	happens(t, consumer, runtime.EventConsuming, 2)
	if consumer.Count(runtime.EventCancelled) != 1 {
		t.Error("the deletion was not told as a cancel")
	}
	b.send(t, "q", "after the deletion")
	happens(t, consumer, runtime.EventHandled, 1)
	b.cutOffConsumer(t, consumer)
	happens(t, consumer, runtime.EventConsuming, 3)
	b.send(t, "q", "after the cut")
	happens(t, consumer, runtime.EventHandled, 2)
	stop()
}
