package conformance_test

import (
	"context"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// embedding wraps a source and its channels by embedding them.
type embedding struct{ runtime.Source }

func (w embedding) ProducerChannel(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	channel, err := w.Source.ProducerChannel(ctx, request)
	if err != nil {
		return nil, err
	}
	return struct{ runtime.ProducerChannel }{channel}, nil
}

func (w embedding) ConsumerChannel(ctx context.Context, request runtime.ConsumerRequest) (runtime.ConsumerChannel, error) {
	channel, err := w.Source.ConsumerChannel(ctx, request)
	if err != nil {
		return nil, err
	}
	return struct{ runtime.ConsumerChannel }{channel}, nil
}

// byHand wraps a source and its channels with methods that are written by hand.
type byHand struct{ inner runtime.Source }

func (w byHand) Info() runtime.SourceInfo { return w.inner.Info() }

func (w byHand) ProducerChannel(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	channel, err := w.inner.ProducerChannel(ctx, request)
	if err != nil {
		return nil, err
	}
	return producerByHand{channel}, nil
}

func (w byHand) ConsumerChannel(ctx context.Context, request runtime.ConsumerRequest) (runtime.ConsumerChannel, error) {
	channel, err := w.inner.ConsumerChannel(ctx, request)
	if err != nil {
		return nil, err
	}
	return consumerByHand{channel}, nil
}

type producerByHand struct{ inner runtime.ProducerChannel }

func (c producerByHand) Publish(ctx context.Context, request runtime.PublishRequest) {
	c.inner.Publish(ctx, request)
}
func (c producerByHand) Done() <-chan struct{} { return c.inner.Done() }

type consumerByHand struct{ inner runtime.ConsumerChannel }

func (c consumerByHand) Consume(ctx context.Context, request runtime.ConsumeRequest) (runtime.Consumption, error) {
	return c.inner.Consume(ctx, request)
}

func (c consumerByHand) Producer(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	return c.inner.Producer(ctx, request)
}
func (c consumerByHand) Cancel(ctx context.Context) error { return c.inner.Cancel(ctx) }
func (c consumerByHand) Done() <-chan struct{}            { return c.inner.Done() }
func (c consumerByHand) Err() error                       { return c.inner.Err() }
func (c consumerByHand) Close(ctx context.Context) error  { return c.inner.Close(ctx) }

// composed takes producer channels from one source and consumer channels from another: pools serve
// producers only.
type composed struct {
	runtime.ProducerSource
	consumers runtime.ConsumerSource
}

func (c composed) ConsumerChannel(ctx context.Context, request runtime.ConsumerRequest) (runtime.ConsumerChannel, error) {
	return c.consumers.ConsumerChannel(ctx, request)
}

// wrapped wraps a source twice, so that what either wrapper loses is missed.
func wrapped(source runtime.Source) runtime.Source { return byHand{embedding{source}} }

// oneHost keeps a pair on its active side, as the tests look at one virtual host.
var oneHost = runtime.Failover{Grace: time.Hour, BlockedGrace: -1, Consumers: runtime.ConsumeTakeOver}

// runWrapped runs the suite on each topology.
func runWrapped(t *testing.T, topologies []topology, parallel bool, newBroker func(*testing.T, topology) *broker) {
	for _, topology := range topologies {
		for _, c := range suite {
			if c.name == "pipelined order" && !topology.keepsOrder {
				continue
			}
			t.Run(topology.name+"/"+c.name, func(t *testing.T) {
				if parallel {
					t.Parallel()
				}
				c.test(t, newBroker(t, topology))
			})
		}
	}
}

// A topology makes a source.
type topology struct {
	name       string
	keepsOrder bool // of publishes

	onScamptest func(active, passive *scamptest.Broker) runtime.Source
	onRabbitMQ  func(t *testing.T, active, passive string) runtime.Source
}

var topologies = []topology{
	{
		"dedicated channel", true,
		func(active, _ *scamptest.Broker) runtime.Source { return active },
		func(t *testing.T, active, _ string) runtime.Source {
			return runtime.DedicatedChannel(connect(t, active))
		},
	},
	{
		"channel pool", false,
		func(active, _ *scamptest.Broker) runtime.Source { return composed{active.Pool(1, 3), active} },
		func(t *testing.T, active, _ string) runtime.Source {
			connection := connect(t, active)
			return composed{runtime.ChannelPool(connection, 3), runtime.DedicatedChannel(connection)}
		},
	},
	{
		"connection pool", false,
		func(active, _ *scamptest.Broker) runtime.Source { return composed{active.Pool(2, 1), active} },
		func(t *testing.T, active, _ string) runtime.Source {
			pool := runtime.ConnectionPool(runtime.Broker{URL: active}, 2)
			t.Cleanup(func() { must(t, pool.Close(context.Background())) })
			return composed{runtime.ChannelPerConnection(pool), runtime.DedicatedChannel(connect(t, active))}
		},
	},
	{
		"active/passive", true,
		func(active, passive *scamptest.Broker) runtime.Source {
			return runtime.ActivePassive(wrapped(active), wrapped(passive), oneHost)
		},
		func(t *testing.T, active, passive string) runtime.Source {
			return runtime.ActivePassive(
				wrapped(runtime.DedicatedChannel(connect(t, active))), wrapped(runtime.DedicatedChannel(connect(t, passive))), oneHost)
		},
	},
}

func TestWrappedScamptest(t *testing.T) {
	runWrapped(t, topologies, false, func(t *testing.T, topology topology) *broker {
		active, passive := scamptest.New(), scamptest.New()
		t.Cleanup(active.Close)
		t.Cleanup(passive.Close)
		return onScamptest(active, wrapped(topology.onScamptest(active, passive)))
	})
}

func TestWrappedRabbitMQ(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute: run it without -short")
	}
	runWrapped(t, topologies, true, func(t *testing.T, topology topology) *broker {
		active, passive := rabbittest.New(t), rabbittest.New(t)
		return onRabbitMQ(t, active, wrapped(topology.onRabbitMQ(t, active.URL, passive.URL)))
	})
}

