package rabbittest

import (
	"context"
	"fmt"
	"time"
)

// poll calls try until it returns nil, for limit at most, and then returns try's last own error,
// instead of the error that time is over.
func poll(ctx context.Context, limit time.Duration, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	begun := time.Now()
	var last error
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("still after %v: %w", time.Since(begun).Round(time.Millisecond), last)
		case <-time.After(pollInterval):
		}
	}
}
