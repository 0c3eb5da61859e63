package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// stream declares a stream with the bodies 0, 1, 2, 3 and 4.
func (b *broker) stream(t *testing.T) {
	t.Helper()
	b.queue(t, "q", "x-queue-type", "stream")
	for i := range 5 {
		b.send(t, "q", fmt.Sprint(i))
	}
}

func testStreamOffsets(t *testing.T, b *broker) {
	begin := time.Now()
	b.stream(t)
	for _, test := range []struct {
		offset any
		want   []string
	}{
		{"first", []string{"0", "1", "2", "3", "4"}},
		{3, []string{"3", "4"}},
		{int64(4), []string{"4"}},
		{begin, []string{"0", "1", "2", "3", "4"}},
		{"1h", []string{"0", "1", "2", "3", "4"}},
		{"next", nil},
		{time.Now().Add(time.Hour), nil},
	} {
		c := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Prefetch: 10, Arguments: runtime.Headers{"x-stream-offset": test.offset}})
		for _, d := range c.expect(t, test.want...) {
			if offset, ok := d.StreamOffset(); !ok || fmt.Sprint(offset) != string(d.Body) || d.Redelivered {
				t.Errorf("%v: delivery %s has offset %d", test.offset, d.Body, offset)
			}
		}
		c.nothing(t)
		must(t, c.Close(t.Context()))
	}
	for _, wrong := range []any{"7"} {
		if _, err := b.tryConsumeAs(t, runtime.ConsumeRequest{Queue: "q", Prefetch: 10, Arguments: runtime.Headers{"x-stream-offset": wrong}}); err == nil {
			t.Errorf("offset %v is accepted", wrong)
		}
	}
}

// testStreamAnswers: an acknowledgement does not remove a message, it makes room for the next one. So
// does a reject, requeued or not, to RabbitMQ 4.3; 3.10 closes the connection because of it.
func testStreamAnswers(t *testing.T, b *broker) {
	b.stream(t)
	for range 2 {
		c := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Prefetch: 1, Arguments: runtime.Headers{"x-stream-offset": "first"}})
		for i := range 5 {
			must(t, c.expect(t, fmt.Sprint(i))[0].Ack())
		}
		must(t, c.Close(t.Context()))
	}
	for _, requeue := range []bool{true, false} {
		c := b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Prefetch: 1, Arguments: runtime.Headers{"x-stream-offset": "first"}})
		must(t, c.expect(t, "0")[0].Reject(requeue))
		if !b.before43 {
			c.expect(t, "1")
			continue
		}
		closed(t, c.Done(), "the channel")
		if refused, ok := errors.AsType[*runtime.ChannelError](c.Err()); ok && refused.Reply.Code != 540 {
			t.Errorf("a reject ends with %v", c.Err())
		}
	}
}

func testStreamRefusals(t *testing.T, b *broker) {
	b.stream(t)
	for what, request := range map[string]runtime.ConsumeRequest{
		"no acknowledgements": {NoAck: true}, "a priority": {Arguments: runtime.Headers{"x-priority": 1}},
	} {
		request.Queue, request.Prefetch = "q", 1
		if _, err := b.tryConsumeAs(t, request); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
	for argument, value := range map[string]any{"x-message-ttl": 1000, "x-single-active-consumer": true, "x-dead-letter-exchange": "amq.fanout", "x-delivery-limit": 3} {
		err := b.declare(t, &runtime.Declarations{Queues: []runtime.Queue{{
			Name: "other", Durable: true, Arguments: runtime.Headers{"x-queue-type": "stream", argument: value},
		}}})
		if refused, ok := errors.AsType[*runtime.DeclarationError](err); !ok || refused.Reply.Code != 406 {
			t.Errorf("%s: %v", argument, err)
		}
	}
	for range 2 { // the flag is ignored
		b.consumeAs(t, runtime.ConsumeRequest{Queue: "q", Prefetch: 1, Exclusive: true})
	}
}

// testConsumerOfStream is stopped, cut off and bereft of its stream. It continues where it was, or
// with the first message of the new stream.
func testConsumerOfStream(t *testing.T, b *broker) {
	arguments := runtime.Headers{"x-queue-type": "stream"}
	var store runtime.MemoryOffsets
	var mu sync.Mutex
	var handled []string
	handle := func(_ context.Context, body string) error {
		mu.Lock()
		defer mu.Unlock()
		handled = append(handled, body)
		return nil
	}
	b.stream(t)
	consumer, stop := b.run(t, arguments, handle, runtime.WithOffsetStore(&store, "test"))
	happens(t, consumer, runtime.EventHandled, 5)
	b.cutOffConsumer(t, consumer)
	happens(t, consumer, runtime.EventConsuming, 2)
	b.send(t, "q", "5")
	happens(t, consumer, runtime.EventHandled, 6)
	stop()
	if offset, _, _ := store.LoadOffset(t.Context(), "test", "q"); offset != 5 || consumer.Status().Offset != 5 {
		t.Errorf("saved %d, at %d", offset, consumer.Status().Offset)
	}
	b.send(t, "q", "6")
	consumer, stop = b.run(t, arguments, handle, runtime.WithOffsetStore(&store, "test"))
	happens(t, consumer, runtime.EventHandled, 1)
	stop()
	if want := []string{"0", "1", "2", "3", "4", "5", "6"}; !slices.Equal(handled, want) {
		t.Errorf("handled %v, want %v", handled, want)
	}
}
