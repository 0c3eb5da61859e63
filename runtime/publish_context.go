package runtime

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// publishContext is the context of one outgoing message. It ends with the caller's context, at the
// publish's deadline, or when end is called. Most publishes never have to wait, so
// what it takes to be waited for is made when somebody does.
type publishContext struct {
	caller   context.Context
	deadline time.Time

	mu     sync.Mutex
	full   context.Context // nil until somebody has waited
	cancel context.CancelCauseFunc
	free   context.CancelFunc
	ended  error
}

var errTimeout = fmt.Errorf("the publish timeout has passed: %w", context.DeadlineExceeded)

// begin sets what the context ends with. It is called before anything else.
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
	if c.full == nil {
		var limited context.Context
		limited, c.free = context.WithDeadlineCause(c.caller, c.deadline, errTimeout)
		c.full, c.cancel = context.WithCancelCause(limited)
		if c.ended != nil {
			c.cancel(c.ended)
		}
	}
	return c.full.Done()
}

// Err returns why the context has ended, or nil.
func (c *publishContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.full != nil && c.full.Err() != nil: // it may learn a little later than others that its time is over
		return c.full.Err()
	case c.ended != nil:
		return context.Canceled
	case c.caller.Err() != nil:
		return c.caller.Err()
	case !time.Now().Before(c.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value returns the caller's value for key. The cause of the end is found here too.
func (c *publishContext) Value(key any) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full != nil {
		return c.full.Value(key)
	}
	return c.caller.Value(key)
}

// end ends the context because of cause, and frees what it holds.
func (c *publishContext) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = cause
	if c.full != nil {
		c.cancel(cause)
		c.free()
	}
}
