package faults_test

import (
	"context"
	"errors"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime"
)

var consumerQueueScenarios = []consumerScenario{
	{id: "F4", fault: "acknowledged twice", short: true, times: 0, play: playAcknowledgedTwice},
	{id: "F4", fault: "queue exists with other arguments", short: true, times: 1, only: []string{dedicated}, play: playOtherArguments},
	{id: "F5", fault: "queue deleted", short: true, times: 1, play: playConsumerQueueDeleted},
}

// playAcknowledgedTwice makes each handler acknowledge by itself, and once more, before it returns
// nil: nothing of that reaches the broker, which would close the channel.
func playAcknowledgedTwice(t *testing.T, x *consumerExperiment) {
	x.inspect = func(ctx context.Context, _ string) error {
		delivery := runtime.DeliveryFrom(ctx)
		if err := delivery.Ack(); err != nil {
			t.Errorf("the first answer: %v", err)
		}
		if err := delivery.Reject(true); !errors.Is(err, runtime.ErrAnswered) {
			t.Errorf("the second answer: %v, want ErrAnswered", err)
		}
		return nil
	}
	x.start(t)
	x.flow(t, 2*warmUp)
	if n := x.events.count("ChannelLost"); n > 0 {
		t.Errorf("%d channels were lost", n)
	}
}

// playOtherArguments declares the queue with other arguments: a new consumer gets an error, and a
// running one keeps trying, slowly, until somebody has fixed it.
func playOtherArguments(t *testing.T, x *consumerExperiment) {
	remake := func(arguments amqp.Table) {
		err := dial(t, x.hosts[0], func(channel *amqp.Channel) error {
			if _, err := channel.QueueDelete(publication.RoutingKey, false, false, false); err != nil {
				return err
			}
			_, err := channel.QueueDeclare(publication.RoutingKey, true, false, false, false, arguments)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	x.start(t)
	x.flow(t, warmUp)
	x.starve(t)
	remake(amqp.Table{"x-max-length": 1_000_000})
	eventually(t, "the consumer says so", func() bool { return x.consumer.Count(runtime.EventInterrupted) > 0 })
	var refused *runtime.DeclarationError
	other := x.topology.build(x.broker(t, 0), x.broker(t, 1))
	if _, err := runtime.NewConsumer(t.Context(), other.source, x.subscription()); !errors.As(err, &refused) {
		t.Errorf("a new consumer: %v, want a *DeclarationError", err)
	}
	if err := other.close(t.Context()); err != nil {
		t.Error(err)
	}
	<-time.After(3 * time.Second) // how long it is wrong
	if n := x.consumer.Count(runtime.EventInterrupted); n > 10 {
		t.Errorf("tried %d times in 3s", n)
	}
	remake(nil)
	x.feed(t)
	x.flow(t, warmUp)
}

// playConsumerQueueDeleted deletes the consumer's queue, which the consumer declares again. Its
// messages are deleted on purpose, so everything is handled before.
func playConsumerQueueDeleted(t *testing.T, x *consumerExperiment) {
	x.start(t)
	x.flow(t, warmUp)
	x.starve(t)
	calls := x.calls
	err := dial(t, x.hosts[0], func(channel *amqp.Channel) error {
		_, err := channel.QueueDelete(publication.RoutingKey, false, false, false)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "consuming again", func() bool { return x.consumer.Count(runtime.EventConsuming) > int64(x.topology.sides) })
	if n := x.consumer.Count(runtime.EventCancelled); n != 1 {
		t.Errorf("observed the cancel %d times, want 1", n)
	}
	if x.calls != calls {
		t.Errorf("%d messages came from nowhere", x.calls-calls)
	}
	x.feed(t)
	x.flow(t, warmUp)
}
