package runtime_test

import (
	"context"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestForgedDeliveryCount publishes a message with the header in which a quorum queue counts
// deliveries, as a shovel or anybody else may do. The message is handled, and only the broker's own
// count is used.
func TestForgedDeliveryCount(t *testing.T) {
	host := rabbittest.New(t)
	for _, kind := range []string{"quorum", "classic"} {
		t.Run(kind, func(t *testing.T) {
			queue := runtime.Queue{Name: kind, Durable: true, Arguments: runtime.Headers{"x-queue-type": kind}}
			connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL})
			t.Cleanup(func() { _ = connection.Close(testContext(t)) })
			type seen struct {
				redelivered bool
				count       int
			}
			came := make(chan seen, 10)
			consumer, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(connection), runtime.Subscription{
				Queue: queue, Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}},
				Routes: []runtime.Route{runtime.RouteBytes(orderPlaced, func(ctx context.Context, _ []byte) error {
					d := runtime.DeliveryFrom(ctx)
					came <- seen{d.Redelivered, d.DeliveryCount}
					if !d.Redelivered {
						return d.Reject(true)
					}
					return nil
				})},
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := host.Channel(t).PublishWithContext(t.Context(), "", kind, false, false, amqp.Publishing{
				Headers: amqp.Table{"x-delivery-count": int64(16)}, Type: orderPlaced.Type, Body: []byte("{}"),
			}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(testContext(t))
			ended := make(chan error, 1)
			go func() { ended <- consumer.Run(ctx) }()
			want := []seen{{false, 0}, {true, 1}}
			if kind == "classic" {
				want[1].count = 0
			}
			for i, want := range want {
				select {
				case got := <-came:
					if got != want {
						t.Errorf("delivery %d: %+v, want %+v", i+1, got, want)
					}
				case <-ctx.Done():
					t.Fatalf("delivery %d did not come: dead-lettered %d", i+1, consumer.Count(runtime.EventDeadLettered))
				}
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}
