//go:build unix

package amqpbench

import (
	"context"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// BenchmarkPoolQuorum publishes from many goroutines to a quorum queue whose messages are consumed
// at once: the plain loop, one channel, and a pool of ten.
func BenchmarkPoolQuorum(b *testing.B) {
	for _, l := range []load{{1, 64}, {1000, 64}} {
		b.Run(l.String(), func(b *testing.B) { comparePool(b, l) })
	}
}

const pooled = 10

func comparePool(b *testing.B, l load) {
	host := rabbittest.New(b)
	raw := rawQuorum(b, host.URL)
	startDrain(b, host.URL)
	window := max(l.window, l.goroutines)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL})
	b.Cleanup(func() { closeIn(30*time.Second, connection.Close) })
	sources := map[string]runtime.ProducerSource{
		"one":  newSource(b, host.URL, runtime.WithWindow(window)),
		"pool": runtime.ChannelPool(connection, pooled, runtime.WithWindow(window/pooled+1)),
	}
	body := make([]byte, bodySize)
	all := []side{{name: "raw", work: func(d time.Duration) (int, []time.Duration) {
		return drive(b, l, d, func(int) (func() error, error) { return raw.publish(body) })
	}}}
	for _, name := range []string{"pool", "one"} {
		producer := scamp{quorumProducer(b, sources[name])}
		all = append(all, side{name: name, work: func(d time.Duration) (int, []time.Duration) {
			return drive(b, l, d, func(share int) (func() error, error) { return producer.publish(body, share) })
		}})
	}
	compare(b, all...)
}

// rawQuorum declares the quorum queue and returns a channel with confirms.
func rawQuorum(b *testing.B, url string) raw {
	conn, err := amqp.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := channel.QueueDeclare(queue, true, false, false, false, amqp.Table{"x-queue-type": "quorum"}); err != nil {
		b.Fatal(err)
	}
	if err := channel.Confirm(false); err != nil {
		b.Fatal(err)
	}
	return raw{channel}
}

// quorumProducer returns a producer that declares nothing.
func quorumProducer(b *testing.B, source runtime.ProducerSource) *runtime.Producer {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	producer, err := runtime.NewProducer(ctx, source, nil, runtime.WithPublishTimeout(time.Minute))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeIn(30*time.Second, producer.Close) })
	return producer
}
