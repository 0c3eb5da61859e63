package runtime

import (
	"context"
	"sync"
)

// handlerSeats let as many handlers run at a time as there is room for, of all sessions of a consumer
// together: the next one may begin while handlers of the last still run.
type handlerSeats chan struct{}

// seated is the seats that one session has taken.
type seated struct {
	mu      sync.Mutex
	taken   int
	vacated bool // the session's handlers have been left behind, and their seats given to others
}

// takeSeat waits for a seat until the session's handlers have ended.
func (s *session) takeSeat() error {
	seats := s.consumer.seats
	select {
	case seats <- struct{}{}: // by itself, because it is quicker so
	default:
		select {
		case seats <- struct{}{}:
		case <-s.handlers.Done():
			return context.Cause(s.handlers)
		}
	}
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	if s.seated.vacated {
		<-seats
		return ErrStale
	}
	s.seated.taken++
	return nil
}

// leaveSeat gives a seat back, unless that has been done for a handler that was left behind.
func (s *session) leaveSeat() {
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	if !s.seated.vacated {
		s.seated.taken--
		<-s.consumer.seats
	}
}

// vacate gives back the seats of handlers that do not end with their context.
func (s *session) vacate() {
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	s.seated.vacated = true
	for range s.seated.taken {
		<-s.consumer.seats
	}
}
