package runtime

import (
	"context"
	"sync"
)

// seats lets publishes into the window of a channel, first come, first served. A publish
// has a seat from before it is written until the broker has answered it.
//
// A confirm that does not come must not cost the others their seats: a publish that is
// overdue gives its seat back and is still waited for. The address that it went to has a
// lane then, which lets one publish at a time try whether the broker confirms again. The
// first answer for the address ends its lane.
//
// The channel's lock guards seats.
type slots struct {
	free      int
	waiting   list[slotWaiter]
	throttles map[address]*throttle
}

// address is where a message is published to.
type address struct{ exchange, routingKey string }

func addressOf(m *Message) address { return address{m.Exchange, m.RoutingKey} }

// lane holds the publishes to one address back while its confirms are overdue.
type throttle struct {
	probing   bool // one publish has a seat
	waiting   list[slotWaiter]
	idleTicks int // looks in a row that found nothing to hold back
}

const (
	// maxLanes bounds the addresses that are held back.
	maxThrottles = 1024

	// quietLooks is after how many looks a lane goes that nobody has needed.
	maxIdleTicks = 120
)

// take takes a seat for a publish to an address, if there is one and nobody has waited
// for it longer. It returns whether that is a try in a lane.
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

// lane returns the lane of an address, or nil if it has none.
func (s *slots) throttle(to address) *throttle {
	if len(s.throttles) == 0 {
		return nil
	}
	return s.throttles[to]
}

// wait has a publish wait for a seat, which its applicant will be told of.
func (s *slots) enqueue(to address) *slotWaiter {
	w := newSlotWaiter(to)
	if throttle := s.throttle(to); throttle != nil && throttle.probing {
		throttle.waiting.push(&w.element, w)
	} else {
		s.waiting.push(&w.element, w)
	}
	return w
}

// withdraw takes back an application. A seat that it has been given meanwhile goes to the next.
func (s *slots) cancel(w *slotWaiter) {
	if l := w.element.list; l != nil {
		l.remove(&w.element)
	} else if <-w.result == nil {
		s.undo(w.to, w.probe)
	}
}

// answered gives the seat back of a publish that the broker has answered.
func (s *slots) release(to address, overdue bool) {
	if !overdue {
		s.free++
	}
	if throttle := s.throttle(to); throttle != nil {
		delete(s.throttles, to)
		s.waiting.prepend(&throttle.waiting)
	}
}

// notWritten gives the seat back of a publish that was not written after all.
func (s *slots) undo(to address, probe bool) {
	s.free++
	if probe {
		s.endProbe(s.throttle(to))
	}
}

// overdue gives the seat back of a publish whose confirm has not come in time.
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

// resume lets the next publish of a lane try.
func (s *slots) endProbe(throttle *throttle) {
	if throttle == nil {
		return
	}
	throttle.probing, throttle.idleTicks = false, 0
	if next := throttle.waiting.pop(); next != nil {
		s.waiting.push(&next.element, next)
	}
}

// look ends the lanes that nobody has needed for long.
func (s *slots) tick() {
	for to, throttle := range s.throttles {
		if throttle.idleTicks++; throttle.idleTicks > maxIdleTicks && !throttle.probing && throttle.waiting.len == 0 {
			delete(s.throttles, to)
		}
	}
}

// handOut gives the free seats to those who wait.
func (s *slots) grant() {
	for s.free > 0 {
		next := s.waiting.pop()
		if next == nil {
			return
		}
		if throttle := s.throttle(next.to); throttle != nil {
			if throttle.probing {
				throttle.waiting.push(&next.element, next)
				continue
			}
			throttle.probing, next.probe = true, true
		}
		s.free--
		next.result <- nil
	}
}

// dismiss tells everybody who waits that there will be no seat, because of err.
func (s *slots) failAll(err error) {
	fail := func(waiting *list[slotWaiter]) {
		for w := waiting.pop(); w != nil; w = waiting.pop() {
			w.result <- err
		}
	}
	fail(&s.waiting)
	for _, throttle := range s.throttles {
		fail(&throttle.waiting)
	}
}

// applicant waits for a seat.
type slotWaiter struct {
	to     address
	result chan error // nil: it has a seat
	probe  bool       // which is a try in a lane

	element element[slotWaiter]
}

var freeSlotWaiters = sync.Pool{New: func() any { return &slotWaiter{result: make(chan error, 1)} }}

func newSlotWaiter(to address) *slotWaiter {
	w := freeSlotWaiters.Get().(*slotWaiter)
	w.to = to
	return w
}

// done lets another publish use the applicant, which is in no list and has been told
// nothing that it does not know.
func (w *slotWaiter) free() {
	w.to, w.probe = address{}, false
	freeSlotWaiters.Put(w)
}

// wait returns what the applicant is told, or why ctx has ended. In the second case it may
// be told something all the same.
func (w *slotWaiter) wait(ctx context.Context) (done bool, err error) {
	select {
	case err := <-w.result:
		return true, err
	case <-ctx.Done():
		return false, cause(ctx)
	}
}
