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
	// handlerGrace is how long a consumer waits for handlers after their context has ended. Then it
	// continues without them.
	handlerGrace = 500 * time.Millisecond
	// closeTimeout limits the time to close a channel, and that to cancel its deliveries before.
	closeTimeout = 5 * time.Second
	// stableSession is how long a session must have lasted for the next one to be opened without a
	// wait.
	stableSession = time.Second
)

// reopenBackoff sets the waits between attempts to consume again. The connection has a backoff of
// its own; this one is for what a live connection refuses. After a session that did consume, only
// the first few waits apply.
var reopenBackoff = Backoff{Min: 100 * time.Millisecond, Max: 30 * time.Second}

const maxQuickReopen = 2

// A run is one call of Consumer.Run: sessions one after another on each source, and the stop.
type run struct {
	consumer *queueConsumer

	// ctx ends when the consumer is to stop. handlers ends when the time for running handlers is
	// over; expired is closed a grace after that.
	ctx         context.Context
	handlers    context.Context
	endHandlers context.CancelCauseFunc
	expired     chan struct{}
	ended       chan struct{} // closed by end
	closed      error         // why there is nothing left to consume on, or nil

	sessions sync.WaitGroup
	running  atomic.Int64 // handlers that have not returned

	// For Status.
	mu   sync.Mutex
	live map[*session]struct{} // that have begun and whose deliveries may still be answered
	lost error                 // why a session last ended or could not begin
}

func newRun(ctx context.Context, c *queueConsumer) *run {
	r := &run{
		consumer: c, ctx: ctx, expired: make(chan struct{}), ended: make(chan struct{}),
		live: make(map[*session]struct{}),
	}
	ctx = context.WithoutCancel(ctx)
	if middleware := c.config.publishMiddleware; len(middleware) > 0 {
		ctx = context.WithValue(ctx, repliesKey{}, middleware)
	}
	r.handlers, r.endHandlers = context.WithCancelCause(ctx)
	go r.enforceStopTimeout()
	return r
}

// enforceStopTimeout ends the handlers' context at the stop timeout and gives up on them a grace
// later.
func (r *run) enforceStopTimeout() {
	if !awaitOrEnd(r, r.ctx.Done()) || !awaitOrEnd(r, time.After(r.consumer.config.stopTimeout)) {
		return
	}
	r.endHandlers(fmt.Errorf("the consumer stops: %w", context.DeadlineExceeded))
	if awaitOrEnd(r, time.After(handlerGrace)) {
		close(r.expired)
	}
}

// awaitOrEnd waits for a channel and returns true, or false if the run ends first.
func awaitOrEnd[T any](r *run, something <-chan T) bool {
	select {
	case <-something:
		return true
	case <-r.ended:
		return false
	}
}

// end releases the run's resources.
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

// consume keeps a session open in a virtual host until the run stops, or until the owner has closed
// its source: then it returns the error that says so.
func (r *run) consume(host virtualHost, spec sessionSpec) (closed error) {
	for failures := 0; r.ctx.Err() == nil; {
		start := time.Now()
		err := r.session(host, spec)
		if r.ctx.Err() != nil {
			break
		}
		spec.widenAfter = 0
		if errors.Is(err, errNarrowNext) {
			spec.widenAfter = widenAfterCount
			continue
		}
		r.noteLost(spec, err)
		r.consumer.report(r.handlers, ConsumerEvent{Kind: interruption(err), Err: err})
		if errors.Is(err, ErrClosed) {
			closed = err
			break
		}
		if time.Since(start) >= stableSession && hasConsumed(err) {
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
func (r *run) session(host virtualHost, spec sessionSpec) error {
	c := r.consumer
	var lock *streamLock
	if c.stream != nil && c.stream.lock != nil {
		var err error
		if lock, err = c.stream.acquire(r.ctx, host); err != nil {
			return err
		}
		defer r.giveUp(lock)
	}
	channel, err := host.open(r.ctx, c.declarations)
	if err != nil {
		return err
	}
	s := newSession(r, channel, spec)
	if err := s.begin(r.ctx); err != nil {
		closeChannel(channel)
		return err
	}
	r.enter(s)
	c.consuming(r.handlers, spec)
	finished := make(chan struct{})
	r.sessions.Go(func() {
		defer close(finished)
		defer r.leave(s)
		s.work()
	})
	if s.window != nil {
		r.sessions.Go(func() { s.watchStall(host) })
	}
	if lock != nil {
		r.sessions.Go(func() { lock.hold(r.handlers, s, c.stream.lock, finished) })
	}
	r.awaitSession(s, finished)
	return s.reason()
}

// awaitSession waits until the deliveries have ended and then, for a grace, until they have been
// handled. It does not wait for handlers that take longer: the next session begins without them,
// but the end of the run waits for them.
func (r *run) awaitSession(s *session, finished <-chan struct{}) {
	select {
	case <-s.drained:
	case <-s.consumption.Cancelled:
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

// giveUp lets another process consume the stream. If nobody could until now, it first saves the
// offset that the other one loads.
func (r *run) giveUp(lock *streamLock) {
	if r.consumer.stream.store != nil && !isClosed(lock.channel.Done()) {
		r.saveOffset()
	}
	closeChannel(lock.channel)
}

func closeChannel(channel ConsumerChannel) { inTime(channel.Close) }

// inTime makes a last request on a channel. If it fails, there is nothing left to do: the channel is dying.
func inTime(request func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = request(ctx)
}
