//go:build unix

package amqpbench

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// BenchmarkCall compares calls of 1, 8 and 64 goroutines on RabbitMQ. The other side is a loop over
// the client library with direct reply-to, which waits for no confirms. Both answer with the body
// of the request, from a consumer in the same process.
func BenchmarkCall(b *testing.B) {
	for _, n := range []int{1, 8, 64} {
		b.Run("goroutines="+strconv.Itoa(n), func(b *testing.B) {
			host := rabbittest.New(b)
			direct, scamp := newDirect(b, host.URL, n), newCalls(b, host.URL)
			l := load{window: n, goroutines: n}
			body := make([]byte, bodySize)
			by := func(call func([]byte) error) func(time.Duration) (int, []time.Duration) {
				return func(d time.Duration) (int, []time.Duration) {
					return drive(b, l, d, func(int) (func() error, error) { return func() error { return nil }, call(body) })
				}
			}
			compare(b, side{name: "raw", work: by(direct.call)}, side{name: "scamp", work: by(scamp)})
		})
	}
}

// direct makes calls with direct reply-to: the replies come on the channel of the requests.
type direct struct {
	channel *amqp.Channel

	mu      sync.Mutex
	last    int
	waiting map[string]chan struct{}
}

func newDirect(b *testing.B, url string, prefetch int) *direct {
	b.Helper()
	d := &direct{channel: openDirect(b, url), waiting: make(map[string]chan struct{})}
	server := openDirect(b, url)
	_, err := server.QueueDeclare("direct", true, false, false, false, nil)
	err = errors.Join(err, server.Qos(2*prefetch, 0, false))
	requests, consumeErr := server.Consume("direct", "", false, false, false, false, nil)
	replies, replyErr := d.channel.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil)
	if err := errors.Join(err, consumeErr, replyErr); err != nil {
		b.Fatal(err)
	}
	go func() {
		for request := range requests {
			reply := amqp.Publishing{CorrelationId: request.CorrelationId, ContentType: request.ContentType, Body: request.Body}
			if err := errors.Join(server.Publish("", request.ReplyTo, false, false, reply), request.Ack(false)); err != nil {
				b.Error(err)
			}
		}
	}()
	go d.receive(replies)
	return d
}

func openDirect(b *testing.B, url string) *amqp.Channel {
	b.Helper()
	conn, err := amqp.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	return channel
}

func (d *direct) receive(replies <-chan amqp.Delivery) {
	for reply := range replies {
		d.mu.Lock()
		waiting := d.waiting[reply.CorrelationId]
		delete(d.waiting, reply.CorrelationId)
		d.mu.Unlock()
		close(waiting)
	}
}

func (d *direct) call(body []byte) error {
	replied := make(chan struct{})
	d.mu.Lock()
	d.last++
	id := strconv.Itoa(d.last)
	d.waiting[id] = replied
	d.mu.Unlock()
	err := d.channel.Publish("", "direct", true, false, amqp.Publishing{
		DeliveryMode: amqp.Persistent, ContentType: "application/octet-stream",
		CorrelationId: id, ReplyTo: "amq.rabbitmq.reply-to", Body: body,
	})
	if err == nil {
		<-replied
	}
	return err
}

// newCalls starts a consumer that replies, and returns a function that makes a call.
func newCalls(b *testing.B, url string) func(body []byte) error {
	b.Helper()
	request := &runtime.Publication{Name: "Request", RoutingKey: "calls"}
	reply := &runtime.Publication{Name: "Reply", Transient: true}
	declarations := &runtime.Declarations{Queues: []runtime.Queue{{Name: "calls", Durable: true}}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	consumer, err := runtime.NewConsumer(ctx, newSource(b, url), runtime.Subscription{
		Queue: declarations.Queues[0], Declarations: declarations,
		Routes: []runtime.Route{runtime.RouteBytes(request, runtime.ReplyWith(reply,
			func(_ context.Context, body []byte) ([]byte, error) { return body, nil }))},
	}, runtime.WithPrefetch(128))
	if err != nil {
		b.Fatal(err)
	}
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(running) }()
	b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	caller, err := runtime.NewCaller(ctx, newSource(b, url), runtime.CallerSpec{Declarations: declarations})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeIn(30*time.Second, caller.Close) })
	return func(body []byte) error {
		var got []byte
		return caller.Call(context.Background(), request, body, &got)
	}
}
