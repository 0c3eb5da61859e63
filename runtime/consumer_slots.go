package runtime

import (
	"context"
	"sync"
)

// handlerSeats let as many handlers run at a time as there is room for, of all sessions of a consumer
// together: the next one may begin while handlers of the last still run.
type handlerSlots struct {
	mu      sync.Mutex
	free    int
	waiting int
	freed   signal
}

// seated is the seats that one session has taken. The lock of handlerSeats guards it.
type sessionSlots struct {
	taken    int
	released bool // the session's handlers have been left behind, and their seats given to others
}

// takeSeat waits for a seat until the session's handlers have ended.
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

// leaveSeat gives a seat back, unless that has been done for a handler that was left behind.
func (s *session) releaseSlot() {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	if !s.slots.released {
		s.slots.taken--
		all.release(1)
	}
}

// vacate gives back the seats of handlers that do not end with their context.
func (s *session) releaseAllSlots() {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	s.slots.released = true
	all.release(s.slots.taken)
	s.slots.taken = 0
}

// give gives n seats to whoever comes first. The lock is held.
func (s *handlerSlots) release(n int) {
	s.free += n
	if s.waiting > 0 {
		s.freed.notify()
	}
}
