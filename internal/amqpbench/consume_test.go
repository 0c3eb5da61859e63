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

// A meal says how a consumer consumes.
type meal struct {
	prefetch, workers int
	decode            bool
}

var meals = []meal{
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

func (m meal) String() string {
	return fmt.Sprintf("prefetch=%d/workers=%d/decode=%v", m.prefetch, m.workers, m.decode)
}

// delivered is the body of the messages that are consumed.
var delivered = []byte(`{"id":"o-1","lines":3,"note":"` + strings.Repeat("x", bodySize-32) + `"}`)

type deliveredOrder struct {
	ID    string `json:"id"`
	Lines int    `json:"lines"`
	Note  string `json:"note"`
}

// BenchmarkConsumeNull consumes for a while from a peer whose messages have no end.
func BenchmarkConsumeNull(b *testing.B) {
	url := startNullBroker(b)
	for _, m := range meals {
		b.Run(m.String(), func(b *testing.B) {
			raw, scamp := newEaters(b, url, m)
			compare(b,
				side{name: "raw", work: func(d time.Duration) []time.Duration { return make([]time.Duration, raw(newGoal(0, d))) }},
				side{name: "scamp", work: func(d time.Duration) []time.Duration { return make([]time.Duration, scamp(newGoal(0, d))) }},
			)
		})
	}
}

// BenchmarkConsumeRabbitMQ empties a queue that was filled before.
func BenchmarkConsumeRabbitMQ(b *testing.B) {
	for _, m := range meals {
		b.Run(m.String(), func(b *testing.B) {
			host := rabbittest.New(b)
			filler := newRaw(b, host.URL, true)
			raw, scamp := newEaters(b, host.URL, m)
			n := min(m.prefetch*2000, 8_000)
			fill := func() { fillQueue(b, filler, n) }
			compare(b,
				side{"raw", func(time.Duration) []time.Duration { return make([]time.Duration, raw(newGoal(n, time.Minute))) }, fill},
				side{"scamp", func(time.Duration) []time.Duration { return make([]time.Duration, scamp(newGoal(n, time.Minute))) }, fill},
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

// A goal is reached after n messages, if n is not 0, or after a while.
type goal struct {
	n       int64
	eaten   atomic.Int64
	reached chan struct{}
	once    sync.Once
}

func newGoal(n int, d time.Duration) *goal {
	g := &goal{n: int64(n), reached: make(chan struct{})}
	time.AfterFunc(d, g.end)
	return g
}

func (g *goal) eat() {
	if n := g.eaten.Add(1); n == g.n {
		g.end()
	}
}

func (g *goal) end() { g.once.Do(func() { close(g.reached) }) }

// newEaters returns the two ways to consume. Each opens a channel, consumes until a goal is
// reached, closes the channel and returns how many messages it has had.
func newEaters(b *testing.B, url string, m meal) (raw, scamp func(*goal) int64) {
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
	return func(g *goal) int64 { return eatRaw(b, conn, m, g) }, func(g *goal) int64 { return eatScamp(b, source, m, g) }
}

// eatRaw is the plain loop: one channel of the client library, one acknowledgement for
// each message.
func eatRaw(b *testing.B, conn *amqp.Connection, m meal, g *goal) int64 {
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	if err := channel.Qos(m.prefetch, 0, false); err != nil {
		b.Fatal(err)
	}
	deliveries, err := channel.Consume(queue, "raw", false, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	var working sync.WaitGroup
	for range m.workers {
		working.Go(func() {
			for {
				select {
				case <-g.reached:
					return
				case d := <-deliveries:
					if m.decode {
						if err := json.Unmarshal(d.Body, new(deliveredOrder)); err != nil {
							b.Error(err)
						}
					}
					if err := d.Ack(false); err != nil {
						b.Error(err)
					}
					g.eat()
				}
			}
		})
	}
	working.Wait()
	if err := channel.Close(); err != nil {
		b.Fatal(err)
	}
	return g.eaten.Load()
}

// eatScamp is a consumer on a dedicated channel.
func eatScamp(b *testing.B, source runtime.ConsumerSource, m meal, g *goal) int64 {
	route := runtime.OnBytes(publication, func(context.Context, []byte) error { g.eat(); return nil })
	if m.decode {
		route = runtime.On(publication, func(context.Context, *deliveredOrder) error { g.eat(); return nil })
	}
	consumer, err := runtime.NewConsumer(context.Background(), source, runtime.Subscription{
		Queue: runtime.Queue{Name: queue}, Declarations: &runtime.Declarations{Mode: runtime.Assume}, Routes: []runtime.Route{route},
	}, runtime.WithPrefetch(m.prefetch), runtime.WithWorkers(m.workers))
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
	return g.eaten.Load()
}
