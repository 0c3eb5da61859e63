package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

// The following tests are about what a consumer asks for besides the queue and the prefetch.

// testConsumerTag has two consumer channels, and a consumer that begins with one delivery at a time:
// its tag is the given one when it has its whole prefetch.
func testConsumerTag(t *testing.T, b *broker) {
	b.queue(t, "q", "x-queue-type", "quorum")
	first := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Tag: "first"})
	second := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Tag: "second"})
	b.awaitTags(t, "q", "first", "second")
	must(t, first.Cancel(t.Context()))
	b.awaitTags(t, "q", "second")
	must(t, second.Cancel(t.Context()))
	consumer, stop := b.run(t, runtime.Headers{"x-queue-type": "quorum"}, func(context.Context, string) error { return nil },
		runtime.WithConsumerTag("third"), runtime.WithConsumerPriority(1))
	b.send(t, "q", "x")
	happens(t, consumer, runtime.EventHandled, 1)
	b.awaitTags(t, "q", "third")
	stop()
	if _, err := b.tryConsumeAs(t, runtime.ConsumeRequest{Queue: "q", Tag: strings.Repeat("t", 249)}); err == nil {
		t.Error("a tag that is too long is accepted")
	}
}

// refusedToConsume checks that the broker closed the channel with this code and a text with this
// prefix.
func refusedToConsume(t *testing.T, c *consumer, err error, code uint16, text string) {
	t.Helper()
	closed(t, c.Done(), "the channel")
	for _, err := range []error{err, c.Err()} {
		refusal, _ := errors.AsType[*runtime.ChannelError](err)
		if refusal == nil || refusal.Reply.Code != code || !strings.HasPrefix(refusal.Reply.Text, text) {
			t.Errorf("refused with %v, want %d %s", err, code, text)
		}
	}
}

func testExclusiveConsumer(t *testing.T, b *broker) {
	b.queue(t, "q")
	plain := b.consume(t, "q", 1)
	c, err := b.tryConsumeAs(t, runtime.ConsumeRequest{Queue: "q", Exclusive: true})
	refusedToConsume(t, c, err, 403, "ACCESS_REFUSED - queue 'q'")
	must(t, plain.Cancel(t.Context()))

	only := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Exclusive: true, Narrow: true, Prefetch: 2})
	for _, exclusive := range []bool{false, true} {
		c, err := b.tryConsumeAs(t, runtime.ConsumeRequest{Queue: "q", Exclusive: exclusive})
		refusedToConsume(t, c, err, 403, "ACCESS_REFUSED - queue 'q'")
	}
	b.send(t, "q", "1")
	b.send(t, "q", "2")
	only.expect(t, "1", "2") // it has its whole prefetch
	must(t, only.Close(t.Context()))
	b.consume(t, "q", 2).expect(t, "1", "2")
}

// testExclusiveQuorum shows why NewConsumer refuses an exclusive consumer of a quorum queue.
func testExclusiveQuorum(t *testing.T, b *broker) {
	b.queue(t, "q", "x-queue-type", "quorum")
	b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Exclusive: true})
	b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Exclusive: true})
	_, err := runtime.NewConsumer(t.Context(), b.Source, runtime.Subscription{
		Queue:  runtime.Queue{Name: "q", Durable: true, Arguments: runtime.Headers{"x-queue-type": "quorum"}},
		Routes: []runtime.Route{runtime.RouteText(text, func(context.Context, string) error { return nil })},
	}, runtime.WithExclusive())
	if err == nil || !strings.Contains(err.Error(), "x-single-active-consumer") {
		t.Errorf("got %v", err)
	}
}

func testConsumerPriority(t *testing.T, b *broker) {
	b.queue(t, "q")
	low := b.consume(t, "q", 2)
	high := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Prefetch: 2, Arguments: runtime.Headers{"x-priority": 10}})
	for i := range 4 {
		b.send(t, "q", fmt.Sprint(i))
	}
	got := high.expect(t, "0", "1")
	low.expect(t, "2", "3")
	must(t, got[0].Ack())
	b.send(t, "q", "4")
	high.expect(t, "4")
}

func testWrongPriority(t *testing.T, b *broker) {
	b.queue(t, "q")
	c, err := b.tryConsumeAs(t, runtime.ConsumeRequest{Queue: "q", Arguments: runtime.Headers{"x-priority": "high"}})
	refusedToConsume(t, c, err, 406, "PRECONDITION_FAILED")
}

