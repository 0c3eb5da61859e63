package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// declare makes d on the broker, unless that has been done on this connection before. A refusal is
// remembered and tried again after Broker.RefusedDelay, so that asking often does not open many
// channels.
func (c *conn) declare(ctx context.Context, d *Declarations) error {
	for !c.hasDeclared(d) {
		if err := c.refused.find(d); err != nil {
			return err
		}
		call := c.shareDeclare(d, true)
		if err := call.wait(ctx); err != nil {
			return withLast(err, c.refused.last(d))
		}
		if call.err != nil {
			return call.err
		}
		// What was forgotten meanwhile is made again.
	}
	return nil
}

// hasDeclared reports whether there is nothing to do for d. Every publish asks.
func (c *conn) hasDeclared(d *Declarations) bool {
	return d == nil || d.Mode == DeclareAssume || c.declared.has(d)
}

// forgetDeclared forgets d: the next declare makes it again.
func (c *conn) forgetDeclared(d *Declarations) { c.declared.forget(d) }

// shareDeclare makes d on a goroutine that goes on when those who wait for it have left. Whoever
// asks next joins it, so that a request that the broker does not answer costs one channel, however
// often it is made. With remember, declare knows the result from then on.
func (c *conn) shareDeclare(d *Declarations, remember bool) *declareCall {
	call, first := c.declared.begin(d, remember)
	if first {
		go func() {
			err := c.runDeclare(call, d)
			if c.declared.end(d, call, err, c.refused) || isClosed(call.done) {
				c.observeRefused(err)
			}
			call.finish(err)
		}()
	}
	return call
}

// declared is what has been declared on one connection, and what is being declared.
type declared struct {
	made atomic.Pointer[map[*Declarations]struct{}] // replaced, never changed

	mu    sync.Mutex
	calls map[*Declarations]*declareCall
	lost  map[*Declarations]struct{} // lost by the broker, and not made again yet
}

// declareCall is one execution of a *Declarations on one connection.
type declareCall struct {
	step atomic.Pointer[string] // what the broker is being asked to do
	done chan struct{}
	err  error // set before done is closed
	once sync.Once

	// Guarded by declared.mu.
	remember    bool
	invalidated bool // the result must not be remembered: d has been forgotten since the call began
}

// finish tells those who wait for the call. Only the first one counts.
func (call *declareCall) finish(err error) {
	call.once.Do(func() {
		call.err = err
		close(call.done)
	})
}

// wait waits until the call has ended, or only queues that can wait are left and the broker does not
// answer: err says how. It returns an error if ctx ends first.
func (call *declareCall) wait(ctx context.Context) error {
	if err := pause(ctx, call.done); err != nil {
		return fmt.Errorf("%w (waiting for the broker to %s)", err, *call.step.Load())
	}
	return nil
}

func (r *declared) has(d *Declarations) bool {
	_, ok := r.all()[d]
	return ok
}

// all returns what has been made. It must not be changed.
func (r *declared) all() map[*Declarations]struct{} {
	if made := r.made.Load(); made != nil {
		return *made
	}
	return nil
}

// begin returns the call that makes d, and whether the caller has to execute it.
func (r *declared) begin(d *Declarations, remember bool) (call *declareCall, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	call = r.calls[d]
	if first = call == nil; first {
		call = &declareCall{done: make(chan struct{})}
		call.step.Store(new("open a channel"))
		if r.calls == nil {
			r.calls = make(map[*Declarations]*declareCall)
		}
		r.calls[d] = call
	}
	call.remember = call.remember || remember
	return call, first
}

// end notes the result of a call, in refused if the broker refused it. It returns whether anybody
// asked to remember the result.
func (r *declared) end(d *Declarations, call *declareCall, err error, refused *refusedDeclarations) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.calls, d)
	switch {
	case !call.remember || call.invalidated:
	case err == nil:
		delete(r.lost, d)
		refused.forget(d)
		r.replace(func(made map[*Declarations]struct{}) { made[d] = struct{}{} })
	case isType[*DeclarationError](err), isType[*temporaryRefusal](err):
		refused.add(d, err)
	}
	return call.remember
}

func (r *declared) forget(d *Declarations) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.lost, d)
	r.invalidate(d)
}

