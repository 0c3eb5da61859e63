package runtime

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Handler handles one delivery. If it returns nil, the delivery is acknowledged; an error, or a
// panic, sends it through the consumer's recovery. Routes are handlers that decode the body and
// call the function that was passed to On.
type Handler func(ctx context.Context, delivery *Delivery) error

// A Middleware wraps a handler. It runs after the route has been chosen and before the body is
// decoded, so that an *InvalidError passes through it.
//
// It may replace Headers of the delivery by a copy with other contents: if the handler fails, what
// recovery publishes has these. Nothing else of the delivery may be changed.
//
// The middleware of a connection (Broker.Middleware) precede those of a consumer (WithMiddleware);
// the first is outermost. Of an active/passive pair the active side's are called, from whichever
// side a delivery comes.
type Middleware func(next Handler) Handler

// HandlerTimeout ends the handler's context after limit. The handler still decides the result: nil
// acknowledges.
func HandlerTimeout(limit time.Duration) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, delivery *Delivery) error {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			return next(ctx, delivery)
		}
	}
}

// RetryHandler calls the handler again when it has failed, in the same place: at most attempts times,
// each time after the next wait of backoff. Meanwhile the delivery stays unacknowledged and its
// worker waits, so with one worker the order is kept. It is the retry for streams, which have no
// retry queues. It does not call again after an *InvalidError, and when the context has ended.
func RetryHandler(attempts int, backoff Backoff) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, delivery *Delivery) error {
			err := callHandler(ctx, next, delivery)
			for attempt := 0; attempt < attempts && err != nil && !isType[*InvalidError](err); attempt++ {
				if !sleep(ctx, backoff.jittered(attempt)) {
					break
				}
				err = callHandler(ctx, next, delivery)
			}
			return err
		}
	}
}

// callHandler calls a handler. A panic becomes a *PanicError.
func callHandler(ctx context.Context, handler Handler, delivery *Delivery) (err error) {
	defer catch(&err)
	return handler(ctx, delivery)
}

// chain makes the first middleware the outermost.
func chain(handler Handler, middleware []Middleware) Handler {
	for _, wrap := range slices.Backward(middleware) {
		handler = wrap(handler)
	}
	return handler
}

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
