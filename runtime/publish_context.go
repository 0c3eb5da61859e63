package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// publishContext is the context of one outgoing message. It ends with the caller's context, or when
// end is called, which the producer's outstanding does at the publish's deadline. Most publishes
// never wait, so its channel is created only when somebody waits.
type publishContext struct {
	caller   context.Context
	deadline time.Time
	isolated atomic.Bool // the next attempt is made in isolation

	mu         sync.Mutex
	done       chan struct{} // nil until somebody has waited
	stop       func() bool   // stops watching the caller's context
	afterFuncs []*func()     // functions to call at the end
	ended      error         // the cause of the end
}

var errTimeout = fmt.Errorf("the publish timeout has passed: %w", context.DeadlineExceeded)

// begin sets what ends the context. It is called before anything else.
func (c *publishContext) begin(caller context.Context, deadline time.Time) {
	c.caller, c.deadline = caller, deadline
}

// Deadline returns the earlier of the caller's deadline and the publish's.
func (c *publishContext) Deadline() (time.Time, bool) {
	if deadline, ok := c.caller.Deadline(); ok && deadline.Before(c.deadline) {
		return deadline, true
	}
	return c.deadline, true
}

// Done returns a channel that is closed when the context ends.
func (c *publishContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		switch {
		case c.ended != nil:
			close(c.done)
		case c.caller.Done() != nil:
			c.stop = context.AfterFunc(c.caller, func() { c.end(context.Cause(c.caller)) })
		}
	}
	return c.done
}

// AfterFunc calls f on a goroutine of its own when the context ends, like context.AfterFunc. The
// standard library uses it, so that a context derived from this one costs no goroutine.
func (c *publishContext) AfterFunc(f func()) (stop func() bool) {
	c.Done() // from now on the end of the caller's context is noticed
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		go f()
		return func() bool { return false }
	}
	c.afterFuncs = append(c.afterFuncs, &f)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		before := len(c.afterFuncs)
		c.afterFuncs = slices.DeleteFunc(c.afterFuncs, func(g *func()) bool { return g == &f })
		return len(c.afterFuncs) < before
	}
}

// Err returns why the context has ended, or nil.
func (c *publishContext) Err() error {
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	switch err := c.caller.Err(); {
	case err != nil:
		return err
	case ended == nil:
		return nil
	case errors.Is(ended, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	return context.Canceled
}

// endCause returns the cause of the context's end, or nil.
func (c *publishContext) endCause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended != nil:
		return c.ended
	case c.caller.Err() != nil: // done may be closed a little later
		return context.Cause(c.caller)
	}
	return nil
}

// cause returns why ctx has ended. context.Cause would only find the cause of the standard
// library's own contexts.
func cause(ctx context.Context) error {
	if c, ok := ctx.(*publishContext); ok {
		return c.endCause()
	}
	return context.Cause(ctx)
}

// isolatedKey is the key under which derived contexts find isolated.
type isolatedKey struct{}

// isIsolated reports whether the attempt with ctx is made in isolation.
func isIsolated(ctx context.Context) bool {
	if c, ok := ctx.(*publishContext); ok {
		return c.isolated.Load()
	}
	isolated, _ := ctx.Value(isolatedKey{}).(bool)
	return isolated
}

// Value returns the caller's value for key.
func (c *publishContext) Value(key any) any {
	if key == (isolatedKey{}) {
		return c.isolated.Load()
	}
	return c.caller.Value(key)
}

// end ends the context with cause, and releases what it holds.
func (c *publishContext) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return
	}
	c.ended = cause
	if c.done != nil {
		close(c.done)
	}
	if c.stop != nil {
		c.stop()
	}
	for _, f := range c.afterFuncs {
		go (*f)()
	}
	c.afterFuncs = nil
}
