package runtime

import (
	"context"
	"sync"
)

// handlerSlots limits how many handlers run at a time, over all sessions of a consumer: the next
// session may begin while handlers of the last one still run.
type handlerSlots struct {
	mu      sync.Mutex
	free    int
	waiting int
	freed   signal
}

// sessionSlots counts the slots of one session. The mutex of handlerSlots guards it.
type sessionSlots struct {
	taken    int
	released bool // the session no longer waits for its handlers, and others have their slots
}

// acquireSlot waits for a slot until the session's handlers context ends.
func (s *session) acquireSlot() error {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	for all.free == 0 && !s.slots.released {
		freed := all.freed.next()
		all.waiting++
		all.mu.Unlock()
		err := pause(s.handlers, freed)
		all.mu.Lock()
		all.waiting--
		if err != nil {
			return context.Cause(s.handlers)
		}
	}
	if s.slots.released {
		return ErrStale
	}
	all.free--
	s.slots.taken++
	return nil
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

// release releases n slots. The caller holds mu.
func (s *handlerSlots) release(n int) {
	s.free += n
	if s.waiting > 0 {
		s.freed.notify()
	}
}
