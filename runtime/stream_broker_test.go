package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

var streamArguments = runtime.Headers{"x-queue-type": "stream"}

// offsets notes the offsets that are handled.
type offsets struct {
	mu  sync.Mutex
	all []int64
}

func (o *offsets) handle(ctx context.Context, _ *order) error {
	offset, ok := runtime.DeliveryFrom(ctx).StreamOffset()
	if !ok {
		return errors.New("the delivery has no offset")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, offset)
	return nil
}

func (o *offsets) seen() []int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.all)
}

// want waits for exactly these offsets in this order.
func (o *offsets) want(t *testing.T, from, to int64) {
	t.Helper()
	var want []int64
	for offset := from; offset < to; offset++ {
		want = append(want, offset)
	}
	eventually(t, fmt.Sprintf("%d to %d are handled", from, to), func() bool { return len(o.seen()) >= len(want) })
	if got := o.seen(); !slices.Equal(got, want) {
		t.Errorf("handled %v, want %d to %d", got, from, to-1)
	}
}

func TestStreamOffsets(t *testing.T) {
	s := openShop(t, streamArguments)
	begin := time.Now()
	s.publish(t, 10)
	for _, test := range []struct {
		offset runtime.StreamOffset
		from   int64
	}{
		{runtime.StreamFirst(), 0},
		{runtime.StreamAt(7), 7},
		{runtime.StreamSince(begin), 0},
		{runtime.StreamWithin(time.Hour), 0},
	} {
		t.Run(test.offset.String(), func(t *testing.T) {
			var got offsets
			_, stop := s.consume(t, got.handle, runtime.WithStreamOffset(test.offset))
			got.want(t, test.from, 10)
			stop()
		})
	}
	t.Run("last", func(t *testing.T) {
		var got offsets
		_, stop := s.consume(t, got.handle, runtime.WithStreamOffset(runtime.StreamLast()))
		eventually(t, "the last is handled", func() bool { return slices.Contains(got.seen(), 9) })
		stop()
	})
	t.Run("next", func(t *testing.T) {
		var got offsets
		_, stop := s.consume(t, got.handle, runtime.WithStreamOffset(runtime.StreamNext()))
		s.publish(t, 3)
		got.want(t, 10, 13)
		stop()
	})
}

// TestStreamStore has several workers, of which one does not end: the offset that is saved is the
// one before it. The next consumer begins there.
func TestStreamStore(t *testing.T) {
	s := openShop(t, streamArguments)
	s.publish(t, 50)
	var store runtime.MemoryOffsets
	var first offsets
	consumer, stop := s.consume(t, func(ctx context.Context, o *order) error {
		if offset, _ := runtime.DeliveryFrom(ctx).StreamOffset(); offset == 20 {
			<-ctx.Done() // the stop timeout
			return ctx.Err()
		}
		return first.handle(ctx, o)
	}, runtime.WithOffsetStore(&store, "billing"), runtime.WithWorkers(4), runtime.WithStopTimeout(time.Second))
	eventually(t, "all others are handled", func() bool { return len(first.seen()) == 49 })
	if offset := consumer.Status().Offset; offset != 19 {
		t.Errorf("handled up to %d, want 19", offset)
	}
	eventually(t, "the offset is saved", func() bool {
		offset, found, _ := store.LoadOffset(t.Context(), "billing", "orders")
		return found && offset == 19
	})
	stop()
	if offset, _, _ := store.LoadOffset(t.Context(), "billing", "orders"); offset != 19 {
		t.Errorf("saved %d, want 19", offset)
	}
	var second offsets
	_, stop = s.consume(t, second.handle, runtime.WithOffsetStore(&store, "billing"))
	second.want(t, 20, 50)
	stop()
	if offset, _, _ := store.LoadOffset(t.Context(), "billing", "orders"); offset != 49 {
		t.Errorf("saved %d, want 49", offset)
	}
}

