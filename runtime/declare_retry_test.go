package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// testQueueOfAnotherNode lets the broker say that a queue is on a node of the cluster that is down.
// That is temporary: producer and consumer wait, and continue when the node is back.
func testQueueOfAnotherNode(t *testing.T, node *rabbittest.Node) {
	s := shopOn(t, node.NewVirtualHost(t), nil)
	s.publish(t, 1)
	bringBack := loseNodeOf(t, node, s.host, "orders")
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	refusals, returned := make(refusalObserver, 100), make(chan struct{})
	observer := cancellingObserver{refusals, cancel, returned}
	connection := runtime.DedicatedConnection(runtime.Broker{URL: s.host.URL, Observer: observer})
	t.Cleanup(func() { _ = connection.Close(testContext(t)) })
	source := runtime.DedicatedChannel(connection)

	_, err := runtime.NewProducer(ctx, source, s.declarations)
	close(returned)
	var refused *runtime.DeclarationError
	if !errors.Is(err, context.Canceled) || errors.As(err, &refused) || !strings.Contains(err.Error(), "is down or inaccessible") {
		t.Errorf("a producer while the node is down: %v", err)
	}
	bounded := testContext(t) // its end tells which declaration the broker does not answer
	made := make(chan error, 2)
	go func() {
		producer, err := runtime.NewProducer(bounded, source, s.declarations)
		if err == nil {
			err = producer.Close(bounded)
		}
		made <- err
	}()
	go func() {
		_, err := runtime.NewConsumer(bounded, source, runtime.Subscription{
			Queue: s.declarations.Queues[0], Declarations: s.declarations,
			Routes: []runtime.Route{runtime.RouteJSON(orderPlaced, func(context.Context, *order) error { return nil })},
		})
		made <- err
	}()
	for range 4 {
		select {
		case err := <-made:
			t.Fatalf("did not wait for the node: %v", err)
		case <-refusals:
		}
	}
	bringBack()
	for range cap(made) {
		if err := <-made; err != nil {
			t.Error(err)
		}
	}
}

// loseNodeOf makes the broker believe that a queue is on a node that is down, until bringBack is called.
func loseNodeOf(t *testing.T, node *rabbittest.Node, host *rabbittest.VirtualHost, queue string) (bringBack func()) {
	t.Helper()
	name := `rabbit_misc:r(<<"` + host.Name + `">>, queue, <<"` + queue + `">>)`
	// What the other nodes of a cluster know about such a queue: that it is durable.
	node.Control(t, "eval", "[Q] = mnesia:dirty_read(rabbit_queue, "+name+"), persistent_term:put("+name+", Q), mnesia:dirty_delete(rabbit_queue, "+name+").")
	return func() {
		t.Helper()
		node.Control(t, "eval", "mnesia:dirty_write(rabbit_queue, persistent_term:get("+name+")).")
	}
}

// testDeadLetterQueueOfAnotherNode does that to the dead-letter queue only: the consumer does not wait for
// it, and a message that fails is kept until it is back.
func testDeadLetterQueueOfAnotherNode(t *testing.T, node *rabbittest.Node) {
	s := shopOn(t, node.NewVirtualHost(t), nil)
	refusals := make(refusalObserver, 100)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: s.host.URL, Observer: refusals})
	t.Cleanup(func() { _ = connection.Close(testContext(t)) })
	s.source = runtime.DedicatedChannel(connection)
	handle := func(_ context.Context, o *order) error {
		if o.ID == "1" {
			return errShop
		}
		return nil
	}
	_, stop := s.consume(t, handle) // makes the queues
	stop()
	bringBack := loseNodeOf(t, node, s.host, "orders.dead")
	s.publish(t, 3)
	consumer, stop := s.consume(t, handle)
	defer stop()
	eventually(t, "the good messages are handled", func() bool { return consumer.Count(runtime.EventHandled) == 2 })
	select {
	case err := <-refusals:
		if !strings.Contains(err.Error(), `queue "orders.dead"`) {
			t.Errorf("refused is %v", err)
		}
	default:
		t.Error("nobody was told that the dead-letter queue is away")
	}
	eventually(t, "one fails", func() bool { return consumer.Count(runtime.EventFailed) == 1 })
	if n := consumer.Count(runtime.EventDeadLettered); n != 0 {
		t.Errorf("%d messages went to a queue that is away", n)
	}
	bringBack()
	eventually(t, "it is a dead letter", func() bool { return consumer.Count(runtime.EventDeadLettered) == 1 })
	if dead := s.take(t, "orders.dead", 1); string(dead[0].Body) != `{"id":"1"}` {
		t.Errorf("the dead letter is %s", dead[0].Body)
	}
}

// refusalObserver is an observer that passes on which declarations the broker refuses.
type refusalObserver chan error

func (r refusalObserver) Observe(_ context.Context, event runtime.Event) {
	if refused, ok := event.(runtime.DeclarationRefusedEvent); ok {
		r <- refused.Err
	}
}

// cancellingObserver cancels a context when a declaration is refused, and goes on when who waited with
// it has returned: the context has ended before anybody but the observer learns of the refusal.
type cancellingObserver struct {
	refusalObserver
	cancel   context.CancelFunc
	returned chan struct{}
}

func (c cancellingObserver) Observe(ctx context.Context, event runtime.Event) {
	if _, ok := event.(runtime.DeclarationRefusedEvent); ok {
		c.cancel()
		<-c.returned
	}
	c.refusalObserver.Observe(ctx, event)
}
