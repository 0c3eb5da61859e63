package runtime

import (
	"context"
	"sync"
)

// slots are the places in the window of a channel, first come, first served. A publish has a slot
// from before it is written until the broker has answered it.
//
// A missing confirm must not cost other publishes their slots: an overdue publish gives its slot
// back and is still waited for. From then on its address is throttled: one publish at a time probes
// whether the broker confirms again. The first answer for the address ends the throttle.
//
// The channel's mu guards slots.
type slots struct {
	free      int
	waiting   list[slotWaiter]
	throttles map[address]*throttle
}

// address is what a message is published to.
type address struct{ exchange, routingKey string }

func addressOf(m *Message) address { return address{m.Exchange, m.RoutingKey} }

// throttle holds publishes to one address back while its confirms are overdue.
type throttle struct {
	probing   bool // one publish has a slot
	waiting   list[slotWaiter]
	idleTicks int // ticks in a row without anything to hold back
}

const (
	// maxThrottles limits how many addresses are throttled.
	maxThrottles = 1024

	// maxIdleTicks is how long a throttle stays that holds nothing back.
	maxIdleTicks = 120
)

// acquire takes a slot for a publish to an address, if there is one and nobody has waited longer
// for it. It returns whether the publish is a probe.
func (s *slots) acquire(to address) (acquired, probe bool) {
	throttle := s.throttle(to)
	if s.free == 0 || s.waiting.len > 0 || throttle != nil && throttle.probing {
		return false, false
	}
	s.free--
	if throttle != nil {
		throttle.probing = true
	}
	return true, throttle != nil
}

// throttle returns the throttle of an address, or nil if it has none.
func (s *slots) throttle(to address) *throttle {
	if len(s.throttles) == 0 {
		return nil
	}
	return s.throttles[to]
}

// enqueue adds a publish to those that wait for a slot.
func (s *slots) enqueue(to address) *slotWaiter {
	w := newSlotWaiter(to)
	if throttle := s.throttle(to); throttle != nil && throttle.probing {
		push(&throttle.waiting, &w.element, w)
	} else {
		push(&s.waiting, &w.element, w)
	}
	return w
}

// cancel ends a wait. If the waiter has been given a slot meanwhile, the slot goes to the next.
func (s *slots) cancel(w *slotWaiter) {
	if l := w.element.list; l != nil {
		remove(l, &w.element)
	} else if <-w.result == nil {
		s.undo(w.to, w.probe)
	}
}

// release takes back the slot of a publish that the broker has answered.
func (s *slots) release(to address, overdue bool) {
	if !overdue {
		s.free++
	}
	if throttle := s.throttle(to); throttle != nil {
		delete(s.throttles, to)
		prepend(&s.waiting, &throttle.waiting)
	}
}

// undo takes back the slot of a publish that was not written after all.
func (s *slots) undo(to address, probe bool) {
	s.free++
	if probe {
		s.endProbe(s.throttle(to))
	}
}

// overdue takes back the slot of a publish whose confirm has not come in time.
func (s *slots) overdue(to address, probe bool) {
	s.free++
	switch current := s.throttle(to); {
	case probe:
		s.endProbe(current)
	case current == nil && len(s.throttles) < maxThrottles:
		if s.throttles == nil {
			s.throttles = make(map[address]*throttle)
		}
		s.throttles[to] = &throttle{}
	}
}

// endProbe lets the next publish of a throttle be the probe.
func (s *slots) endProbe(throttle *throttle) {
	if throttle == nil {
		return
	}
	throttle.probing, throttle.idleTicks = false, 0
	if next := pop(&throttle.waiting); next != nil {
		push(&s.waiting, &next.element, next)
	}
}

// tick removes the throttles that have held nothing back for long.
func (s *slots) tick() {
	for to, throttle := range s.throttles {
		if throttle.idleTicks++; throttle.idleTicks > maxIdleTicks && !throttle.probing && throttle.waiting.len == 0 {
			delete(s.throttles, to)
		}
	}
}

// grant gives the free slots to waiting publishes.
func (s *slots) grant() {
	for s.free > 0 {
		next := pop(&s.waiting)
		if next == nil {
			return
		}
		if throttle := s.throttle(next.to); throttle != nil {
			if throttle.probing {
				push(&throttle.waiting, &next.element, next)
				continue
			}
			throttle.probing, next.probe = true, true
		}
		s.free--
		next.result <- nil
	}
}

// failAll fails all waiting publishes with err.
func (s *slots) failAll(err error) {
	fail := func(waiting *list[slotWaiter]) {
		for w := pop(waiting); w != nil; w = pop(waiting) {
			w.result <- err
		}
	}
	fail(&s.waiting)
	for _, throttle := range s.throttles {
		fail(&throttle.waiting)
	}
}

// slotWaiter waits for a slot.
type slotWaiter struct {
	to     address
	result chan error // nil: it has a slot
	probe  bool       // of a throttled address

	element element[slotWaiter]
}

var freeSlotWaiters = sync.Pool{New: func() any { return &slotWaiter{result: make(chan error, 1)} }}

func newSlotWaiter(to address) *slotWaiter {
	w := freeSlotWaiters.Get().(*slotWaiter)
	w.to = to
	return w
}

// free lets another publish use the waiter, which is in no list and has no unread result.
func (w *slotWaiter) free() {
	w.to, w.probe = address{}, false
	freeSlotWaiters.Put(w)
}

// wait returns the result, or why ctx has ended. In the second case there may still be a result.
func (w *slotWaiter) wait(ctx context.Context) (done bool, err error) {
	select {
	case err := <-w.result:
		return true, err
	case <-ctx.Done():
		return false, cause(ctx)
	}
}
