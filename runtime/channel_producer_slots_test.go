package runtime

import (
	"errors"
	"testing"
)

// told returns the result of a waiter, and whether there is one.
func resultOf(w *slotWaiter) (err error, ok bool) {
	select {
	case err := <-w.result:
		return err, true
	default:
		return nil, false
	}
}

// hasSlot reports whether a waiter has been given a slot.
func hasSlot(w *slotWaiter) bool {
	err, ok := resultOf(w)
	return ok && err == nil
}

// taken reports whether acquire has returned a slot.
func taken(acquired, _ bool) bool { return acquired }

func TestSlotsAreGivenInOrder(t *testing.T) {
	s := slots{free: 2}
	here, there := address{routingKey: "here"}, address{routingKey: "there"}
	if !taken(s.acquire(here)) || !taken(s.acquire(there)) || taken(s.acquire(here)) {
		t.Fatal("two slots were not two slots")
	}
	first, second, third := s.enqueue(here), s.enqueue(there), s.enqueue(here)
	s.release(here, false)
	if taken(s.acquire(there)) {
		t.Error("a waiter got a slot before an earlier one")
	}
	s.grant()
	if !hasSlot(first) || hasSlot(second) {
		t.Error("the first waiter did not get the first slot")
	}
	s.cancel(second)
	s.undo(there, false)
	s.grant()
	if !hasSlot(third) || s.free != 0 {
		t.Error("the slot of a cancelled waiter was not passed on")
	}
}

// TestSlotsOfAnAddressThatDoesNotConfirm fills a window with publishes whose confirms do not come:
// others get their slots, and to that address one publish at a time probes.
func TestSlotsOfAnAddressThatDoesNotConfirm(t *testing.T) {
	s := slots{free: 2}
	stuck, good := address{routingKey: "stuck"}, address{routingKey: "good"}
	s.acquire(stuck)
	s.acquire(stuck)
	waiting := []*slotWaiter{s.enqueue(stuck), s.enqueue(stuck), s.enqueue(good), s.enqueue(stuck)}
	s.overdue(stuck, false)
	s.overdue(stuck, false)
	s.grant()
	for i, want := range []bool{true, false, true, false} {
		if hasSlot(waiting[i]) != want {
			t.Errorf("waiter %d has a slot: %v", i, !want)
		}
	}
	s.release(good, false)
	s.grant()
	if taken(s.acquire(stuck)) || !taken(s.acquire(good)) {
		t.Error("the free slot is not for the address that confirms")
	}
	s.release(good, false)
	s.undo(stuck, true) // the probe
	s.grant()
	if !hasSlot(waiting[1]) {
		t.Error("the next did not try")
	}
	s.free--
	if s.overdue(stuck, false); hasSlot(waiting[3]) { // an older publish: it was no probe
		t.Error("two try at a time")
	}
	s.overdue(stuck, true)
	s.grant()
	if !hasSlot(waiting[3]) {
		t.Error("the last did not try")
	}
	s.release(stuck, true)
	if s.grant(); len(s.throttles) != 0 {
		t.Error("the address is still throttled after an answer")
	}
}

func TestSlotsThrottleEnds(t *testing.T) {
	s := slots{free: 1}
	s.acquire(address{})
	s.overdue(address{}, false)
	for range maxIdleTicks {
		s.tick()
	}
	if len(s.throttles) != 1 {
		t.Error("the throttle ended early")
	}
	if s.tick(); len(s.throttles) != 0 {
		t.Error("the throttle does not end")
	}
	for i := range maxThrottles + 10 {
		s.acquire(address{routingKey: string(rune(i))})
		s.overdue(address{routingKey: string(rune(i))}, false)
	}
	if len(s.throttles) != maxThrottles || s.free != 1 {
		t.Errorf("%d throttles and %d slots, want %d and 1", len(s.throttles), s.free, maxThrottles)
	}
}

func TestSlotsFailAll(t *testing.T) {
	s := slots{}
	s.overdue(address{}, false)
	s.acquire(address{})
	waiting := []*slotWaiter{s.enqueue(address{routingKey: "a"}), s.enqueue(address{})}
	s.failAll(errBlocked)
	for i, w := range waiting {
		if err, ok := resultOf(w); !ok || !errors.Is(err, errBlocked) {
			t.Errorf("waiter %d got %v", i, err)
		}
	}
}

// TestSlotThatComesTooLate gives a slot to a publish whose time is over: the next one gets it.
func TestSlotThatComesTooLate(t *testing.T) {
	s := slots{free: 1}
	s.acquire(address{})
	first, second := s.enqueue(address{}), s.enqueue(address{})
	s.release(address{}, false)
	s.grant()
	s.cancel(first)
	s.grant()
	if !hasSlot(second) || s.free != 0 {
		t.Error("the slot is lost")
	}
}
