package runtime

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// newSlotSessions returns sessions of one consumer with one slot.
func newSlotSessions(t *testing.T, n int) (*queueConsumer, []*session) {
	consumer := &queueConsumer{}
	consumer.slots.free = 1
	sessions := make([]*session, n)
	for i := range sessions {
		ctx, cancel := context.WithCancelCause(t.Context())
		sessions[i] = &session{consumer: consumer, handlers: ctx, endHandlers: cancel}
	}
	return consumer, sessions
}

// acquire acquires a slot on a goroutine of its own.
func acquire(s *session) <-chan error {
	acquired := make(chan error, 1)
	go func() { acquired <- s.acquireSlot() }()
	synctest.Wait()
	return acquired
}

// TestSlotsAreFair lets two sessions share one slot. Neither can take it twice while the other
// waits, as one that moves messages to the suspect queue would.
func TestSlotsAreFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, sessions := newSlotSessions(t, 2)
		var order []int
		var taking sync.WaitGroup
		for i, s := range sessions {
			taking.Go(func() {
				for range 3 {
					if err := s.acquireSlot(); err != nil {
						t.Error(err)
					}
					order = append(order, i)
					time.Sleep(time.Second)
					s.releaseSlot()
				}
			})
			synctest.Wait()
		}
		taking.Wait()
		for n, i := range order {
			if i != n%2 {
				t.Fatalf("the slot went to %v, want each in turn", order)
			}
		}
		if len(order) != 6 {
			t.Errorf("the slot went to %v, want 6 times", order)
		}
	})
}

// TestSlotOfSessionThatEnds ends the session that waits, and the session that has the slot: the slot
// goes to who still waits, and none is lost.
func TestSlotOfSessionThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		consumer, sessions := newSlotSessions(t, 3)
		holder, ending, next := sessions[0], sessions[1], sessions[2]
		if err := <-acquire(holder); err != nil {
			t.Fatal(err)
		}
		ended, following := acquire(ending), acquire(next)
		ending.endHandlers(ErrStale)
		ending.releaseAllSlots()
		if err := <-ended; !errors.Is(err, ErrStale) {
			t.Errorf("the session that has ended got %v", err)
		}
		holder.releaseAllSlots()
		if err := <-following; err != nil {
			t.Error(err)
		}
		holder.releaseSlot() // its handler returns late
		if err := holder.acquireSlot(); !errors.Is(err, ErrStale) {
			t.Errorf("a session without slots got %v", err)
		}
		next.releaseSlot()
		if consumer.slots.free != 1 || consumer.slots.waiting.len != 0 {
			t.Errorf("%d slots are free and %d wait, want 1 and none", consumer.slots.free, consumer.slots.waiting.len)
		}
	})
}

// TestSlotsOfManySessions ends waits at random moments, also when the slot has just been granted.
func TestSlotsOfManySessions(t *testing.T) {
	consumer, sessions := newSlotSessions(t, 8)
	ended := make(chan struct{})
	for i, s := range sessions {
		go func() {
			defer func() { ended <- struct{}{} }()
			for n := range 500 {
				if err := s.acquireSlot(); err != nil {
					return
				}
				if i%2 == 0 && n == 100+i {
					s.endHandlers(ErrStale)
				}
				s.releaseSlot()
			}
		}()
	}
	for range sessions {
		<-ended
	}
	if consumer.slots.free != 1 || consumer.slots.waiting.len != 0 {
		t.Errorf("%d slots are free and %d wait, want 1 and none", consumer.slots.free, consumer.slots.waiting.len)
	}
}
