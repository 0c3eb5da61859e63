package runtime_test

import (
	"context"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestConsumerOnNode needs a node of its own, whose timers run faster.
func TestConsumerOnNode(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a node of its own; run without -short")
	}
	node := rabbittest.Start(t)
	node.Control(t, "eval", "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 1000).")
	node.Control(t, "eval", "application:set_env(rabbit, consumer_timeout, 3000).")
	node.Control(t, "eval", "application:set_env(rabbit, channel_tick_interval, 500).")
	t.Run("a retry survives that its queue is deleted", func(t *testing.T) { testRetrySurvivesDeletedQueue(t, shopOn(t, node.NewVirtualHost(t), nil)) })
	t.Run("queue of another node", func(t *testing.T) {
		if !node.NewVirtualHost(t).IsOlderThan(t, 4, 3) {
			t.Skip("the test changes tables of Mnesia, which RabbitMQ has no longer")
		}
		testQueueOfAnotherNode(t, node)
		testDeadLetterQueueOfAnotherNode(t, node)
	})
	t.Run("consumer timeout", func(t *testing.T) { testConsumerTimeout(t, node.NewVirtualHost(t)) })
}

// testRetrySurvivesDeletedQueue deletes the queue while a message waits for its retry: the message
// waits until the queue exists again.
func testRetrySurvivesDeletedQueue(t *testing.T, s *shop) {
	s.publish(t, 1)
	consumer, stop := s.consume(t, func(context.Context, *order) error { return errShop },
		runtime.WithRecovery(runtime.Republish(1, runtime.Backoff{Min: time.Second, Max: time.Second})))
	eventually(t, "it waits", func() bool { return consumer.Count(runtime.EventRetried) == 1 })
	stop()
	if _, err := s.host.Channel(t).QueueDelete("orders", false, false, false); err != nil {
		t.Fatal(err)
	}
	<-time.After(1500 * time.Millisecond) // it has expired by then and cannot go anywhere
	again, stop := s.consume(t, func(context.Context, *order) error { return nil })
	eventually(t, "it has come back", func() bool { return again.Count(runtime.EventHandled) == 1 })
	stop()
}

// testConsumerTimeout uses a handler that takes longer than the broker allows: the handler's
// context ends, its answer is stale, and the message comes again. RabbitMQ closes the channel or,
// from 4.3 on, may cancel the consumer instead. From then on only quorum queues have such a limit.
func testConsumerTimeout(t *testing.T, host *rabbittest.VirtualHost) {
	s := shopOn(t, host, runtime.Headers{"x-queue-type": "quorum"})
	s.publish(t, 1)
	calls := 0
	consumer, stop := s.consume(t, func(ctx context.Context, _ *order) error {
		if calls++; calls > 1 {
			return nil
		}
		<-ctx.Done()
		return nil
	}, runtime.WithStopTimeout(time.Second))
	eventually(t, "it is handled the second time", func() bool { return consumer.Count(runtime.EventHandled) == 2 })
	stop()
	stale, ended := consumer.Count(runtime.EventStale), consumer.Count(runtime.EventInterrupted)+consumer.Count(runtime.EventCancelled)
	if stale != 1 || ended != 1 {
		t.Errorf("stale %d, ended %d, want 1 each", stale, ended)
	}
	s.host.WaitMessages(t, "orders", 0)
}
