package runtime

import (
	"context"
	"sync"
)

// handlerSlots limits how many handlers run at a time, over all sessions of a consumer: the next
// session may begin while handlers of the last one still run. It is first come, first served, so
// that a session which moves messages to the suspect queue leaves slots to the one that handles
// them.
type handlerSlots struct {
	mu      sync.Mutex
	free    int // 0 while somebody waits
	waiting list[handlerWaiter]
}

// sessionSlots counts the slots of one session. The mutex of handlerSlots guards it.
type sessionSlots struct {
	taken    int
	released bool // the session no longer waits for its handlers, and others have their slots
}

// handlerWaiter waits for a slot. When it is in no list any more, it has one, unless its session has
// released all.
type handlerWaiter struct {
	slots   *sessionSlots
	granted chan struct{}
	element element[handlerWaiter]
}

// acquireSlot waits for a slot until the session's handlers context ends.
func (s *session) acquireSlot() error {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	switch {
	case s.slots.released:
		return ErrStale
	case all.free > 0:
		all.free--
		s.slots.taken++
		return nil
	}
	w := &handlerWaiter{slots: &s.slots, granted: make(chan struct{})}
	push(&all.waiting, &w.element, w)
	all.mu.Unlock()
	var err error
	if pause(s.handlers, w.granted) != nil {
		err = context.Cause(s.handlers)
	}
	all.mu.Lock()
	switch {
	case w.element.list != nil:
		remove(&all.waiting, &w.element)
	case s.slots.released: // it was granted nothing
		return ErrStale
	case err != nil: // the slot came too late
		s.slots.taken--
		all.release(1)
	}
	return err
}

// releaseSlot releases a slot, unless releaseAllSlots has done that.
func (s *session) releaseSlot() {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	if !s.slots.released {
		s.slots.taken--
		all.release(1)
	}
}

// releaseAllSlots releases the slots of handlers that do not return although their context has
// ended.
func (s *session) releaseAllSlots() {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	s.slots.released = true
	all.release(s.slots.taken)
	s.slots.taken = 0
}

// release gives n slots to those who wait the longest. A session that has released its slots gets
// none: its context has ended, so it no longer waits. The caller holds mu.
func (s *handlerSlots) release(n int) {
	for s.free += n; s.free > 0; {
		w := pop(&s.waiting)
		if w == nil {
			return
		}
		if !w.slots.released {
			s.free--
			w.slots.taken++
		}
		close(w.granted)
	}
}
