package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestClassicToQuorum follows the recipe of docs/consuming.md while a producer publishes: bind the
// new queue, unbind the old one, move what is left, delete the old queue. No publish fails and no
// message is lost.
func TestClassicToQuorum(t *testing.T) {
	host := rabbittest.New(t)
	source := runtime.DedicatedChannel(connect(t, host.URL))
	exchange := runtime.Exchange{Name: "shop", Type: "topic", Durable: true}
	declared := func(name string, arguments runtime.Headers) *runtime.Declarations {
		return &runtime.Declarations{
			Exchanges: []runtime.Exchange{exchange},
			Queues:    []runtime.Queue{{Name: name, Durable: true, Arguments: arguments}},
			Bindings:  []runtime.Binding{{Queue: name, Exchange: "shop", RoutingKey: "order.#"}},
		}
	}
	placed := &runtime.Publication{Name: "OrderPlaced", Exchange: "shop", RoutingKey: "order.placed", ContentType: "application/json"}
	old := declared("orders", runtime.Headers{"x-queue-type": "classic"})
	producer, err := runtime.NewProducer(t.Context(), source, old)
	if err != nil {
		t.Fatal(err)
	}
	const n = 3000
	part := make(chan struct{}) // a third is published
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for i := range n {
			if i%(n/3) == 0 && i > 0 {
				part <- struct{}{}
			}
			if _, err := producer.Publish(t.Context(), placed, &order{ID: fmt.Sprint(i)}); err != nil {
				t.Errorf("publish %d: %v", i, err)
			}
		}
	})

	<-part
	quorum := &shop{host: host, source: source, declarations: declared("orders.v2", runtime.Headers{"x-queue-type": "quorum"})}
	var mu sync.Mutex
	handled := map[string]int{}
	_, stop := quorum.consume(t, func(_ context.Context, o *order) error { // declares and binds
		mu.Lock()
		defer mu.Unlock()
		handled[o.ID]++
		return nil
	})
	if err := host.Channel(t).QueueUnbind("orders", "order.#", "shop", nil); err != nil {
		t.Fatal(err)
	}
	mover := &shop{host: host, source: source, declarations: &runtime.Declarations{Queues: old.Queues}}
	moving, stopMoving := mover.consume(t, func(context.Context, *order) error { return errors.New("it moves") }, runtime.WithRecovery(runtime.Forward("orders.v2")))
	<-part
	host.WaitMessages(t, "orders", 0)
	eventually(t, "what is left is moved", func() bool { s := moving.Status(); return s.Unacknowledged == 0 })
	stopMoving()
	if _, err := host.Channel(t).QueueDelete("orders", true, true, false); err != nil { // only if it is unused and empty
		t.Fatal(err)
	}
	publishing.Wait()
	eventually(t, "all are handled", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(handled) == n
	})
	stop()
	twice := 0
	for _, times := range handled {
		twice += times - 1
	}
	t.Logf("%d published, %d moved, %d handled twice", n, moving.Count(runtime.EventForwarded), twice)
}
