//go:build unix

package amqpbench

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// A consumption describes how a consumer consumes.
type consumption struct {
	prefetch, workers int
	decode            bool
}

var consumptions = []consumption{
	{1, 1, false},
	{100, 1, false},
	{100, 1, true},
	{100, 8, false},
	{100, 8, true},
	{1000, 1, false},
	{1000, 1, true},
	{1000, 8, false},
	{1000, 8, true},
}

func (c consumption) String() string {
	return fmt.Sprintf("prefetch=%d/workers=%d/decode=%v", c.prefetch, c.workers, c.decode)
}

// delivered is the body of the messages that are consumed.
var delivered = []byte(`{"id":"o-1","lines":3,"note":"` + strings.Repeat("x", bodySize-32) + `"}`)

type deliveredOrder struct {
	ID    string `json:"id"`
	Lines int    `json:"lines"`
	Note  string `json:"note"`
}

// BenchmarkConsumeNull consumes for some time from a peer that sends messages without end.
func BenchmarkConsumeNull(b *testing.B) {
	url := startNullBroker(b)
	for _, c := range consumptions {
		b.Run(c.String(), func(b *testing.B) {
			raw, scamp := newConsumers(b, url, c)
			compare(b,
				side{name: "raw", work: func(d time.Duration) (int, []time.Duration) { return raw(newGoal(0, d)), nil }},
				side{name: "scamp", work: func(d time.Duration) (int, []time.Duration) { return scamp(newGoal(0, d)), nil }},
			)
		})
	}
}

// BenchmarkConsumeRabbitMQ empties a queue that was filled before.
func BenchmarkConsumeRabbitMQ(b *testing.B) {
	for _, c := range consumptions {
		b.Run(c.String(), func(b *testing.B) {
			host := rabbittest.New(b)
			filler := newRaw(b, host.URL, true)
			raw, scamp := newConsumers(b, host.URL, c)
			n := min(c.prefetch*2000, 8_000)
			fill := func() { fillQueue(b, filler, n) }
			compare(b,
				side{"raw", fill, func(time.Duration) (int, []time.Duration) { return raw(newGoal(n, time.Minute)), nil }},
				side{"scamp", fill, func(time.Duration) (int, []time.Duration) { return scamp(newGoal(n, time.Minute)), nil }},
			)
		})
	}
}

func fillQueue(b *testing.B, filler raw, n int) {
	if _, err := filler.channel.QueuePurge(queue, false); err != nil {
		b.Fatal(err)
	}
	var last func() error
	for range n {
		var err error
		if last, err = filler.publish(delivered); err != nil {
			b.Fatal(err)
		}
	}
	if err := last(); err != nil {
		b.Fatal(err)
	}
}

// A goal is reached after n messages, if n is not 0, or after some time.
type goal struct {
	n        int64
	consumed atomic.Int64
	reached  chan struct{}
	once     sync.Once
}

func newGoal(n int, d time.Duration) *goal {
	g := &goal{n: int64(n), reached: make(chan struct{})}
	time.AfterFunc(d, g.end)
	return g
}

func (g *goal) count() {
	if n := g.consumed.Add(1); n == g.n {
		g.end()
	}
}

func (g *goal) end() { g.once.Do(func() { close(g.reached) }) }

// newConsumers returns the two ways to consume. Each opens a channel, consumes until a goal is
// reached, closes the channel and returns how many messages it has received.
func newConsumers(b *testing.B, url string, c consumption) (raw, scamp func(*goal) int) {
	conn, err := amqp.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	own := runtime.DedicatedConnection(runtime.Broker{URL: url})
	b.Cleanup(func() {
		_ = conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_ = own.Close(ctx)
	})
	source := runtime.DedicatedChannel(own)
	return func(g *goal) int { return consumeRaw(b, conn, c, g) }, func(g *goal) int { return consumeScamp(b, source, c, g) }
}

// consumeRaw is the plain loop: one channel of the client library, one acknowledgement for each
// message.
func consumeRaw(b *testing.B, conn *amqp.Connection, c consumption, g *goal) int {
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	if err := channel.Qos(c.prefetch, 0, false); err != nil {
		b.Fatal(err)
	}
	deliveries, err := channel.Consume(queue, "raw", false, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	var working sync.WaitGroup
	for range c.workers {
		working.Go(func() {
			for {
				select {
				case <-g.reached:
					return
				case d := <-deliveries:
					if c.decode {
						if err := json.Unmarshal(d.Body, new(deliveredOrder)); err != nil {
							b.Error(err)
						}
					}
					if err := d.Ack(false); err != nil {
						b.Error(err)
					}
					g.count()
				}
			}
		})
	}
	working.Wait()
	if err := channel.Close(); err != nil {
		b.Fatal(err)
	}
	return int(g.consumed.Load())
}

// consumeScamp is a consumer on a dedicated channel.
func consumeScamp(b *testing.B, source runtime.ConsumerSource, c consumption, g *goal) int {
	route := runtime.RouteBytes(publication, func(context.Context, []byte) error { g.count(); return nil })
	if c.decode {
		route = runtime.RouteJSON(publication, func(context.Context, *deliveredOrder) error { g.count(); return nil })
	}
	consumer, err := runtime.NewConsumer(context.Background(), source, runtime.Subscription{
		Queue: runtime.Queue{Name: queue}, Declarations: &runtime.Declarations{Mode: runtime.DeclareAssume}, Routes: []runtime.Route{route},
	}, runtime.WithPrefetch(c.prefetch), runtime.WithWorkers(c.workers))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-g.reached
		cancel()
	}()
	if err := consumer.Run(ctx); err != nil {
		b.Fatal(err)
	}
	return int(g.consumed.Load())
}
