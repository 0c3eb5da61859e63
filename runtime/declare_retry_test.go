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
	name := `rabbit_misc:r(<<"` + s.host.Name + `">>, queue, <<"orders">>)`
	// What the other nodes of a cluster know about such a queue: that it is durable.
	node.Control(t, "eval", "mnesia:dirty_delete(rabbit_queue, "+name+").")
	refusals := make(refusalObserver, 100)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: s.host.URL, Observer: refusals})
	t.Cleanup(func() { _ = connection.Close(testContext(t)) })
	source := runtime.DedicatedChannel(connection)

	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	go func() {
		<-refusals
		cancel()
	}()
	_, err := runtime.NewProducer(ctx, source, s.declarations)
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
	node.Control(t, "eval", "[Q] = mnesia:dirty_read(rabbit_durable_queue, "+name+"), mnesia:dirty_write(rabbit_queue, Q).")
	for range cap(made) {
		if err := <-made; err != nil {
			t.Error(err)
		}
	}
}

// refusalObserver is an observer that passes on which declarations the broker refuses.
type refusalObserver chan error

func (r refusalObserver) Observe(_ context.Context, event runtime.Event) {
	if refused, ok := event.(runtime.DeclarationRefusedEvent); ok {
		r <- refused.Err
	}
}