// TestStreamRecovery: what fails is tried again in its place, and then published to a queue.
func TestStreamRecovery(t *testing.T) {
	s := openShop(t, streamArguments)
	s.publish(t, 5)
	var got offsets
	var mu sync.Mutex
	calls := map[string]int{}
	consumer, stop := s.consume(t, func(ctx context.Context, o *order) error {
		if err := runtime.DeliveryFrom(ctx).Reject(true); err == nil || errors.Is(err, runtime.ErrAnswered) {
			t.Errorf("a requeue returns %v", err)
		}
		mu.Lock()
		calls[o.ID]++
		n := calls[o.ID]
		mu.Unlock()
		if o.ID == "2" || o.ID == "3" && n < 3 {
			return errShop
		}
		return got.handle(ctx, o)
	}, runtime.WithStreamOffset(runtime.StreamFirst()), runtime.WithMiddleware(runtime.RetryHandler(3, runtime.Backoff{Min: time.Millisecond, Max: time.Millisecond})))
	eventually(t, "all have ended", func() bool { return consumer.Status().Offset == 4 })
	stop()
	if seen := got.seen(); !slices.Equal(seen, []int64{0, 1, 3, 4}) || calls["2"] != 4 || calls["3"] != 3 {
		t.Errorf("handled %v, calls %v", seen, calls)
	}
	dead := s.take(t, "orders.dead", 1)[0]
	rascal, _ := dead.Headers["rascal"].(runtime.Headers)
	if _, is := dead.StreamOffset(); is || dead.MessageID != "2" || rascal["originalOffset"] != int64(2) {
		t.Errorf("dead letter %s: %v", dead.MessageID, dead.Headers)
	}
}

// TestStreamDeclaredAgain deletes the stream. The new one is shorter than what has been handled, and
// is handled from its first message.
func TestStreamDeclaredAgain(t *testing.T) {
	s := openShop(t, streamArguments)
	s.publish(t, 20)
	var store runtime.MemoryOffsets
	var first offsets
	_, stop := s.consume(t, first.handle, runtime.WithOffsetStore(&store, "billing"))
	first.want(t, 0, 20)
	stop()
	if _, err := s.host.Channel(t).QueueDelete("orders", false, false, false); err != nil {
		t.Fatal(err)
	}
	s.publish(t, 5)
	var second offsets
	consumer, stop := s.consume(t, second.handle, runtime.WithOffsetStore(&store, "billing"), runtime.WithResumeTimeout(time.Second))
	second.want(t, 0, 5)
	stop()
	if consumer.Count(runtime.EventOffsetGap) != 1 {
		t.Errorf("%d gaps are reported", consumer.Count(runtime.EventOffsetGap))
	}
	if offset, _, _ := store.LoadOffset(t.Context(), "billing", "orders"); offset != 4 {
		t.Errorf("saved %d, want 4", offset)
	}
}

// TestStreamTruncated begins at an offset that the retention has removed.
func TestStreamTruncated(t *testing.T) {
	s := openShop(t, runtime.Headers{"x-queue-type": "stream", "x-max-length-bytes": int64(20_000), "x-stream-max-segment-size-bytes": int64(5_000)})
	for range 20 {
		s.publish(t, 100)
	}
	// Its offset is not known: RabbitMQ uses some itself.
	if _, err := produce(t, s.source, s.declarations).Publish(testContext(t), orderPlaced, &order{ID: "last"}); err != nil {
		t.Fatal(err)
	}
	var store runtime.MemoryOffsets
	if err := store.SaveOffset(t.Context(), "billing", "orders", 9); err != nil {
		t.Fatal(err)
	}
	gaps := make(chan *runtime.OffsetGapError, 100)
	var got offsets
	last := make(chan struct{})
	endOnce := sync.OnceFunc(func() { close(last) })
	handle := func(ctx context.Context, o *order) error {
		if o.ID == "last" {
			defer endOnce()
		}
		return got.handle(ctx, o)
	}
	_, stop := s.consume(t, handle, runtime.WithOffsetStore(&store, "billing"), runtime.WithObserver(observerFunc(func(event runtime.Event) {
		if e, ok := event.(runtime.ConsumerEvent); ok && e.Kind == runtime.EventOffsetGap {
			gap, _ := errors.AsType[*runtime.OffsetGapError](e.Err)
			gaps <- gap
		}
	})))
	select {
	case <-last:
	case <-testContext(t).Done():
		t.Fatal("the last is not handled")
	}
	stop()
	gap := <-gaps
	if first := got.seen()[0]; gap.From != 10 || gap.To != first || first <= 10 {
		t.Errorf("%v, and the first that is handled is %d", gap, first)
	}
}

type observerFunc func(runtime.Event)

