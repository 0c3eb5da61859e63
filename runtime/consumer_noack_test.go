package runtime

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// noAckConsumer returns a consumer that does not acknowledge, on one channel.
func noAckConsumer(t *testing.T, channel *fakeChannel, queue Queue, handle func(context.Context, *order) error, options ...ConsumerOption) *Consumer {
	t.Helper()
	return subscribe(t, newFakeSource(channel), Subscription{Queue: queue, NoAck: true, Routes: []Route{RouteJSON(orderPlaced, handle)}}, options...)
}

// TestNoAckOutlivesTheChannel handles what has arrived after the channel has died and the consumer
// has been stopped: nobody else has these messages.
func TestNoAckOutlivesTheChannel(t *testing.T) {
	for _, options := range [][]ConsumerOption{nil, {WithWorkers(3), WithOrderedBy(func(d *Delivery) string { return string(d.Body) })}} {
		synctest.Test(t, func(t *testing.T) {
			channel := newFakeChannel(t)
			consumer := noAckConsumer(t, channel, Queue{Name: "orders"}, func(ctx context.Context, _ *order) error {
				time.Sleep(2 * time.Second)
				return ctx.Err()
			}, options...)
			stop := start(t, consumer)
			for i := range 5 {
				channel.deliver(message(fmt.Sprint(i)))
			}
			time.Sleep(time.Second)
			channel.die()
			time.Sleep(time.Second)
			if err := stop(); err != nil {
				t.Error(err)
			}
			if n := consumer.Count(EventHandled); n != 5 || channel.frames > 0 {
				t.Errorf("%d handled, want 5, and %d answers", n, channel.frames)
			}
		})
	}
}

// TestNoAckReportsWhatIsLost stops a consumer whose handler takes too long, and one whose failed
// messages cannot be published.
func TestNoAckReportsWhatIsLost(t *testing.T) {
	hang := func(ctx context.Context, _ *order) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for _, test := range []struct {
		name     string
		queue    Queue
		handle   func(context.Context, *order) error
		producer *fakeProducer
		options  []ConsumerOption
	}{
		{"handler hangs", Queue{Name: "orders"}, hang, settled(Settlement{Outcome: OutcomeAcked}), nil},
		{"partitions hang", Queue{Name: "orders"}, hang, settled(Settlement{Outcome: OutcomeAcked}), []ConsumerOption{
			WithWorkers(2), WithOrderedBy(func(*Delivery) string { return "" }),
		}},
		{"dead letters are nacked", Queue{Name: "orders"}, fail, settled(Settlement{Outcome: OutcomeNacked}), nil},
		{"no queue for dead letters", Queue{Name: "orders", AutoDelete: true}, fail, neverSettled(), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lost lostDeliveries
				channel := newFakeChannel(t)
				channel.producer = test.producer
				consumer := noAckConsumer(t, channel, test.queue, test.handle, append(test.options, WithStopTimeout(5*time.Second), WithObserver(&lost))...)
				stop := start(t, consumer)
				for i := range 3 {
					channel.deliver(message(fmt.Sprint(i)))
				}
				time.Sleep(time.Second)
				if err := stop(); err != nil {
					t.Error(err)
				}
				synctest.Wait()
				slices.Sort(lost.ids)
				if want := []string{"0", "1", "2"}; !slices.Equal(lost.ids, want) || channel.frames > 0 {
					t.Errorf("%q are reported as lost, want %q; %d answers", lost.ids, want, channel.frames)
				}
			})
		})
	}
}

// lostDeliveries keeps the ids of deliveries that were discarded.
type lostDeliveries struct {
	mu  sync.Mutex
	ids []string
}

func (l *lostDeliveries) Observe(_ context.Context, event Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := event.(ConsumerEvent); ok && e.Kind == EventDiscarded {
		l.ids = append(l.ids, e.Delivery.MessageID)
	}
}

// TestNoAckPublishesAfterTheStop stops a consumer whose dead letter the broker refuses at first.
func TestNoAckPublishesAfterTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nacked := Settlement{Outcome: OutcomeNacked}
		channel := newFakeChannel(t)
		channel.producer = settled(nacked, nacked, nacked, Settlement{Outcome: OutcomeAcked})
		consumer := noAckConsumer(t, channel, Queue{Name: "orders"}, fail)
		stop := start(t, consumer)
		channel.deliver(message("1"))
		synctest.Wait()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if dead, lost := consumer.Count(EventDeadLettered), consumer.Count(EventDiscarded); dead != 1 || lost != 0 {
			t.Errorf("%d dead-lettered, %d lost", dead, lost)
		}
	})
}