// invalidate causes d to be made again, even if it is being made. The caller holds mu.
func (r *declared) invalidate(d *Declarations) {
	if call := r.calls[d]; call != nil {
		call.invalidated = true
	}
	if r.has(d) {
		r.replace(func(made map[*Declarations]struct{}) { delete(made, d) })
	}
}

// markLost notes that the broker has lost what match describes, and returns whether there is
// anything like that. Several channels may report the same loss, before and while it is repaired.
func (r *declared) markLost(match func(*Declarations) bool) (found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost == nil {
		r.lost = make(map[*Declarations]struct{})
	}
	note := func(d *Declarations) {
		if match(d) {
			r.lost[d] = struct{}{}
		}
	}
	for d := range r.all() {
		note(d)
	}
	for d := range r.calls {
		note(d)
	}
	for d := range r.lost {
		if match(d) {
			r.invalidate(d)
			found = true
		}
	}
	return found
}

// replace changes a copy of made and stores it. The caller holds mu.
func (r *declared) replace(change func(map[*Declarations]struct{})) {
	made := maps.Clone(r.all())
	if made == nil {
		made = make(map[*Declarations]struct{})
	}
	change(made)
	r.made.Store(&made)
}

// observeRefused tells the observer about a declaration that the broker refused.
func (c *conn) observeRefused(err error) {
	refused, ok := errors.AsType[*DeclarationError](err)
	if passing, absent := errors.AsType[*temporaryRefusal](err); absent {
		refused, ok = passing.refused, true
	}
	if ok {
		c.broker.Observer.Observe(context.Background(), DeclarationRefusedEvent{Connection: c.name, Err: refused})
	}
}

// refusedDeclarations remembers what the broker refused to declare. All connections of a supervisor
// share it, because some refusals close the whole connection.
type refusedDeclarations struct {
	retryAfter time.Duration

	mu   sync.Mutex
	list map[*Declarations]refusedDeclaration
}

type refusedDeclaration struct {
	err   error
	until time.Time // when to try again
}

// find returns the error of d if it is recent.
func (r *refusedDeclarations) find(d *Declarations) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := r.list[d]; time.Now().Before(found.until) {
		return found.err
	}
	return nil
}

// last returns the error of d until it has been made.
func (r *refusedDeclarations) last(d *Declarations) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list[d].err
}

func (r *refusedDeclarations) add(d *Declarations, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = make(map[*Declarations]refusedDeclaration)
	}
	keep := r.retryAfter
	if isType[*temporaryRefusal](err) {
		keep = min(keep, redeclareDelay/2)
	}
	r.list[d] = refusedDeclaration{err: err, until: time.Now().Add(keep)}
}

func (r *refusedDeclarations) forget(d *Declarations) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.list, d)
}

// awaitRetry waits until it makes sense to try again what failed on the connection with err. It
// returns an error if it never will, or when ctx ends.
func (c *conn) awaitRetry(ctx context.Context, err error) error {
	var over error
	switch {
	case isType[*temporaryRefusal](err):
		over = c.awaitRedeclare(ctx)
	case isType[*DeclarationError](err), errors.Is(err, amqp.ErrChannelMax), ctx.Err() != nil:
		return err
	default: // the connection is dying, and done is closed in a moment
		over = pause(ctx, c.done)
	}
	if over != nil {
		return withLast(over, err)
	}
	return nil
}

// awaitRedeclare waits before a declaration is made again that the broker refused temporarily.
func (c *conn) awaitRedeclare(ctx context.Context) error {
	timer := time.NewTimer(Backoff{Min: redeclareDelay, Max: redeclareDelay}.jittered(0))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.done:
	case <-ctx.Done():
		return cause(ctx)
	}
	return nil
}

// redeclareDelay is the longest wait before a declaration is made again that the broker refused
// temporarily.
const redeclareDelay = 500 * time.Millisecond

// temporaryRefusal is a refused declaration that will work later: the queue exists but its node is
// down, or what was to be bound has been deleted since it was declared.
type temporaryRefusal struct {
	refused *DeclarationError
}

func (e *temporaryRefusal) Error() string { return e.refused.Error() }

// isNodeDown reports whether a 404 is about a queue that exists: the cluster node that hosts it is
// down, or still boots.
func isNodeDown(exception *amqp.Error) bool {
	return exception.Code == amqp.NotFound &&
		(strings.Contains(exception.Reason, "is down or inaccessible") || strings.Contains(exception.Reason, "is stopped by supervisor"))
}
