package runtime

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// newTestStream returns a consumer of a stream. It opens a channel for its declarations before those
// that it consumes from.
func newTestStream(t *testing.T, channels []*fakeChannel, handle func(context.Context, *order) error, options ...ConsumerOption) *Consumer {
	t.Helper()
	source := newFakeSource(append([]*fakeChannel{newFakeChannel(t)}, channels...)...)
	consumer, err := NewConsumer(t.Context(), source, Subscription{
		Queue:  Queue{Name: "orders", Durable: true, Arguments: Headers{"x-queue-type": "stream"}},
		Routes: []Route{RouteJSON(orderPlaced, handle)},
	}, append([]ConsumerOption{WithObserver(NoObserver)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return consumer
}

// deliverOffset delivers a message of a stream.
func (c *fakeChannel) deliverOffset(offset int64) {
	m := message("1")
	m.Headers = Headers{offsetHeader: offset}
	c.deliver(m)
}

// asked returns the offset that was asked for.
func (c *fakeChannel) asked() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.request.Arguments[offsetArgument]
}

func (c *fakeChannel) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func handleAtOnce(context.Context, *order) error { return nil }

// TestStreamBeginsAgain: a session that ends before its first delivery skips nothing that was
// published since the consumer began.
func TestStreamBeginsAgain(t *testing.T) {
	for _, offset := range []StreamOffset{StreamNext(), StreamLast(), StreamWithin(time.Minute), {"1h"}} {
		t.Run(offset.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := newFakeChannel(t), newFakeChannel(t)
				defer start(t, newTestStream(t, []*fakeChannel{first, second}, handleAtOnce, WithStreamOffset(offset)))()
				synctest.Wait()
				begun := time.Now()
				time.Sleep(time.Hour)
				first.die()
				time.Sleep(time.Second)
				if got := first.asked(); got != offset.argument {
					t.Errorf("begins with %v", got)
				}
				from, ok := second.asked().(time.Time)
				if want := begun.Add(-offset.age()); !ok || from.After(want) {
					t.Errorf("begins again with %v, want %v at the latest", second.asked(), want)
				}
			})
		})
	}
}

// age is how long before its beginning a consumer wants messages.
func (o StreamOffset) age() time.Duration {
	d, _ := time.ParseDuration(o.String())
	return d
}

// slowOffsets is an OffsetStore that takes its time, and notes when it is called by two goroutines.
type slowOffsets struct {
	MemoryOffsets
	takes  time.Duration
	inside atomic.Int32
	both   atomic.Bool
	saving func(offset int64)
}

func (s *slowOffsets) enter() {
	if s.inside.Add(1) > 1 {
		s.both.Store(true)
	}
	time.Sleep(s.takes)
	s.inside.Add(-1)
}

func (s *slowOffsets) LoadOffset(ctx context.Context, name, stream string) (int64, bool, error) {
	s.enter()
	return s.MemoryOffsets.LoadOffset(ctx, name, stream)
}

func (s *slowOffsets) SaveOffset(ctx context.Context, name, stream string, offset int64) error {
	if s.saving != nil {
		s.saving(offset)
	}
	s.enter()
	return s.MemoryOffsets.SaveOffset(ctx, name, stream, offset)
}

// TestStoreIsCalledByOne: a handler of the session before ends while the next session loads the
// offset.
func TestStoreIsCalledByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowOffsets{takes: 5 * time.Second}
		first, second := newFakeChannel(t), newFakeChannel(t)
		defer start(t, newTestStream(t, []*fakeChannel{first, second}, func(ctx context.Context, _ *order) error {
			if offset, _ := DeliveryFrom(ctx).StreamOffset(); offset == 1 {
				time.Sleep(26 * time.Second)
			}
			return nil
		}, WithOffsetStore(store, "billing"), WithWorkers(2)))()
		first.deliverOffset(0)
		first.deliverOffset(1)
		time.Sleep(28 * time.Second)
		first.die()
		time.Sleep(time.Minute)
		if store.both.Load() {
			t.Error("it is called by two goroutines")
		}
	})
}

