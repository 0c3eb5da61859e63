package runtime

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// narrowFake is a queue that counts deliveries, on a channel with a prefetch. What is requeued
// comes again at once, and first.
type narrowFake struct {
	*fakeChannel
	mu       sync.Mutex
	queued   []Delivery
	unacked  map[uint64]Delivery
	allowed  int
	prefetch int
	widened  int
}

func newNarrowFake(t *testing.T, queued ...Delivery) *narrowFake {
	return &narrowFake{fakeChannel: newFakeChannel(t), queued: queued, unacked: make(map[uint64]Delivery)}
}

func (c *narrowFake) Consume(ctx context.Context, request ConsumeRequest) (Consumption, error) {
	consumption, err := c.fakeChannel.Consume(ctx, request)
	if !request.Narrow {
		return consumption, err
	}
	consumption.Widen, consumption.Sync = c.widen, func(context.Context) error { return nil }
	c.mu.Lock()
	defer c.mu.Unlock()
	c.allowed, c.prefetch = 1, request.Prefetch
	c.fill()
	return consumption, err
}

func (c *narrowFake) widen(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.allowed = c.prefetch
	c.widened++
	c.fill()
	return nil
}

// fill delivers as much as is allowed. The caller holds c.mu.
func (c *narrowFake) fill() {
	for len(c.queued) > 0 && len(c.unacked) < c.allowed && !c.isCancelled() {
		c.unacked[c.lastTag+1] = c.queued[0]
		d := c.queued[0]
		c.queued = c.queued[1:]
		c.deliverAs(d)
	}
}

// settled makes new deliveries after some have been answered.
func (c *narrowFake) settled() {
	c.mu.Lock()
	defer c.mu.Unlock()
	open := make(map[uint64]bool)
	c.fakeChannel.mu.Lock()
	for _, tag := range c.outstanding {
		open[tag] = true
	}
	c.fakeChannel.mu.Unlock()
	for tag := range c.unacked {
		if !open[tag] {
			delete(c.unacked, tag)
		}
	}
	c.fill()
}

// counted returns a delivery that has come count times before.
func counted(id string, count int) Delivery {
	return Delivery{Message: message(id), Redelivered: count > 0, DeliveryCount: count}
}

// TestSuspectsComeAlone has suspects at the head of the queue. Each of them is handled while
// nothing else is unacknowledged, and only then the whole prefetch is used.
func TestSuspectsComeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var queued []Delivery
		for i := range 20 {
			queued = append(queued, counted(fmt.Sprint("old", i), 5))
		}
		for i := range 50 {
			queued = append(queued, counted(fmt.Sprint("new", i), 0))
		}
		channel := newNarrowFake(t, queued...)
		most := make(map[string]int)
		consumer := consumeNarrow(t, func(_ context.Context, o *order) error {
			channel.fakeChannel.mu.Lock()
			most[o.ID] = len(channel.outstanding)
			channel.fakeChannel.mu.Unlock()
			return nil
		}, channel)
		stop := start(t, consumer)
		for range 100 {
			synctest.Wait()
			channel.settled()
			time.Sleep(batchDelay)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		for i := range 20 {
			if n := most[fmt.Sprint("old", i)]; n != 1 {
				t.Errorf("old%d was handled with %d unacknowledged, want it alone", i, n)
			}
		}
		if channel.widened != 1 || len(most) != 70 || most["new20"] < 10 {
			t.Errorf("widened %d times, handled %d, new20 with %d unacknowledged", channel.widened, len(most), most["new20"])
		}
	})
}

// TestSuspectIsHandledAlone has a suspect in the middle of a wide session. What has not been started
// is handled by the next session. It goes back when the channel closes, or before, in order, if the
// suspect takes long.
func TestSuspectIsHandledAlone(t *testing.T) {
	t.Run("quick", func(t *testing.T) { handleSuspect(t, 0, nil) })
	t.Run("long", func(t *testing.T) { handleSuspect(t, 10*time.Second, []uint64{4, 5}) })
}

func handleSuspect(t *testing.T, takes time.Duration, rejected []uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		first := newNarrowFake(t, counted("1", 0), counted("2", 0), counted("suspect", 4), counted("3", 0), counted("4", 0))
		second := newNarrowFake(t, counted("3", 1), counted("4", 1))
		var handled []string
		consumer := consumeNarrow(t, func(_ context.Context, o *order) error {
			if handled = append(handled, o.ID); o.ID == "suspect" {
				time.Sleep(takes)
			}
			return nil
		}, first, second)
		stop := start(t, consumer)
		time.Sleep(takes)
		for range 10 {
			synctest.Wait()
			second.settled()
			time.Sleep(batchDelay)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if want := []string{"1", "2", "suspect", "3", "4"}; !slices.Equal(handled, want) || !slices.Equal(first.refused(), rejected) {
			t.Errorf("handled %v, want %v; rejected %v, want %v", handled, want, first.refused(), rejected)
		}
		if consumer.Count(EventCancelled)+consumer.Count(EventInterrupted) > 0 {
			t.Error("that counts as an interruption")
		}
	})
}

// narrowSource returns channels one after the other; the first is for the preflight.
type narrowSource chan ConsumerChannel

func (narrowSource) Info() SourceInfo { return SourceInfo{} }

func (s narrowSource) ConsumerChannel(ctx context.Context, _ ConsumerRequest) (ConsumerChannel, error) {
	select {
	case channel := <-s:
		return channel, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// consumeNarrow returns a consumer of the queue orders on channels.
func consumeNarrow(t *testing.T, handle func(context.Context, *order) error, channels ...ConsumerChannel) *Consumer {
	t.Helper()
	source := make(narrowSource, 10)
	source <- newFakeChannel(t)
	for _, channel := range channels {
		source <- channel
	}
	consumer, err := NewConsumer(t.Context(), source, Subscription{Queue: Queue{Name: "orders"}, Routes: []Route{RouteJSON(orderPlaced, handle)}})
	if err != nil {
		t.Fatal(err)
	}
	return consumer
}
