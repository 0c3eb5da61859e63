package runtime_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestStatusOnBroker follows a connection, a producer and a consumer: before anything is needed,
// while they work, after the connection was lost, and after it was closed.
func TestStatusOnBroker(t *testing.T) {
	host := rabbittest.New(t)
	connection := connect(t, host.URL)
	if got := connection.Status(); got.Producing.Connected || got.Producing.State != runtime.StateReady || got.Producing.Generation != 0 {
		t.Errorf("before anything is needed: %+v", got)
	}
	producer := produce(t, runtime.ChannelPool(connection, 3, runtime.WithWindow(10)), queue("q"))
	eventually(t, "three channels are open", func() bool {
		source, network := producer.Status(), connection.Status().Producing
		return source.Channels == 3 && source.Window == 30 && network.Channels == 3
	})
	first := connection.Status().Producing
	if !first.Connected || first.Generation != 1 || first.Address == "" || first.Since.IsZero() || first.Err != nil {
		t.Errorf("connected: %+v", first)
	}

	release := make(chan struct{})
	consumer, err := runtime.NewConsumer(testContext(t), runtime.DedicatedChannel(connection), runtime.Subscription{
		Queue: queue("q").Queues[0], Declarations: queue("q"),
		Routes: []runtime.Route{runtime.RouteText(to("q"), func(context.Context, string) error { <-release; return nil })},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(testContext(t))
	ran := make(chan error, 1)
	go func() { ran <- consumer.Run(ctx) }()
	for range 5 {
		if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "one of five is handled", func() bool {
		got := consumer.Status()
		return got.Consuming == 1 && got.Handling == 1 && got.Unacknowledged == 5
	})
	close(release)
	eventually(t, "all are acknowledged", func() bool {
		got := consumer.Status()
		return got.Handling == 0 && got.Unacknowledged == 0
	})

	host.WaitConnections(t, 2) // the management API may learn of one later than of the other
	host.CloseConnections(t)
	eventually(t, "it is connected again", func() bool {
		got := connection.Status()
		return got.Producing.Generation == 2 && got.Consuming.Generation == 2 && got.Producing.Since.After(first.Since) &&
			producer.Status().Channels == 3 && consumer.Status().Consuming == 1
	})
	if got := consumer.Status(); got.Err != nil {
		t.Errorf("consuming again: %+v", got)
	}
	if _, err := producer.Publish(testContext(t), to("nowhere"), "x"); err == nil {
		t.Error("nothing came back")
	}
	if acked, returned := producer.Count(runtime.OutcomeAcked), producer.Count(runtime.OutcomeReturned); acked != 5 || returned != 1 {
		t.Errorf("%d acked, %d returned", acked, returned)
	}

	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if err := connection.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	if got := producer.Status(); got.State != runtime.StateClosed || got.Err == nil || got.Channels != 0 {
		t.Errorf("closed: %+v", got)
	}
	if got := connection.Status().Producing; got.Connected || got.State != runtime.StateClosed || got.Channels != 0 {
		t.Errorf("closed: %+v", got)
	}
}

// TestStatusBlocked: an alarm of the broker shows at the connection and the producer.
func TestStatusBlocked(t *testing.T) {
	node := rabbittest.Start(t)
	connection := connect(t, node.URL("/"))
	producer := produce(t, runtime.DedicatedChannel(connection), queue("q"), runtime.WithPublishTimeout(testTimeout))
	node.Alarm(t, true)
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	eventually(t, "it is blocked", func() bool {
		return producer.Status().State == runtime.StateBlocked && connection.Status().Producing.State == runtime.StateBlocked
	})
	if got := producer.Status(); got.Channels != 0 || got.Outstanding != 1 {
		t.Errorf("blocked: %+v", got)
	}
	node.Alarm(t, false)
	if _, err := pending.Wait(testContext(t)); err != nil {
		t.Error(err)
	}
}

// TestStatusDown: nobody listens.
func TestStatusDown(t *testing.T) {
	pool := runtime.ConnectionPool(runtime.Broker{URL: "amqp://127.0.0.1:1", Observer: runtime.NoObserver}, 2)
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = runtime.NewProducer(ctx, runtime.ChannelPerConnection(pool), nil)
	}()
	eventually(t, "both have failed", func() bool {
		return !slices.ContainsFunc(pool.Status(), func(c runtime.ConnectionStatus) bool {
			return c.Producing.State != runtime.StateDown || c.Producing.Err == nil || !c.Producing.Since.IsZero()
		})
	})
	cancel()
	<-asked
	if err := pool.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestCallerStatus: a call waits for its reply, and passes the middleware of its caller.
func TestCallerStatus(t *testing.T) {
	host := rabbittest.New(t)
	var begun, ended atomic.Int64
	release := make(chan struct{})
	respond(t, dial(t, host.URL), func(ctx context.Context, q *question) (*square, error) {
		if got := runtime.DeliveryFrom(ctx).Headers["stamps"]; got != "c" {
			t.Errorf("the request has %v", got)
		}
		<-release
		return answer(ctx, q)
	})
	c := caller(t, dial(t, host.URL), runtime.WithPublishMiddleware(stamp("c", &begun, &ended)))
	failed := make(chan error, 1)
	go func() { failed <- c.Call(testContext(t), squareAsked, &question{Number: 3}, &square{}) }()
	eventually(t, "the call waits", func() bool {
		got := c.Status()
		return got.Waiting == 1 && got.Replies.Consuming == 1 && got.Requests.Outstanding == 0 && got.Requests.Channels == 1 && ended.Load() == 1
	})
	close(release)
	if err := <-failed; err != nil {
		t.Error(err)
	}
	if got := c.Status(); got.Waiting != 0 || begun.Load() != 1 {
		t.Errorf("after the reply: %+v, %d requests", got, begun.Load())
	}
}