// TestWrappedPair consumes through wrappers from both virtual hosts of a pair, publishes to the one
// in use, and is told of the switch.
func TestWrappedPair(t *testing.T) {
	t.Run("scamptest", func(t *testing.T) {
		active, passive := scamptest.New(), scamptest.New()
		t.Cleanup(active.Close)
		t.Cleanup(passive.Close)
		testWrappedPair(t, active, passive)
	})
	t.Run("RabbitMQ", func(t *testing.T) {
		active, passive := rabbittest.New(t), rabbittest.New(t)
		testWrappedPair(t, runtime.DedicatedChannel(connect(t, active.URL)), runtime.DedicatedChannel(connect(t, passive.URL)))
	})
}

func testWrappedPair(t *testing.T, active, passive runtime.Source) {
	counters := new(runtime.Counters)
	pair := runtime.ActivePassive(active, passive, runtime.Failover{Observer: counters, Grace: time.Hour})
	source := wrapped(pair)
	b, direct := &broker{Source: source}, &broker{Source: passive}
	received := make(chan string, 10)
	consumer, stop := b.run(t, nil, func(_ context.Context, body string) error {
		received <- body
		return nil
	})
	happens(t, consumer, runtime.EventConsuming, 2)
	direct.queue(t, "q")
	direct.send(t, "q", "left in the passive virtual host")
	if got := <-received; got != "left in the passive virtual host" {
		t.Errorf("received %q", got)
	}
	b.send(t, "q", "active")
	if got := <-received; got != "active" {
		t.Errorf("received %q", got)
	}
	if !pair.FailOver() {
		t.Error("the pair has not switched")
	}
	stop()
	if counts := counters.Counts(); counts.Failovers != 1 || counts.Consumers[runtime.EventConsuming] != 2 {
		t.Errorf("the pair's observer was told %+v, and %d times of consuming", counts, counts.Consumers[runtime.EventConsuming])
	}
}
