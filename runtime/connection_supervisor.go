package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// line keeps one network connection up: it dials, which gives it a link, watches that
// until it dies, and dials again, in one goroutine with one backoff. A link lives once, a
// line until it is closed. It starts when it is first used.
type connSupervisor struct {
	name      string
	broker    *Broker
	clearText *sync.Once // of all lines of a Connection: one warning is enough

	changed signal // link, failed, closing, or whether the link is blocked
	refused refusedDeclarations

	mu      sync.Mutex
	conn    *conn // the live one, nil while there is none
	failed  error // why the last attempt did not succeed
	started bool
	closing bool

	// life ends when close is called; stopped is closed when run has returned. Unfinished then
	// says what was not waited for, until somebody has been told.
	ctx        context.Context
	cancel     context.CancelFunc
	stopped    chan struct{}
	unfinished error
}

func newConnSupervisor(b *Broker, name string) *connSupervisor {
	s := &connSupervisor{name: name, broker: b, clearText: new(sync.Once), refused: refusedDeclarations{retryAfter: b.RefusedDelay}, stopped: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// up returns the live link, and waits for one until ctx ends. A refusal that is
// likely to stay is returned at once.
func (s *connSupervisor) up(ctx context.Context) (*conn, error) {
	return s.wait(ctx, isRefused)
}

// live returns the live link, and waits for one until the line is closed. It calls
// failing when it looks and finds none, as after each failed attempt.
func (s *connSupervisor) await(failing func()) (*conn, error) {
	return s.wait(s.ctx, func(error) bool {
		failing()
		return false
	})
}

// wait starts the line and waits for a link until ctx ends, the line is closed or an
// attempt fails in a way that hopeless says it is no use to wait after.
func (s *connSupervisor) wait(ctx context.Context, hopeless func(error) bool) (*conn, error) {
	s.start()
	for {
		changed := s.changed.next()
		conn, failed, closing := s.current()
		switch {
		case closing:
			return nil, fmt.Errorf("connection %q: %w", s.name, ErrClosed)
		case conn != nil:
			return conn, nil
		case hopeless(failed):
			return nil, fmt.Errorf("connection %q: %w", s.name, failed)
		}
		if err := pause(ctx, changed); err != nil {
			return nil, s.describeWait(err)
		}
	}
}

// notUp adds to err, which ended a wait, why there is no link.
func (s *connSupervisor) describeWait(err error) error {
	switch _, failed, closing := s.current(); {
	case closing:
		return fmt.Errorf("connection %q: %w", s.name, ErrClosed)
	case failed != nil:
		return fmt.Errorf("connection %q: %w (last attempt: %w)", s.name, err, failed)
	}
	return fmt.Errorf("connection %q: %w", s.name, err)
}

func (s *connSupervisor) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started && !s.closing {
		s.started = true
		go s.run()
	}
}

// look returns what there is now.
func (s *connSupervisor) current() (live *conn, failed error, closing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn, s.failed, s.closing
}

// state returns the line's state. A line that was never used is Ready: it will
// connect when it is.
func (s *connSupervisor) state() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return Closed
	case s.started && s.conn == nil:
		return Down
	case s.conn != nil && s.conn.blocked.Load():
		return Blocked
	}
	return Ready
}

// run dials and watches until the line is closed.
func (s *connSupervisor) run() {
	defer close(s.stopped)
	backoff := dialBackoff{broker: s.broker}
	outage := outage{}
	for generation := uint64(1); sleep(s.ctx, backoff.wait()); {
		begun := time.Now()
		conn, err := dial(s.ctx, s.broker, s.name)
		if err != nil {
			backoff.noteFailure(err)
			outage.fail(begun)
			s.noteFailure(err, outage, backoff.longest())
			continue
		}
		conn.generation, conn.refused, conn.notifySupervisor = generation, &s.refused, s.changed.notify
		generation++
		s.serve(conn, outage)
		backoff.noteLoss(time.Since(conn.established))
		outage = outageSince(time.Now())
	}
}

