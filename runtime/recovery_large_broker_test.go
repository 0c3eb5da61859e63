package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestLargeHeadersHoldNobodyUp publishes more messages whose headers fill a frame than the
// prefetch, before good ones, and its handler fails them. All are dead-lettered, and the good ones
// are handled.
func TestLargeHeadersHoldNobodyUp(t *testing.T) {
	host := rabbittest.New(t)
	orders := runtime.Queue{Name: "orders", Durable: true}
	const bad, good = 30, 20
	var handled atomic.Int64
	done := make(chan struct{})
	consumer, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(connect(t, host.URL)), runtime.Subscription{
		Queue: orders, Declarations: &runtime.Declarations{Queues: []runtime.Queue{orders}},
		Routes: []runtime.Route{runtime.RouteBytes(orderPlaced, func(ctx context.Context, _ []byte) error {
			if runtime.DeliveryFrom(ctx).Headers["big"] != nil {
				return errShop
			}
			if handled.Add(1) == good {
				close(done)
			}
			return nil
		})},
	}, runtime.WithPrefetch(10), runtime.WithRecovery(runtime.Republish(3, runtime.Backoff{})))
	if err != nil {
		t.Fatal(err)
	}
	channel := host.Channel(t)
	for i := range bad + good {
		m := amqp.Publishing{Type: orderPlaced.Type, Body: []byte("{}"), MessageId: fmt.Sprint(i)}
		if i < bad {
			m.Headers = amqp.Table{"big": strings.Repeat("x", 130_900)}
		}
		if err := channel.PublishWithContext(t.Context(), "", "orders", false, false, m); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(testContext(t))
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	select {
	case <-done:
	case <-ctx.Done():
		t.Errorf("handled %d of %d, held %d times", handled.Load(), good, consumer.Count(runtime.EventHeld))
	}
	host.WaitMessages(t, "orders.dead", bad)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
