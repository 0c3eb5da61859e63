package runtime

import (
	"context"
	"sync"
)

// handlerSeats let as many handlers run at a time as there is room for, of all sessions of a consumer
// together: the next one may begin while handlers of the last still run.
type handlerSeats struct {
	mu      sync.Mutex
	free    int
	waiting int
	freed   signal
}

// seated is the seats that one session has taken. The lock of handlerSeats guards it.
type seated struct {
	taken   int
	vacated bool // the session's handlers have been left behind, and their seats given to others
}

// takeSeat waits for a seat until the session's handlers have ended.
func (s *session) takeSeat() error {
	seats := &s.consumer.seats
	seats.mu.Lock()
	defer seats.mu.Unlock()
	for seats.free == 0 && !s.seated.vacated {
		freed := seats.freed.next()
		seats.waiting++
		seats.mu.Unlock()
		err := pause(s.handlers, freed)
		seats.mu.Lock()
		seats.waiting--
		if err != nil {
			return context.Cause(s.handlers)
		}
	}
	if s.seated.vacated {
		return ErrStale
	}
	seats.free--
	s.seated.taken++
	return nil
}

// leaveSeat gives a seat back, unless that has been done for a handler that was left behind.
func (s *session) leaveSeat() {
	seats := &s.consumer.seats
	seats.mu.Lock()
	defer seats.mu.Unlock()
	if !s.seated.vacated {
		s.seated.taken--
		seats.give(1)
	}
}

// vacate gives back the seats of handlers that do not end with their context.
func (s *session) vacate() {
	seats := &s.consumer.seats
	seats.mu.Lock()
	defer seats.mu.Unlock()
	s.seated.vacated = true
	seats.give(s.seated.taken)
	s.seated.taken = 0
}

// give gives n seats to whoever comes first. The lock is held.
func (s *handlerSeats) give(n int) {
	s.free += n
	if s.waiting > 0 {
		s.freed.notify()
	}
}
