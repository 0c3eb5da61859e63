package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

type order struct {
	ID string `json:"id"`
}

var (
	orderPlaced = &runtime.Publication{Name: "OrderPlaced", RoutingKey: "orders", Type: "order.placed", ContentType: "application/json"}
	errShop     = errors.New("the shop is closed")
)

// shop is a queue named orders, with a producer and the consumers that a test starts.
type shop struct {
	host         *rabbittest.VirtualHost
	source       runtime.Source
	declarations *runtime.Declarations
}

func openShop(t *testing.T, arguments runtime.Headers) *shop {
	t.Helper()
	return shopOn(t, rabbittest.New(t), arguments)
}

func shopOn(t *testing.T, host *rabbittest.VirtualHost, arguments runtime.Headers) *shop {
	t.Helper()
	connection := connect(t, host.URL)
	return &shop{
		host: host, source: runtime.DedicatedChannel(connection),
		declarations: &runtime.Declarations{Queues: []runtime.Queue{{Name: "orders", Durable: true, Arguments: arguments}}},
	}
}

// publish publishes n orders and returns when the broker has them.
func (s *shop) publish(t *testing.T, n int, options ...runtime.ProducerOption) {
	t.Helper()
	producer, err := runtime.NewProducer(t.Context(), s.source, s.declarations, options...)
	if err != nil {
		t.Fatal(err)
	}
	var pending []*runtime.Pending
	for i := range n {
		id := fmt.Sprint(i)
		pending = append(pending, producer.PublishAsync(t.Context(), orderPlaced, &order{ID: id}, runtime.WithMessageID(id)))
	}
	for _, p := range pending {
		if _, err := p.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := producer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// consume runs a consumer and returns it with a function that stops it.
func (s *shop) consume(t *testing.T, handle func(context.Context, *order) error, options ...runtime.ConsumerOption) (*runtime.Consumer, func()) {
	t.Helper()
	consumer, err := runtime.NewConsumer(testContext(t), s.source, runtime.Subscription{
		Queue: s.declarations.Queues[0], Declarations: s.declarations,
		Routes: []runtime.Route{runtime.RouteJSON(orderPlaced, handle)},
	}, options...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	select {
	case <-consumer.Ready():
	case <-time.After(testTimeout):
		t.Fatal("the consumer is not ready")
	}
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return consumer, stop
}

// take removes n messages from a queue and returns them.
func (s *shop) take(t *testing.T, queue string, n int) []*runtime.Delivery {
	t.Helper()
	channel, err := s.source.ConsumerChannel(t.Context(), runtime.ConsumerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer channel.Close(t.Context())
	consumption, err := channel.Consume(t.Context(), runtime.ConsumeRequest{Queue: queue, Prefetch: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var taken []*runtime.Delivery
	for len(taken) < n {
		select {
		case d := <-consumption.Deliveries:
			if err := d.Ack(); err != nil {
				t.Fatal(err)
			}
			taken = append(taken, d)
		case <-time.After(testTimeout):
			t.Fatalf("%d messages in %s, want %d", len(taken), queue, n)
		}
	}
	return taken
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(testTimeout); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("not after %v: %s", testTimeout, what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
