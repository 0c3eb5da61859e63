package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// released is a source that counts the declarations that it was told to forget, and reports to an
// observer.
type released struct {
	runtime.Source
	observer runtime.Observer
	n        *int
}

func (s released) Info() runtime.SourceInfo {
	info := s.Source.Info()
	info.Observer = s.observer
	info.Release = func(*runtime.Declarations) { *s.n++ }
	return info
}

// TestWrappedSourceLosesNothing uses what a source can do besides, through pairs and wrappers.
func TestWrappedSourceLosesNothing(t *testing.T) {
	for name, wrap := range map[string]func(runtime.Source) runtime.Source{
		"plain":         func(s runtime.Source) runtime.Source { return s },
		"embedded":      func(s runtime.Source) runtime.Source { return struct{ runtime.Source }{s} },
		"pair of pairs": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var releases, hosts int
				counters := &runtime.Counters{}
				own := func() runtime.Source {
					b := scamptest.New()
					t.Cleanup(b.Close)
					hosts++
					return released{b, counters, &releases}
				}
				pair := func() runtime.Source { return runtime.ActivePassive(own(), own(), runtime.Failover{}) }
				var source runtime.Source
				if wrap == nil {
					source = struct{ runtime.Source }{runtime.ActivePassive(pair(), struct{ runtime.Source }{pair()}, runtime.Failover{})}
				} else {
					source = wrap(pair())
				}
				if got := source.Info().VirtualHosts; got != hosts {
					t.Errorf("%d virtual hosts, want %d", got, hosts)
				}
				if _, err := source.ConsumerChannel(t.Context(), runtime.ConsumerRequest{VirtualHost: hosts}); err == nil {
					t.Error("there is one virtual host too many")
				}
				publishAndConsume(t, source)
				if releases != hosts {
					t.Errorf("%d sources have released the declarations, want %d", releases, hosts)
				}
				if counts := counters.Counts(); counts.Acked != 1 || counts.Consumers[runtime.EventConsuming] != int64(hosts) {
					t.Errorf("the observer was told of %d publishes, and %d times of consuming", counts.Acked, counts.Consumers[runtime.EventConsuming])
				}
			})
		})
	}
}

// publishAndConsume publishes one message, consumes it, and closes both clients.
func publishAndConsume(t *testing.T, source runtime.Source) {
	t.Helper()
	d := &runtime.Declarations{Queues: []runtime.Queue{{Name: "q", Durable: true}}}
	producer, err := runtime.NewProducer(t.Context(), source, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := producer.Publish(t.Context(), to("q"), "x"); err != nil {
		t.Error(err)
	}
	handled := make(chan struct{})
	consumer, err := runtime.NewConsumer(t.Context(), source, runtime.Subscription{
		Queue: d.Queues[0], Declarations: d,
		Routes: []runtime.Route{runtime.RouteText(to("q"), func(context.Context, string) error {
			close(handled)
			return nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- consumer.Run(ctx) }()
	<-handled
	synctest.Wait()
	stop()
	if err := errors.Join(<-ended, producer.Close(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestPairAsksWithoutWaiting counts the requests of a pair that is used for the second time: the
// side in use has a channel, and is asked for it in a way that does not wait.
func TestPairAsksWithoutWaiting(t *testing.T) {
	for _, obeys := range []bool{false, true} {
		active, passive := scamptest.New(), scamptest.New()
		asked := &asking{Source: active, noWait: obeys}
		producer := produce(t, runtime.ActivePassive(asked, passive, runtime.Failover{}), nil)
		t.Cleanup(active.Close)
		t.Cleanup(passive.Close)
		if err := active.Declare(&runtime.Declarations{Queues: []runtime.Queue{{Name: "q"}}}); err != nil {
			t.Fatal(err)
		}
		asked.requests = nil
		if _, err := producer.Publish(t.Context(), to("q"), "x"); err != nil {
			t.Error(err)
		}
		if len(asked.requests) != 1 || asked.requests[0].NoWait != obeys {
			t.Errorf("obeys %v: asked with %+v", obeys, asked.requests)
		}
	}
}

// asking keeps the requests for channels.
type asking struct {
	runtime.Source
	noWait   bool
	requests []runtime.ProducerRequest
}

func (s *asking) Info() runtime.SourceInfo {
	info := s.Source.Info()
	info.NoWait = s.noWait
	return info
}

func (s *asking) ProducerChannel(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	s.requests = append(s.requests, request)
	return s.Source.ProducerChannel(ctx, request)
}

// TestNoWait asks sources for a channel that they do not have.
func TestNoWait(t *testing.T) {
	down, other := scamptest.New(), scamptest.New()
	down.Stop()
	connection := runtime.DedicatedConnection(runtime.Broker{URL: "amqp://127.0.0.1:1", Observer: runtime.NoObserver})
	t.Cleanup(func() { _ = connection.Close(testContext(t)) })
	for name, source := range map[string]runtime.ProducerSource{
		"scamptest":         down,
		"pool of scamptest": down.Pool(1, 2),
		"dedicated channel": runtime.DedicatedChannel(connection),
		"channel pool":      runtime.ChannelPool(connection, 2),
		"active/passive":    runtime.ActivePassive(down, other, runtime.Failover{}),
	} {
		if !source.Info().NoWait {
			t.Errorf("%s: does not say that it obeys NoWait", name)
		}
		if _, err := source.ProducerChannel(t.Context(), runtime.ProducerRequest{NoWait: true}); !errors.Is(err, runtime.ErrNotReady) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
