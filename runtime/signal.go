package runtime

import (
	"context"
	"fmt"
	"sync"
)

// signal tells any number of goroutines that something has changed. The zero signal is ready for
// use.
type signal struct {
	mu      sync.Mutex
	changed chan struct{} // nil while nobody waits
}

// next returns a channel that the next call of notify closes. Call it before looking at what may
// change, or a change can be missed.
func (s *signal) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// notify wakes all who wait.
func (s *signal) notify() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// pause waits until changed is closed or ctx ends, and returns why ctx ended.
func pause(ctx context.Context, changed <-chan struct{}) error {
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return cause(ctx)
	}
}

// withLast adds to err, which ended a wait, why the last attempt failed, if one has.
func withLast(err, failed error) error {
	if failed == nil {
		return err
	}
	return fmt.Errorf("%w (last attempt: %w)", err, failed)
}