// TestStreamSavesWhereItBegan: a process that ends with its first message does not skip it the next
// time.
func TestStreamSavesWhereItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store MemoryOffsets
		channel := newFakeChannel(t)
		defer start(t, newTestStream(t, []*fakeChannel{channel}, func(ctx context.Context, _ *order) error {
			<-ctx.Done()
			return ctx.Err()
		}, WithOffsetStore(&store, "billing"), WithStreamOffset(StreamNext()), WithStopTimeout(time.Second)))()
		channel.deliverOffset(500)
		synctest.Wait()
		if offset, found, _ := store.LoadOffset(t.Context(), "billing", "orders"); !found || offset != 499 {
			t.Errorf("saved %d (%v) while the message 500 is handled, want 499", offset, found)
		}
	})
}

// TestSingleActiveHandsOver: who takes over loads an offset that is up to date.
func TestSingleActiveHandsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock, session := newFakeChannel(t), newFakeChannel(t)
		var late []int64
		store := &slowOffsets{takes: time.Millisecond, saving: func(offset int64) {
			if lock.isClosed() {
				late = append(late, offset)
			}
		}}
		stop := start(t, newTestStream(t, []*fakeChannel{lock, session}, handleAtOnce, WithOffsetStore(store, "billing"), WithSingleActiveConsumer()))
		lock.deliver(Message{})
		session.deliverOffset(0)
		time.Sleep(10 * time.Millisecond)
		session.deliverOffset(1)
		time.Sleep(10 * time.Millisecond)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if offset, _, _ := store.LoadOffset(t.Context(), "billing", "orders"); offset != 1 || late != nil {
			t.Errorf("saved %d; %v was saved when another process could be active", offset, late)
		}
	})
}

// TestSingleActiveWaits: a process that waits for its turn is healthy, so that an orchestrator ends
// the one that has it.
func TestSingleActiveWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock, session := newFakeChannel(t), newFakeChannel(t)
		consumer := newTestStream(t, []*fakeChannel{lock, session}, handleAtOnce, WithOffsetStore(&MemoryOffsets{}, "billing"), WithSingleActiveConsumer())
		defer start(t, consumer)()
		synctest.Wait()
		if err := consumer.Healthy(); err != nil || !consumer.Status().Standby {
			t.Errorf("while it waits: %v, %+v", err, consumer.Status())
		}
		lock.deliver(Message{})
		synctest.Wait()
		if err := consumer.Healthy(); err != nil || consumer.Status().Standby {
			t.Errorf("while it consumes: %v, %+v", err, consumer.Status())
		}
	})
}

// TestSingleActiveRenews: a token is renewed from time to time. Who gets none any more, as another
// process may have it, ends its session.
func TestSingleActiveRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock, session := newFakeChannel(t), newFakeChannel(t)
		lock.producer.answer = func(_ int, m *Message, settle func(Settlement)) {
			settle(Settlement{Outcome: OutcomeAcked})
		}
		stop := start(t, newTestStream(t, []*fakeChannel{lock, session}, handleAtOnce, WithOffsetStore(&MemoryOffsets{}, "billing"), WithSingleActiveConsumer()))
		lock.deliver(Message{})
		lock.deliver(Message{})
		time.Sleep(lockRenewal + time.Second)
		if !slices.Equal(lock.answered(), []uint64{1}) || session.isClosed() {
			t.Errorf("renewed %v, closed %v", lock.answered(), session.isClosed())
		}
		time.Sleep(lockRenewal + time.Minute)
		if !session.isClosed() || !lock.isClosed() {
			t.Error("the session goes on without a token")
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestFilterOfNothing: a filter that no message can match would pass over all of them.
func TestFilterOfNothing(t *testing.T) {
	for unfiltered, refused := range map[bool]bool{true: false, false: true} {
		_, err := newStreamFilter(Headers{filterArgument: []any{}, unfilteredArgument: unfiltered})
		if (err != nil) != refused {
			t.Errorf("without values, unfiltered %v: %v", unfiltered, err)
		}
	}
}
