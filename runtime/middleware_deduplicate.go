package runtime

import (
	"context"
	"fmt"
	"sync"
)

// A HandledStore remembers the ids of handled messages, for Deduplicate. Its
// methods are called by many goroutines at once.
type HandledStore interface {
	// Handled tells whether Remember has been called with id.
	Handled(ctx context.Context, id string) (bool, error)
	// Remember keeps id for as long as duplicates are to be recognised.
	Remember(ctx context.Context, id string) error
}

// Deduplicate acknowledges a delivery without calling the handler when store
// knows its message id. The id is remembered after the handler has returned
// nil: a crash between the two means that the message is handled again, never that it
// is lost. Messages without an id pass through. An error of the store is the
// handler's error when it comes before the handler and is ignored after it,
// because by then the message has been handled.
func Deduplicate(store HandledStore) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, delivery *Delivery) error {
			id := delivery.MessageID
			if id == "" {
				return next(ctx, delivery)
			}
			handled, err := store.Handled(ctx, id)
			if err != nil {
				return fmt.Errorf("deduplicate: %w", err)
			}
			if handled {
				return nil
			}
			if err := next(ctx, delivery); err != nil {
				return err
			}
			_ = store.Remember(ctx, id)
			return nil
		}
	}
}

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