func (f observerFunc) Observe(_ context.Context, event runtime.Event) { f(event) }

// TestStreamFilter: what does not match is not handled, whether or not the broker filters.
func TestStreamFilter(t *testing.T) {
	s := openShop(t, streamArguments)
	producer, err := runtime.NewProducer(t.Context(), s.source, s.declarations)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		var options []runtime.PublishOption
		if region := []string{"north", "south", ""}[i%3]; region != "" {
			options = append(options, runtime.WithHeaders(runtime.Headers{"x-stream-filter-value": region}))
		}
		if _, err := producer.Publish(t.Context(), orderPlaced, &order{ID: strconv.Itoa(i)}, options...); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		unfiltered bool
		values     []string
		want       int
	}{
		{false, []string{"north"}, 20}, {true, []string{"north"}, 40}, {false, []string{"north", "south"}, 40},
	} {
		t.Run(fmt.Sprint(test.values, test.unfiltered), func(t *testing.T) {
			var got offsets
			_, stop := s.consume(t, got.handle, runtime.WithStreamOffset(runtime.StreamFirst()), runtime.WithStreamFilter(test.unfiltered, test.values...))
			last := int64(57 + len(test.values) - 1)
			if test.unfiltered {
				last = 59
			}
			eventually(t, "the last is handled", func() bool { return slices.Contains(got.seen(), last) })
			stop()
			if seen := got.seen(); len(seen) != test.want {
				t.Errorf("%d are handled, want %d: %v", len(seen), test.want, seen)
			}
		})
	}
}

// TestStreamBroker notes what RabbitMQ does with a stream, of which docs/streams.md speaks.
func TestStreamBroker(t *testing.T) {
	host := rabbittest.New(t)
	declare := func(argument string, value any) error {
		arguments := amqp.Table{"x-queue-type": "stream"}
		if argument != "" {
			arguments[argument] = value
		}
		_, err := host.Channel(t).QueueDeclare("s"+argument, true, false, false, false, arguments)
		return err
	}
	for argument, value := range map[string]any{
		"x-message-ttl": 1000, "x-expires": 1000, "x-max-length": 10, "x-overflow": "reject-publish", "x-dead-letter-exchange": "amq.fanout",
		"x-max-priority": 3, "x-delivery-limit": 3, "x-single-active-consumer": true, "x-dead-letter-strategy": "at-least-once",
	} {
		if err := declare(argument, value); err == nil || !strings.Contains(err.Error(), "invalid arg '"+argument+"'") {
			t.Errorf("%s: %v", argument, err)
		}
	}
	for argument, value := range map[string]any{
		"x-max-age": "1h", "x-max-length-bytes": 1_000_000, "x-stream-max-segment-size-bytes": 100_000, "x-queue-leader-locator": "balanced", "x-initial-cluster-size": 1,
	} {
		if err := declare(argument, value); err != nil {
			t.Errorf("%s: %v", argument, err)
		}
	}
	if err := declare("", nil); err != nil {
		t.Fatal(err)
	}
	consume := func(prefetch int, noAck, exclusive bool, arguments amqp.Table) error {
		channel := host.Channel(t)
		if prefetch > 0 {
			if err := channel.Qos(prefetch, 0, false); err != nil {
				t.Fatal(err)
			}
		}
		_, err := channel.Consume("s", "", noAck, exclusive, false, false, arguments)
		return err
	}
	for _, test := range []struct {
		name             string
		prefetch         int
		noAck, exclusive bool
		arguments        amqp.Table
		refused          string
	}{
		{"no prefetch", 0, false, false, nil, "consumer prefetch count is not set"},
		{"no acknowledgements", 1, true, false, nil, "automatic acknowledgement not supported"},
		{"priority", 1, false, false, amqp.Table{"x-priority": 1}, "invalid arg 'x-priority'"},
		{"offset", 1, false, false, amqp.Table{"x-stream-offset": "7"}, "invalid arg 'x-stream-offset'"},
		{"exclusive", 1, false, true, nil, ""},
		{"exclusive again", 1, false, true, nil, ""},
		{"single active", 1, false, false, amqp.Table{"x-single-active-consumer": true}, ""},
	} {
		err := consume(test.prefetch, test.noAck, test.exclusive, test.arguments)
		if test.refused == "" && err != nil || test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.refused)
		}
	}
}