// testNoAck has more deliveries than the prefetch. None of them needs an answer, and none can have
// one.
func testNoAck(t *testing.T, b *broker) {
	b.queue(t, "q")
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint(i))
		b.send(t, "q", want[i])
	}
	c := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", NoAck: true, Narrow: true})
	for _, d := range c.expect(t, want...) {
		for _, err := range []error{d.Ack(), d.Reject(true)} {
			if !errors.Is(err, runtime.ErrAnswered) {
				t.Errorf("answered with %v", err)
			}
		}
	}
	must(t, c.Cancel(t.Context()))
	c.ended(t)
	must(t, c.Close(t.Context()))
	b.eventually(t, "q", 0)
}

// testNoAckConnectionLost loses the connection when all has arrived and little has been read.
func testNoAckConnectionLost(t *testing.T, b *broker) {
	b.queue(t, "q")
	c := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", NoAck: true})
	for i := range 10 {
		b.send(t, "q", fmt.Sprint(i))
	}
	b.eventually(t, "q", 0)
	first := c.next(t)
	b.cutOff(t, "the channel", isClosed(c.Done()))
	if err := first.Ack(); !errors.Is(err, runtime.ErrStale) {
		t.Errorf("answered with %v", err)
	}
	read := 1
	for range c.deliveries { // as many as have arrived, until they end
		read++
	}
	if read != 10 {
		t.Errorf("%d of 10 can be read", read)
	}
}

// testNoAckClosed closes a channel whose deliveries nobody reads.
func testNoAckClosed(t *testing.T, b *broker) {
	b.queue(t, "q")
	c := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", NoAck: true})
	for range 10 {
		b.send(t, "q", "x")
	}
	b.eventually(t, "q", 0)
	must(t, c.Close(t.Context()))
	c.ended(t)
}

// testConsumerNoAck runs a consumer whose handler fails for some messages, and stops it before it
// has handled all that was delivered.
func testConsumerNoAck(t *testing.T, b *broker) {
	queue := runtime.Queue{Name: "q", Durable: true, Arguments: runtime.Headers{"x-dead-letter-exchange": "amq.fanout"}}
	release := make(chan struct{})
	consumer, err := runtime.NewConsumer(t.Context(), b.Source, runtime.Subscription{
		Queue: queue, NoAck: true,
		Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}},
		Routes: []runtime.Route{runtime.RouteText(text, func(ctx context.Context, body string) error {
			<-release
			if err := runtime.DeliveryFrom(ctx).Ack(); !errors.Is(err, runtime.ErrAnswered) {
				t.Errorf("acknowledged with %v", err)
			}
			if body == "fails" {
				return errUnhandled
			}
			return nil
		})},
	}, runtime.WithPrefetch(1))
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	closed(t, consumer.Ready(), "getting ready")
	for i := range 20 {
		b.send(t, "q", []string{"works", "fails"}[i%2])
	}
	b.eventually(t, "q", 0)
	cancel()
	close(release)
	must(t, <-ended)
	if handled, dead := consumer.Count(runtime.EventHandled), consumer.Count(runtime.EventDeadLettered); handled != 10 || dead != 10 {
		t.Errorf("%d handled, %d dead-lettered", handled, dead)
	}
	b.eventually(t, "q.dead", 10)
	b.eventually(t, "q", 0)
}

// testExclusiveConsumers runs two exclusive consumers of one queue: the second one consumes when the
// first has stopped.
func testExclusiveConsumers(t *testing.T, b *broker) {
	got := make(chan string, 10)
	handle := func(name string) func(context.Context, string) error {
		return func(context.Context, string) error {
			got <- name
			return nil
		}
	}
	options := []runtime.ConsumerOption{runtime.WithExclusive(), runtime.WithConsumerPriority(3), runtime.WithConsumerTag("one")}
	first, stopFirst := b.run(t, nil, handle("first"), options...)
	queue := runtime.Queue{Name: "q", Durable: true}
	second, err := runtime.NewConsumer(t.Context(), b.Source, runtime.Subscription{
		Queue: queue, Exclusive: true, ConsumerTag: "two", Routes: []runtime.Route{runtime.RouteText(text, handle("second"))},
	})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- second.Run(ctx) }()
	happens(t, second, runtime.EventInterrupted, 1)
	b.send(t, "q", "x")
	if name := <-got; name != "first" || first.Count(runtime.EventConsuming) != 1 {
		t.Errorf("%s got it", name)
	}
	stopFirst()
	closed(t, second.Ready(), "taking over")
	b.send(t, "q", "x")
	if name := <-got; name != "second" {
		t.Errorf("%s got it", name)
	}
	cancel()
	must(t, <-ended)
}
