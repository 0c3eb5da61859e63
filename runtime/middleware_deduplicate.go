package runtime

import (
	"context"
	"fmt"
	"sync"
)

// A HandledStore remembers the ids of handled messages, for Deduplicate. Many goroutines call its
// methods at once.
type HandledStore interface {
	// Handled reports whether Remember has been called with id.
	Handled(ctx context.Context, id string) (bool, error)
	// Remember keeps id for as long as duplicates are to be recognised.
	Remember(ctx context.Context, id string) error
}

// Deduplicate acknowledges a delivery without calling the handler if store knows its message id.
// The id is remembered after the handler has returned nil: after a crash between the two the
// message is handled again, but it is never lost. Messages without an id are handled as usual. If
// the store fails before the handler is called, its error counts as the handler's. If it fails
// afterwards, the error is ignored, because the message has been handled.
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

// RememberLast returns a HandledStore that keeps the last n message ids, at least one, in memory.
// It recognises duplicates after a lost connection or an active/passive switch, but it knows
// nothing of other processes or of an earlier run of this one.
func RememberLast(n int) HandledStore {
	return &lastIDs{ring: make([]string, max(n, 1)), known: make(map[string]struct{})}
}

// lastIDs forgets the oldest id when it needs space for a new one.
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