// An outage is the time in which a line has no link.
type outage struct {
	since    time.Time // zero before the first attempt has failed
	attempts int       // that have failed
}

func outageSince(lost time.Time) outage { return outage{since: lost} }

// fail notes that an attempt has failed that was begun at begun.
func (o *outage) fail(begun time.Time) {
	if o.since.IsZero() {
		o.since = begun
	}
	o.attempts++
}

// lasted returns how long it has lasted.
func (o outage) lasted() time.Duration {
	if o.since.IsZero() {
		return 0
	}
	return time.Since(o.since)
}

// carry offers link to those who wait, until it dies or the line is closed.
func (s *connSupervisor) serve(conn *conn, before outage) {
	observer := s.broker.Observer
	observer.Observe(Connected{
		Connection: s.name, Address: conn.address, Generation: conn.generation, Took: conn.dialTime, Down: before.lasted(),
	})
	s.warnOfClearText(conn)
	s.set(conn, nil)
	s.unfinished = conn.watch(s.ctx.Done(), s.broker.DialTimeout)
	s.set(nil, conn.cause)
	if !errors.Is(conn.cause, ErrClosed) {
		observer.Observe(ConnectionLost{Connection: s.name, Generation: conn.generation, Err: conn.cause})
	}
}

// warnOfClearText tells of the first link whose traffic can be read on the way.
func (s *connSupervisor) warnOfClearText(conn *conn) {
	if conn.clearText {
		s.clearText.Do(func() { s.broker.Observer.Observe(ClearText{Connection: s.name, Address: conn.address}) })
	}
}

// fail notes a failed attempt. The next is made after retryIn at the latest.
func (s *connSupervisor) noteFailure(err error, now outage, retryIn time.Duration) {
	if s.ctx.Err() != nil {
		return
	}
	s.set(nil, err)
	s.broker.Observer.Observe(ConnectFailed{
		Connection: s.name, Err: err, Attempts: now.attempts, Down: now.lasted(), Refused: isRefused(err), RetryIn: retryIn,
	})
}

func (s *connSupervisor) set(conn *conn, failed error) {
	s.mu.Lock()
	s.conn, s.failed = conn, failed
	s.mu.Unlock()
	s.changed.notify()
}

// release forgets d, which no client uses any more.
func (s *connSupervisor) release(d *Declarations) {
	if conn, _, _ := s.current(); conn != nil {
		conn.forgetDeclared(d)
	}
	s.refused.forget(d)
}

// close ends the line and waits until its goroutine has ended. When ctx ends before
// the broker has said goodbye, the socket is closed without, and ctx's error is
// returned. When the broker does not say goodbye in time, that is the error. It may be
// called more than once.
func (s *connSupervisor) close(ctx context.Context) error {
	s.mu.Lock()
	started := s.started
	s.closing = true
	s.mu.Unlock()
	s.cancel()
	s.changed.notify()
	if !started {
		return nil
	}
	select {
	case <-s.stopped:
		return s.closeError(nil)
	case <-ctx.Done():
	}
	if conn, _, _ := s.current(); conn != nil {
		_ = conn.wire.Close()
	}
	<-s.stopped
	return s.closeError(cause(ctx))
}

// ending returns what close does when the line has stopped: cause, or else, the first time,
// what is unfinished.
func (s *connSupervisor) closeError(cause error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cause == nil {
		cause = s.unfinished
	}
	s.unfinished = nil
	if cause == nil {
		return nil
	}
	return fmt.Errorf("close connection %q: %w", s.name, cause)
}

// isRefused says whether err is likely to stay, so that waiting is no use.
func isRefused(err error) bool {
	return isType[*RefusedError](err) || isType[brokerConfigError](err)
}

// sleep waits for d and returns false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
