package faults_test

import (
	"context"
	"errors"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime"
)

var consumerHandlerScenarios = []consumerScenario{
	{id: "F15", fault: "a handler blocks for 2 s", short: true, times: 0, only: []string{dedicated}, play: playBlockedHandler},
	{id: "F17", fault: "stopped and started ten times, quorum queue with delivery limit", times: 0, play: playStops},
	{id: "F18", fault: "a tenth panics or fails, and is retried", short: true, times: 0, play: playFailingHandler},
	{id: "F18", fault: "a handler runs on after its channel has died", short: true, times: 1, play: playStuckHandler},
}

// playBlockedHandler blocks all handlers of one consumer: another one on the same connection
// continues, because nothing that reads from the broker waits for a handler.
func playBlockedHandler(t *testing.T, x *consumerExperiment) {
	x.start(t)
	x.flow(t, warmUp)
	blocked := runtime.Queue{Name: "blocked", Durable: true}
	release := make(chan struct{})
	other, err := runtime.NewConsumer(t.Context(), x.rig.source, runtime.Subscription{
		Queue: blocked, Declarations: &runtime.Declarations{Queues: []runtime.Queue{blocked}},
		Routes: []runtime.Route{runtime.RouteText(publication, func(context.Context, string) error { <-release; return nil })},
	}, runtime.WithPrefetch(10_000))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- other.Run(ctx) }()
	err = dial(t, x.hosts[0], func(channel *amqp.Channel) error {
		for range 5000 {
			if err := channel.Publish("", blocked.Name, false, false, amqp.Publishing{ContentType: "text/plain", Body: make([]byte, 1000)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x.mu.Lock()
	x.last, x.silence = time.Now(), 0
	x.mu.Unlock()
	for over := time.Now().Add(2 * time.Second); time.Now().Before(over); {
		x.flow(t, warmUp) // the waiting must not end the blocking, which ends later
	}
	close(release)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// playStops stops and starts the consumer under load. No message whose handler was called comes
// again.
func playStops(t *testing.T, x *consumerExperiment) {
	x.remakeQueues(t, runtime.Headers{"x-queue-type": "quorum", "x-delivery-limit": 20})
	x.start(t)
	for range 10 {
		x.flow(t, 100)
		x.stop()
		x.closeRig(t)
		x.consume(t)
	}
	x.flow(t, warmUp)
}

// playFailingHandler fails every tenth message at first, half of them by panics.
func playFailingHandler(t *testing.T, x *consumerExperiment) {
	x.options = []runtime.ConsumerOption{runtime.WithRecovery(runtime.Republish(3, runtime.Backoff{Min: 50 * time.Millisecond, Max: 50 * time.Millisecond}))}
	x.inspect = func(ctx context.Context, id string) error {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(id))
		if _, again := runtime.DeliveryFrom(ctx).Headers["rascal"]; again || hash.Sum32()%10 != 0 {
			return nil
		}
		if hash.Sum32()%20 == 0 {
			panic("a handler that panics")
		}
		return errors.New("a handler that fails")
	}
	x.start(t)
	x.flow(t, 2*warmUp)
	if x.consumer.Count(runtime.EventRetried) == 0 || x.consumer.Count(runtime.EventDeadLettered) > 0 {
		t.Errorf("%d retried, %d dead-lettered", x.consumer.Count(runtime.EventRetried), x.consumer.Count(runtime.EventDeadLettered))
	}
}

// playStuckHandler uses a handler that ignores the end of its context: consuming continues without
// it, and its answer is stale when it comes.
func playStuckHandler(t *testing.T, x *consumerExperiment) {
	release := make(chan struct{})
	entered := make(chan struct{})
	first := make(chan struct{}, 1)
	first <- struct{}{}
	x.inspect = func(_ context.Context, id string) error {
		if !strings.HasPrefix(id, "0-") {
			return nil // of the other side, whose connections stay
		}
		select {
		case <-first:
			close(entered)
			<-release
		default:
		}
		return nil
	}
	x.start(t)
	<-entered
	x.flow(t, warmUp)
	x.hosts[0].CloseConnections(t)
	x.flow(t, warmUp)
	stale := x.consumer.Count(runtime.EventStale)
	close(release)
	eventually(t, "its answer is stale", func() bool { return x.consumer.Count(runtime.EventStale) > stale })
	x.flow(t, warmUp)
}
