//go:build unix

package amqpbench

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

const (
	bodySize = 1024
	queue    = "bench"
)

// A load says how many goroutines publish on one channel, and how many publishes of all of them
// together wait for their confirm. A window of 1 means that each goroutine waits for each of its
// confirms.
type load struct{ window, goroutines int }

var loads = []load{{1, 1}, {1, 8}, {1, 64}, {100, 1}, {100, 8}, {100, 64}, {1000, 1}, {1000, 8}, {1000, 64}}

func BenchmarkPublishNull(b *testing.B) {
	url := startNullBroker(b)
	for _, l := range loads {
		b.Run(l.String(), func(b *testing.B) { comparePublish(b, url, l, nil) })
	}
	b.Run("unconfirmed", func(b *testing.B) { compareUnconfirmed(b, url) })
}

// BenchmarkPublishRabbitMQ publishes to a queue whose messages are consumed at once.
func BenchmarkPublishRabbitMQ(b *testing.B) {
	for _, l := range loads {
		b.Run(l.String(), func(b *testing.B) {
			host := rabbittest.New(b)
			newRaw(b, host.URL, false) // declares the queue
			startDrain(b, host.URL)
			comparePublish(b, host.URL, l, nil)
		})
	}
}

// BenchmarkPublishBacklog publishes to a queue that nobody consumes from: how fast it grows depends
// on the broker's process for that queue.
func BenchmarkPublishBacklog(b *testing.B) {
	for _, l := range loads {
		b.Run(l.String(), func(b *testing.B) {
			host := rabbittest.New(b)
			channel := host.Channel(b)
			comparePublish(b, host.URL, l, func() {
				if _, err := channel.QueuePurge(queue, false); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func (l load) String() string { return fmt.Sprintf("window=%d/goroutines=%d", l.window, l.goroutines) }

// share is how many publishes of one goroutine may wait for their confirm.
func (l load) share() int { return max(l.window/l.goroutines, 1) }

func comparePublish(b *testing.B, url string, l load, purge func()) {
	raw, scamp := newRaw(b, url, true), newScamp(b, url, runtime.WithWindow(max(l.window, l.goroutines)))
	body := make([]byte, bodySize)
	compare(b,
		side{name: "raw", prepare: purge, work: func(d time.Duration) (int, []time.Duration) {
			return drive(b, l, d, func(int) (func() error, error) { return raw.publish(body) })
		}},
		side{name: "scamp", prepare: purge, work: func(d time.Duration) (int, []time.Duration) {
			return drive(b, l, d, func(share int) (func() error, error) { return scamp.publish(body, share) })
		}},
	)
}

// drive publishes from l's goroutines until d has passed. The goroutines use the functions in
// publish in turn. Each of these returns a function that waits for the confirm.
func drive(b *testing.B, l load, d time.Duration, publish ...func(share int) (func() error, error)) (messages int, times []time.Duration) {
	var mu sync.Mutex
	var working sync.WaitGroup
	deadline := time.Now().Add(d)
	for i := range l.goroutines {
		working.Go(func() {
			own := driveOne(b, l.share(), deadline, publish[i%len(publish)])
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
		})
	}
	working.Wait()
	return len(times), times
}

type sent struct {
	at   time.Time
	wait func() error
}

func driveOne(b *testing.B, share int, deadline time.Time, publish func(int) (func() error, error)) []time.Duration {
	times := make([]time.Duration, 0, 1<<14)
	settle := func(s sent) {
		if err := s.wait(); err != nil {
			b.Error(err)
		}
		times = append(times, time.Since(s.at))
	}
	waiting := make(chan sent, share)
	var settling sync.WaitGroup
	if share > 1 {
		settling.Go(func() {
			for s := range waiting {
				settle(s)
			}
		})
	}
	for now := time.Now(); now.Before(deadline); now = time.Now() {
		wait, err := publish(share)
		if err != nil {
			b.Error(err)
			break
		}
		if share > 1 {
			waiting <- sent{now, wait}
		} else {
			settle(sent{now, wait})
		}
	}
	close(waiting)
	settling.Wait()
	return times
}

// raw is the plain loop: one channel of the client library.
type raw struct{ channel *amqp.Channel }

func newRaw(b *testing.B, url string, confirm bool) raw {
	conn, err := amqp.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return newRawOn(b, conn, confirm)
}

func newRawOn(b *testing.B, conn *amqp.Connection, confirm bool) raw {
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := channel.QueueDeclare(queue, true, false, false, false, nil); err != nil {
		b.Fatal(err)
	}
	if confirm {
		if err := channel.Confirm(false); err != nil {
			b.Fatal(err)
		}
	}
	return raw{channel}
}

func (r raw) publish(body []byte) (func() error, error) {
	confirm, err := r.channel.PublishWithDeferredConfirmWithContext(context.Background(), "", queue, true, false,
		rawMessage(body))
	if err != nil {
		return nil, err
	}
	return func() error {
		if !confirm.Wait() {
			return fmt.Errorf("nacked")
		}
		return nil
	}, nil
}

// rawMessage has the same properties as scamp's messages.
func rawMessage(body []byte) amqp.Publishing {
	return amqp.Publishing{
		DeliveryMode: amqp.Persistent, ContentType: "application/octet-stream",
		MessageId: "01a205e8-6889-74a0-89e7-fd7c28655e45", Body: body,
	}
}

// scamp is a producer on a dedicated channel.
type scamp struct{ producer *runtime.Producer }

func newScamp(b *testing.B, url string, options ...runtime.ChannelOption) scamp {
	return newProducer(b, newSource(b, url, options...), queue)
}

// newSource returns a dedicated channel.
func newSource(b *testing.B, url string, options ...runtime.ChannelOption) runtime.Source {
	conn := runtime.DedicatedConnection(runtime.Broker{URL: url})
	b.Cleanup(func() { closeIn(30*time.Second, conn.Close) })
	return runtime.DedicatedChannel(conn, options...)
}

// newProducer returns a producer that declares a queue.
func newProducer(b *testing.B, source runtime.ProducerSource, queue string) scamp {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	producer, err := runtime.NewProducer(ctx, source,
		&runtime.Declarations{Queues: []runtime.Queue{{Name: queue, Durable: true}}}, runtime.WithPublishTimeout(time.Minute))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeIn(30*time.Second, producer.Close) })
	return scamp{producer}
}

func closeIn(limit time.Duration, end func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_ = end(ctx)
}

var publication = &runtime.Publication{Name: "Bench", RoutingKey: queue}

func (s scamp) publish(body []byte, share int) (func() error, error) {
	if share == 1 {
		_, err := s.producer.Publish(context.Background(), publication, body)
		return func() error { return nil }, err
	}
	pending := s.producer.PublishAsync(context.Background(), publication, body)
	return func() error { _, err := pending.Wait(context.Background()); return err }, nil
}

func compareUnconfirmed(b *testing.B, url string) {
	raw, scamp := newRaw(b, url, false), newScamp(b, url, runtime.WithoutConfirms())
	body := make([]byte, bodySize)
	l := load{1, 1}
	compare(b,
		side{name: "raw", work: func(d time.Duration) (int, []time.Duration) {
			return drive(b, l, d, func(int) (func() error, error) {
				return func() error { return nil }, raw.channel.PublishWithContext(context.Background(), "", queue, true, false,
					rawMessage(body))
			})
		}},
		side{name: "scamp", work: func(d time.Duration) (int, []time.Duration) {
			return drive(b, l, d, func(share int) (func() error, error) { return scamp.publish(body, share) })
		}},
	)
}
