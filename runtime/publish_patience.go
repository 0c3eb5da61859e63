package runtime

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// patience is the context of one publish. It ends with the caller's context, at the
// publish's deadline, or when end is called. Most publishes never have to wait, so
// what it takes to be waited for is made when somebody does.
type patience struct {
	caller   context.Context
	deadline time.Time

	mu     sync.Mutex
	full   context.Context // nil until somebody has waited
	cancel context.CancelCauseFunc
	free   context.CancelFunc
	ended  error
}

var errTimeout = fmt.Errorf("the publish timeout has passed: %w", context.DeadlineExceeded)

// Deadline returns the earlier of the caller's deadline and the publish's.
func (p *patience) Deadline() (time.Time, bool) {
	if deadline, ok := p.caller.Deadline(); ok && deadline.Before(p.deadline) {
		return deadline, true
	}
	return p.deadline, true
}

// Done returns a channel that is closed when the context ends.
func (p *patience) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full == nil {
		var limited context.Context
		limited, p.free = context.WithDeadlineCause(p.caller, p.deadline, errTimeout)
		p.full, p.cancel = context.WithCancelCause(limited)
		if p.ended != nil {
			p.cancel(p.ended)
		}
	}
	return p.full.Done()
}

// Err returns why the context has ended, or nil.
func (p *patience) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.full != nil && p.full.Err() != nil: // it may learn a little later than others that its time is over
		return p.full.Err()
	case p.ended != nil:
		return context.Canceled
	case p.caller.Err() != nil:
		return p.caller.Err()
	case !time.Now().Before(p.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value returns the caller's value for key. The cause of the end is found here too.
func (p *patience) Value(key any) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full != nil {
		return p.full.Value(key)
	}
	return p.caller.Value(key)
}

// end ends the context because of cause, and frees what it holds.
func (p *patience) end(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = cause
	if p.full != nil {
		p.cancel(cause)
		p.free()
	}
}
