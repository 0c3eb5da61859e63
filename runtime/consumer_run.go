package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// handlerGrace is how long a consumer waits for handlers whose context has
	// ended before it goes on without them.
	handlerGrace = 500 * time.Millisecond
	// closeTimeout bounds the closing of a channel.
	closeTimeout = 5 * time.Second
	// soundSession is how long a session must have lasted for the next one to be
	// opened without a wait.
	stableSession = time.Second
)

// reopening spaces the attempts to consume again. The connection has a backoff
// of its own; this one is for what a live connection refuses. Of its waits only the
// first few follow a session that did consume.
var reopenBackoff = Backoff{Min: 100 * time.Millisecond, Max: 30 * time.Second}

const maxQuickReopen = 2

// A run is one call of Consumer.Run: sessions one after another on each source,
// and the stop.
type run struct {
	consumer *Consumer

	// ctx ends when the consumer shall stop. handlers ends when started handlers
	// have had their time; expired is closed a grace after that.
	ctx         context.Context
	handlers    context.Context
	endHandlers context.CancelCauseFunc
	expired     chan struct{}
	ended       chan struct{} // closed by end
	closed      error         // why there is nothing left to consume on, or nil

	sessions sync.WaitGroup
	running  atomic.Int64 // handlers that have been called and have not returned
}

func newRun(ctx context.Context, c *Consumer) *run {
	r := &run{consumer: c, ctx: ctx, expired: make(chan struct{}), ended: make(chan struct{})}
	r.handlers, r.endHandlers = context.WithCancelCause(context.WithoutCancel(ctx))
	go r.enforceStopTimeout()
	return r
}

// clock measures the time that a stop takes: it ends the handlers' context at
// the stop timeout and gives up on them a grace later.
func (r *run) enforceStopTimeout() {
	if !awaitOrEnd(r, r.ctx.Done()) || !awaitOrEnd(r, time.After(r.consumer.config.stopTimeout)) {
		return
	}
	r.endHandlers(fmt.Errorf("the consumer stops: %w", context.DeadlineExceeded))
	if awaitOrEnd(r, time.After(handlerGrace)) {
		close(r.expired)
	}
}

// until waits for a channel and returns true, or false if the run ends first.
func awaitOrEnd[T any](r *run, something <-chan T) bool {
	select {
	case <-something:
		return true
	case <-r.ended:
		return false
	}
}

// end releases what the run holds.
func (r *run) end() {
	close(r.ended)
	r.endHandlers(context.Canceled)
}

// wait returns when every session has ended.
func (r *run) wait() error {
	r.sessions.Wait()
	if r.closed != nil {
		return fmt.Errorf("consumer of %q: %w", r.consumer.queue, r.closed)
	}
	if n := r.running.Load(); n > 0 {
		return fmt.Errorf("consumer of %q: %d handlers still ran %v after the stop", r.consumer.queue, n, r.consumer.config.stopTimeout)
	}
	return nil
}

// consume keeps a session on source until the run stops, or until source has been closed
// for good: then it returns the error that says so.
func (r *run) consume(source ConsumerSource, spec sessionSpec) (closed error) {
	for failures := 0; r.ctx.Err() == nil; {
		began := time.Now()
		err := r.session(source, spec)
		if r.ctx.Err() != nil {
			break
		}
		spec.widenAfter = 0
		if errors.Is(err, errNarrowNext) {
			spec.widenAfter = widenAfterCount
			continue
		}
		r.consumer.report(interruption(err), nil, err)
		if errors.Is(err, ErrClosed) {
			closed = err
			break
		}
		if time.Since(began) >= stableSession && hasConsumed(err) {
			failures = 0
			continue
		}
		if hasConsumed(err) {
			failures = min(failures, maxQuickReopen)
		}
		if !sleep(r.ctx, reopenBackoff.jittered(failures)) {
			break
		}
		failures++
	}
	return closed
}

// session opens a channel, consumes on it and returns why that ended.
func (r *run) session(source ConsumerSource, spec sessionSpec) error {
	c := r.consumer
	channel, err := source.ConsumerChannel(r.ctx, c.declarations)
	if err != nil {
		return err
	}
	s := newSession(r, channel, spec)
	if s.deliveries, err = s.begin(r.ctx); err != nil {
		closeChannel(channel)
		return err
	}
	c.consuming(spec)
	finished := make(chan struct{})
	r.sessions.Go(func() {
		defer close(finished)
		s.work()
	})
	r.awaitSession(s, finished)
	return s.reason()
}

// attend waits until no more deliveries come and then, for a grace, until they have
// been handled. Handlers that take longer are left behind: the next session does not
// wait for them, but the run's end does.
func (r *run) awaitSession(s *session, finished <-chan struct{}) {
	select {
	case <-s.drained:
	case <-s.done:
	case <-finished:
	}
	if r.ctx.Err() != nil {
		<-finished
		return
	}
	select {
	case <-finished:
	case <-time.After(handlerGrace):
	}
}

func closeChannel(channel ConsumerChannel) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = channel.Close(ctx) // nothing is left to be done with a channel that does not close
}
