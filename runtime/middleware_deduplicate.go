package runtime

import (
	"context"
	"fmt"
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
