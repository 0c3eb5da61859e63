package runtime_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestRefusedRecoveryHarmsNoProducer fails 100 messages that the consumer cannot dead-letter,
// because its user may not write to the default exchange. Producers on the same source notice
// nothing, and each refusal costs one channel.
func TestRefusedRecoveryHarmsNoProducer(t *testing.T) {
	if testing.Short() {
		t.Skip("publishes for 8 s; run without -short")
	}
	host := rabbittest.New(t)
	shopOn(t, host, nil).publish(t, 100)
	url := host.AddUser(t, "seller", "secret")
	host.SetPermissions(t, "seller", ".*", "^(shop|sold)$", ".*")
	lost := new(lostChannels)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: url, Observer: lost})
	t.Cleanup(func() { _ = connection.Close(testContext(t)) })
	source := runtime.DedicatedChannel(connection)

	orders := runtime.Queue{Name: "orders", Durable: true}
	consumer, err := runtime.NewConsumer(t.Context(), source, runtime.Subscription{
		Queue: orders, Declarations: &runtime.Declarations{Queues: []runtime.Queue{orders}},
		Routes: []runtime.Route{runtime.RouteJSON(orderPlaced, func(context.Context, *order) error { return errShop })},
	})
	if err != nil {
		t.Fatal(err)
	}
	producer, err := runtime.NewProducer(t.Context(), source, &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "shop", Type: "fanout"}}, Queues: []runtime.Queue{{Name: "sold"}},
		Bindings: []runtime.Binding{{Queue: "sold", Exchange: "shop"}},
	}, runtime.WithAtMostOnce())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	var work sync.WaitGroup
	work.Go(func() { _ = consumer.Run(ctx) })
	var published, failed atomic.Int64
	sold := &runtime.Publication{Name: "Sold", Exchange: "shop", RoutingKey: "x", ContentType: "application/json"}
	for range 20 {
		work.Go(func() {
			for ctx.Err() == nil {
				if _, err := producer.Publish(t.Context(), sold, &order{ID: "1"}); err != nil {
					failed.Add(1)
				}
				published.Add(1)
			}
		})
	}
	<-ctx.Done()
	stopped := time.Now()
	work.Wait()
	t.Logf("the stop took %v", time.Since(stopped).Round(time.Millisecond))
	t.Logf("%d of %d publishes failed, %d channels lost, %d held", failed.Load(), published.Load(), lost.count.Load(), consumer.Count(runtime.EventHeld))
	if failed.Load() > 0 || lost.count.Load() > 6 || lost.count.Load() == 0 {
		t.Errorf("%d of %d publishes failed, %d channels lost, want none failed and a handful of channels", failed.Load(), published.Load(), lost.count.Load())
	}
	host.WaitMessages(t, "orders", 100)
}

// lostChannels is an observer that counts lost channels.
type lostChannels struct{ count atomic.Int64 }

func (l *lostChannels) Observe(_ context.Context, event runtime.Event) {
	if _, ok := event.(runtime.ChannelLostEvent); ok {
		l.count.Add(1)
	}
}
