package rabbittest

import (
	"context"
	"fmt"
	"time"
)

// poll calls try until it returns nil, for at most limit, and then returns its
// last error.
func poll(limit time.Duration, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("still after %v: %w", limit, err)
		case <-time.After(pollInterval):
		}
	}
}
