package conformance_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

// testPublishMiddleware redirects one message, and refuses another.
func testPublishMiddleware(t *testing.T, b *broker) {
	b.queue(t, "q")
	var ends []runtime.Receipt
	redirect := func(_ context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
		if string(m.Body) == "bad" {
			return nil, errUnhandled
		}
		m.RoutingKey, m.Headers["by"] = "q", "middleware"
		return func(r runtime.Receipt, _ error) { ends = append(ends, r) }, nil
	}
	producer, err := runtime.NewProducer(t.Context(), runtime.Intercept(b.Source, redirect), nil)
	must(t, err)
	nowhere := &runtime.Publication{Name: "Test", RoutingKey: "nowhere"}
	receipt, err := producer.Publish(t.Context(), nowhere, "good")
	must(t, err)
	if _, err := producer.Publish(t.Context(), nowhere, "bad"); !errors.Is(err, errUnhandled) || !errors.Is(err, runtime.ErrNotSent) {
		t.Errorf("refused: %v", err)
	}
	if got := b.take(t, "q", 1)[0]; string(got.Body) != "good" || got.Headers["by"] != "middleware" || got.Arrived.IsZero() {
		t.Errorf("arrived %+v", got)
	}
	if !slices.Equal(ends, []runtime.Receipt{receipt}) {
		t.Errorf("ended %+v, want %+v", ends, receipt)
	}
	if status := producer.Status(); status.State != runtime.StateReady || status.Channels < 1 || status.InFlight != 0 || status.Outstanding != 0 || status.Err != nil {
		t.Errorf("the producer's status is %+v", status)
	}
	if acked, refused := producer.Count(runtime.OutcomeAcked), producer.Count(runtime.OutcomeNotSent); acked != 1 || refused != 1 {
		t.Errorf("%d acked, %d not sent", acked, refused)
	}
	must(t, producer.Close(t.Context()))
}

// deliveryEvents keeps the kinds of events whose context is that of a handler of their delivery.
type deliveryEvents struct {
	mu    sync.Mutex
	kinds []runtime.ConsumerEventKind
}

func (e *deliveryEvents) Observe(ctx context.Context, event runtime.Event) {
	consumed, ok := event.(runtime.ConsumerEvent)
	if !ok || consumed.Delivery == nil || runtime.DeliveryFrom(ctx) != consumed.Delivery || consumed.Took <= 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kinds = append(e.kinds, consumed.Kind)
}

// testConsumerEvents handles one message and dead-letters another.
func testConsumerEvents(t *testing.T, b *broker) {
	events := &deliveryEvents{}
	consumer, stop := b.run(t, nil, func(_ context.Context, body string) error {
		if body == "bad" {
			return errUnhandled
		}
		return nil
	}, runtime.WithObserver(events))
	if got := consumer.Status(); got.Sources != 1 || got.Consuming != 1 || got.Err != nil {
		t.Errorf("the consumer's status is %+v", got)
	}
	b.send(t, "q", "good")
	b.send(t, "q", "bad")
	happens(t, consumer, runtime.EventDeadLettered, 1)
	stop()
	want := []runtime.ConsumerEventKind{runtime.EventHandled, runtime.EventFailed, runtime.EventDeadLettered}
	if !slices.Equal(events.kinds, want) {
		t.Errorf("observed %v, want %v", events.kinds, want)
	}
	if got := consumer.Status(); got.Consuming != 0 || got.Unacknowledged != 0 || got.Handling != 0 {
		t.Errorf("stopped: %+v", got)
	}
}
