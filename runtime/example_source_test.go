package runtime_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// Mirror is a custom source: publishes alternate between several others, for example between the
// clusters of two regions that hold the same queues.
type Mirror struct {
	sources []runtime.ProducerSource
	turn    atomic.Uint64
}

// ProducerChannel returns a channel of the source whose turn it is. That source waits, reconnects
// and declares.
func (m *Mirror) ProducerChannel(ctx context.Context, d *runtime.Declarations) (runtime.ProducerChannel, error) {
	turn := m.turn.Add(1) - 1
	return m.sources[turn%uint64(len(m.sources))].ProducerChannel(ctx, d)
}

// A custom topology is a type with one method for producers, and another one for consumers.
func Example_sourceOfYourOwn() {
	ctx := context.Background()
	east, west := scamptest.New(), scamptest.New()
	declarations := &runtime.Declarations{Queues: []runtime.Queue{{Name: "orders", Durable: true}}}

	producer, err := runtime.NewProducer(ctx, &Mirror{sources: []runtime.ProducerSource{east, west}}, declarations)
	if err != nil {
		panic(err)
	}
	defer producer.Close(ctx)
	placed := &runtime.Publication{Name: "OrderPlaced", RoutingKey: "orders"}
	for range 4 {
		if _, err := producer.Publish(ctx, placed, "an order"); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(len(east.Messages("orders")) > 0, len(west.Messages("orders")) > 0)
	// Output: true true
}
