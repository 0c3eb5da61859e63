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
func (m *Mirror) ProducerChannel(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	turn := m.turn.Add(1) - 1
	return m.sources[turn%uint64(len(m.sources))].ProducerChannel(ctx, request)
}

// Info returns what the mirror can do besides. What happens is reported to the observer of the first
// source.
func (m *Mirror) Info() runtime.SourceInfo {
	return runtime.SourceInfo{Observer: m.sources[0].Info().Observer}
}

// A custom topology is a type with one method for producers, or another one for consumers, and one
// that says what it can do besides.
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

// Stamped wraps any source: it adds a header to each message. It embeds the source, so it has
// whatever that has, such as the two virtual hosts of an active/passive pair.
type Stamped struct {
	runtime.Source
	region string
}

// ProducerChannel returns a channel of the source, wrapped too.
func (s Stamped) ProducerChannel(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	channel, err := s.Source.ProducerChannel(ctx, request)
	if err != nil {
		return nil, err
	}
	return stampedChannel{channel, s.region}, nil
}

type stampedChannel struct {
	runtime.ProducerChannel
	region string
}

// Publish sets the header and passes the request on.
func (c stampedChannel) Publish(ctx context.Context, request runtime.PublishRequest) {
	if request.Message.Headers == nil {
		request.Message.Headers = runtime.Headers{}
	}
	request.Message.Headers["region"] = c.region
	c.ProducerChannel.Publish(ctx, request)
}

// A wrapper embeds what it wraps, and writes again only the methods that it changes.
func Example_wrappedSource() {
	ctx := context.Background()
	active, passive := scamptest.New(), scamptest.New()
	defer active.Close()
	defer passive.Close()
	source := Stamped{runtime.ActivePassive(active, passive, runtime.Failover{}), "east"}
	declarations := &runtime.Declarations{Queues: []runtime.Queue{{Name: "orders", Durable: true}}}

	producer, err := runtime.NewProducer(ctx, source, declarations)
	if err != nil {
		panic(err)
	}
	defer producer.Close(ctx)
	if _, err := producer.Publish(ctx, &runtime.Publication{Name: "OrderPlaced", RoutingKey: "orders"}, "an order"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(active.Messages("orders")[0].Headers["region"], "of", source.Info().VirtualHosts, "virtual hosts")
	// Output: east of 2 virtual hosts
}
