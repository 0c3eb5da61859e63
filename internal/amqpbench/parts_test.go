//go:build unix

package amqpbench

import (
	"net"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// BenchmarkParts shows which part of the gain comes from buffered writes, which any program can
// have, and which from frames that bypass the client library.
func BenchmarkParts(b *testing.B) {
	b.Run("publish", func(b *testing.B) {
		host := rabbittest.New(b)
		raw := newRaw(b, host.URL, true) // declares the queue
		startDrain(b, host.URL)
		buffered, scamp := newRawOn(b, dialBuffered(b, host.URL), true), newScamp(b, host.URL)
		body, l := make([]byte, bodySize), load{window: 100, goroutines: 1}
		publish := func(name string, publish func(int) (func() error, error)) side {
			return side{name: name, work: func(d time.Duration) (int, []time.Duration) { return drive(b, l, d, publish) }}
		}
		compare(b,
			publish("raw", func(int) (func() error, error) { return raw.publish(body) }),
			publish("gathered", func(int) (func() error, error) { return buffered.publish(body) }),
			publish("scamp", func(share int) (func() error, error) { return scamp.publish(body, share) }),
		)
	})
	b.Run("consume", func(b *testing.B) {
		url, c := startNullBroker(b), consumption{prefetch: 100, workers: 1}
		raw, scamp := newConsumers(b, url, c)
		buffering := dialBuffered(b, url)
		consume := func(name string, consume func(*goal) int) side {
			return side{name: name, work: func(d time.Duration) (int, []time.Duration) { return consume(newGoal(0, d)), nil }}
		}
		compare(b,
			consume("raw", raw),
			consume("gathered", func(g *goal) int { return consumeRaw(b, buffering, c, g) }),
			consume("scamp", scamp),
		)
	})
}

// dialBuffered returns a connection of the client library whose writes are buffered.
func dialBuffered(b *testing.B, url string) *amqp.Connection {
	conn, err := amqp.DialConfig(url, amqp.Config{Dial: func(network, address string) (net.Conn, error) {
		socket, err := net.Dial(network, address)
		if err != nil {
			return nil, err
		}
		g := &bufferedConn{Conn: socket, wake: make(chan struct{}, 1)}
		go g.flush()
		return g, nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

// bufferedConn is a socket whose writes are sent by a goroutine, each with all that have come since
// the last one. It has no limit: benchmarks wait for confirms.
type bufferedConn struct {
	net.Conn
	wake chan struct{}

	mu       sync.Mutex
	gathered []byte
	closed   bool
}

func (g *bufferedConn) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return 0, net.ErrClosed
	}
	g.gathered = append(g.gathered, p...)
	select {
	case g.wake <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (g *bufferedConn) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		close(g.wake)
	}
	return g.Conn.Close()
}

func (g *bufferedConn) flush() {
	var out []byte
	for range g.wake {
		g.mu.Lock()
		out, g.gathered = g.gathered, out[:0]
		g.mu.Unlock()
		if _, err := g.Conn.Write(out); err != nil {
			return
		}
	}
}
