package runtime

import (
	"context"
	"sync"
)

// RememberLast returns a HandledStore that keeps the last n message ids, at least one,
// in memory. It recognises what comes again after a lost connection or an
// active/passive switch, but knows nothing of other processes or of this one's past.
func RememberLast(n int) HandledStore {
	return &lastIDs{ring: make([]string, max(n, 1)), known: make(map[string]struct{})}
}

// lastIDs forgets the oldest id when a new one needs its place.
type lastIDs struct {
	mu    sync.Mutex
	ring  []string
	next  int
	known map[string]struct{}
}

func (s *lastIDs) Handled(_ context.Context, id string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.known[id]
	return known, nil
}

func (s *lastIDs) Remember(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.known[id]; known {
		return nil
	}
	delete(s.known, s.ring[s.next])
	s.ring[s.next] = id
	s.known[id] = struct{}{}
	s.next = (s.next + 1) % len(s.ring)
	return nil
}
