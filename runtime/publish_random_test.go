package runtime_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestCancellationsAtRandom ends the contexts of publishes at random while the peer answers at
// random, and loses connections and channels now and then. What was confirmed had arrived, each
// message has arrived with its own body, and afterwards a publish finds a slot.
func TestCancellationsAtRandom(t *testing.T) {
	publishes := 1000
	if testing.Short() {
		publishes = 100
	}
	for _, topology := range []string{"pool", "pair"} {
		t.Run(topology, func(t *testing.T) { cancelAtRandom(t, topology, publishes) })
	}
}

func cancelAtRandom(t *testing.T, topology string, publishes int) {
	t.Helper()
	var arrived sync.Map
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		if want := string(repeated(p.MessageID).body()); string(p.Body) != want {
			t.Errorf("%s arrived with the body %.100q, want %.100q", p.MessageID, p.Body, want)
		}
		arrived.Store(p.MessageID, true)
		switch n := rand.IntN(1000); {
		case p.RoutingKey == "good":
			return nullbroker.Ack
		case n < 3:
			return nullbroker.Silent
		case n < 70:
			return nullbroker.Return
		case n < 120:
			return nullbroker.Nack
		}
		return nullbroker.Ack
	}})
	source := runtime.ChannelPool(connect(t, server.URL()), 2, runtime.WithWindow(8))
	if topology == "pair" {
		other := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), Observer: runtime.NoObserver})
		t.Cleanup(func() { _ = other.Close(testContext(t)) })
		passive := runtime.ChannelPool(other, 2, runtime.WithWindow(8))
		source = runtime.ActivePassiveProducer(source, passive, runtime.Failover{Grace: time.Millisecond, MinDwell: time.Millisecond})
	}
	producer := produce(t, source, nil)
	var publishing sync.WaitGroup
	var acked, ended atomic.Int64
	for i := range 50 {
		publishing.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for n := range publishes {
				ctx, cancel := context.WithCancel(context.Background())
				switch random.IntN(4) {
				case 0:
					cancel()
				case 1:
					go cancel()
				default:
					time.AfterFunc(time.Duration(random.IntN(30_000))*time.Microsecond, cancel)
				}
				id, to := fmt.Sprint(i, " ", n), to(fmt.Sprint("k", random.IntN(5)))
				var err error
				if n%2 == 0 {
					_, err = producer.Publish(ctx, to, repeated(id), runtime.WithMessageID(id))
				} else {
					_, err = producer.PublishAsync(ctx, to, repeated(id), runtime.WithMessageID(id)).Wait(context.Background())
				}
				if _, there := arrived.Load(id); err == nil && !there {
					t.Errorf("%s did not arrive and was confirmed", id)
				}
				if err == nil {
					acked.Add(1)
				} else {
					ended.Add(1)
				}
				cancel()
				if random.IntN(20_000) == 0 {
					server.Cut()
				}
			}
		})
	}
	publishing.Wait()
	for i := range 32 {
		id := fmt.Sprint("afterwards ", i)
		if _, err := producer.Publish(testContext(t), to("good"), repeated(id), runtime.WithMessageID(id)); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	}
	t.Logf("%d were confirmed and %d not", acked.Load(), ended.Load())
}

// repeated is a payload that encodes itself, like generated messages, into memory that is used
// again.
type repeated string

func (r repeated) body() []byte {
	body, _ := r.AppendJSON(nil)
	return body
}

func (r repeated) AppendJSON(dst []byte) ([]byte, error) {
	return append(dst, strings.Repeat(string(r), 20)...), nil
}

// TestCloseWithMuchInFlight closes a producer with 8,000 unanswered publishes in flight, while 2,000
// more wait or are started. Each ends, and their goroutines do. Each has a key of its own: publishes
// to one key would wait for each other as soon as one is overdue.
func TestCloseWithMuchInFlight(t *testing.T) {
	const window, publishes = 8000, 10_000
	var arrived, entered, unknown, absent atomic.Int64
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived.Add(1)
		return nullbroker.Silent
	}})
	source := runtime.DedicatedChannel(connect(t, server.URL()), runtime.WithWindow(window))
	producer, err := runtime.NewProducer(testContext(t), source, nil, runtime.WithPublishTimeout(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var publishing sync.WaitGroup
	for i := range publishes {
		publishing.Go(func() {
			entered.Add(1)
			var err error
			if i%2 == 0 {
				_, err = producer.Publish(context.Background(), to(fmt.Sprint(i)), "x")
			} else {
				_, err = producer.PublishAsync(context.Background(), to(fmt.Sprint(i)), "x").Wait(context.Background())
			}
			switch {
			case err == nil:
				t.Error("confirmed by nobody")
			case runtime.MayHaveBeenDelivered(err):
				unknown.Add(1)
			default:
				absent.Add(1)
			}
		})
	}
	eventually(t, "the window is full", func() bool { return arrived.Load() >= window && entered.Load() >= publishes-10 })
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	if err := producer.Close(ctx); err == nil {
		t.Error("closed without a word")
	}
	publishing.Wait()
	t.Logf("%d unknown, %d not sent", unknown.Load(), absent.Load())
}
