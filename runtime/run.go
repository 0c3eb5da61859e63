package runtime

import (
	"context"
	"errors"
	"sync"
)

// Run runs functions at the same time, such as the Run of consumers, as one: when ctx ends, or as
// soon as one of them returns an error, the context of all of them ends. It returns when all have
// returned, with the errors of all in the order in which they came, so that the first is the one
// that ended the others. A function that returns nil before does not end the others.
//
//	err := runtime.Run(ctx, billing.Run, shipping.Run)
func Run(ctx context.Context, functions ...func(ctx context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	var errs []error
	var running sync.WaitGroup
	for _, function := range functions {
		running.Go(func() {
			err := function(ctx)
			if err == nil {
				return
			}
			mu.Lock()
			errs = append(errs, err)
			mu.Unlock()
			stop()
		})
	}
	running.Wait()
	return errors.Join(errs...)
}
