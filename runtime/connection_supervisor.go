package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// connSupervisor keeps one network connection open: it dials, watches the connection until that
// dies, and dials again, in one goroutine with one backoff. It starts when it is first used and
// runs until it is closed.
type connSupervisor struct {
	name      string
	broker    *Broker
	hosts     *hosts     // shared by all supervisors of a Connection or a pool
	clearText *sync.Once // shared by all supervisors of a Connection: one warning is enough

	changed signal // conn, failed, closing, or whether the connection is blocked
	refused refusedDeclarations

	mu         sync.Mutex
	conn       *conn     // nil while there is none
	failed     error     // why the last attempt failed
	generation uint64    // of conn, or of the last one
	since      time.Time // when conn was established or lost
	started    bool
	closing    bool

	// ctx ends when close is called; stopped is closed when run has returned. unfinished is then
	// the error of closing the connection, until close has returned it once.
	ctx        context.Context
	cancel     context.CancelFunc
	stopped    chan struct{}
	unfinished error
}

func newConnSupervisor(b *Broker, name string, h *hosts) *connSupervisor {
	s := &connSupervisor{name: name, broker: b, hosts: h, clearText: new(sync.Once), refused: refusedDeclarations{retryAfter: b.RefusedDelay}, stopped: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// up returns the open connection, and waits for one until ctx ends. A refusal that is likely to
// stay is returned at once.
func (s *connSupervisor) up(ctx context.Context) (*conn, error) {
	return s.wait(ctx, isRefused)
}

// await returns the open connection, and waits for one until the supervisor is closed. It calls
// failing each time it finds none, also after each failed attempt.
func (s *connSupervisor) await(failing func()) (*conn, error) {
	return s.wait(s.ctx, func(error) bool {
		failing()
		return false
	})
}

// wait starts the supervisor and waits for a connection until ctx ends, the supervisor is closed or
// an attempt fails with an error for which permanent is true.
func (s *connSupervisor) wait(ctx context.Context, permanent func(error) bool) (*conn, error) {
	s.start()
	for {
		changed := s.changed.next()
		conn, failed, closing := s.current()
		switch {
		case closing:
			return nil, fmt.Errorf("connection %q: %w", s.name, ErrClosed)
		case conn != nil:
			return conn, nil
		case permanent(failed):
			return nil, fmt.Errorf("connection %q: %w", s.name, failed)
		}
		if err := pause(ctx, changed); err != nil {
			return nil, s.describeWait(err)
		}
	}
}

// describeWait adds to err, which ended a wait, why there is no connection.
func (s *connSupervisor) describeWait(err error) error {
	_, failed, closing := s.current()
	if closing {
		return fmt.Errorf("connection %q: %w", s.name, ErrClosed)
	}
	return fmt.Errorf("connection %q: %w", s.name, withLast(err, failed))
}

func (s *connSupervisor) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started && !s.closing {
		s.started = true
		go s.run()
	}
}

// current returns the present state.
func (s *connSupervisor) current() (live *conn, failed error, closing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn, s.failed, s.closing
}

// state returns the State. A supervisor that was never used is StateReady: it will connect when it
// is.
func (s *connSupervisor) state() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return StateClosed
	case s.started && s.conn == nil:
		return StateDown
	case s.conn != nil && s.conn.blocked.Load():
		return StateBlocked
	}
	return StateReady
}

// run dials and watches until the supervisor is closed.
func (s *connSupervisor) run() {
	defer close(s.stopped)
	dialler := newDialler(s.broker, s.name, s.hosts)
	defer dialler.running.Wait()
	backoff := dialBackoff{broker: s.broker}
	outage := outage{}
	var next *conn // at home, where the last one was not
	for generation := uint64(1); next != nil || sleep(s.ctx, backoff.wait()); {
		start := time.Now()
		conn, err := next, error(nil)
		if next == nil {
			conn, err = dialler.dial(s.ctx)
		}
		if err != nil {
			backoff.noteFailure(err)
			outage.fail(start)
			s.noteFailure(err, outage, backoff.longest())
			continue
		}
		conn.generation, conn.refused, conn.notifySupervisor = generation, &s.refused, s.changed.notify
		generation++
		next = s.serve(conn, dialler, outage)
		backoff.noteLoss(time.Since(conn.established))
		outage = outageSince(time.Now())
	}
}

// An outage is a time without a connection.
type outage struct {
	since    time.Time // zero before the first attempt has failed
	attempts int       // failed ones
}

func outageSince(lost time.Time) outage { return outage{since: lost} }

// fail notes an attempt that began at start and has failed.
func (o *outage) fail(start time.Time) {
	if o.since.IsZero() {
		o.since = start
	}
	o.attempts++
}

// lasted returns how long the outage has lasted.
func (o outage) lasted() time.Duration {
	if o.since.IsZero() {
		return 0
	}
	return time.Since(o.since)
}

// serve makes conn available until it dies, the supervisor is closed, or there is a connection to the
// home instead, which it returns.
func (s *connSupervisor) serve(conn *conn, d *dialler, before outage) (next *conn) {
	observer := s.broker.Observer
	observer.Observe(context.Background(), ConnectedEvent{
		Connection: s.name, Address: conn.address, Generation: conn.generation, Took: conn.dialTime, Down: before.lasted(),
	})
	s.warnOfClearText(conn)
	s.set(conn, nil)
	homeward := d.goHome(s.ctx, conn)
	s.unfinished = conn.watch(s.ctx.Done(), homeward.arrived, s.broker.DialTimeout)
	s.hosts.leave(conn.host)
	s.set(nil, conn.cause)
	if !errors.Is(conn.cause, ErrClosed) {
		observer.Observe(context.Background(), ConnectionLostEvent{Connection: s.name, Generation: conn.generation, Err: conn.cause})
	}
	return homeward.end()
}

// warnOfClearText reports the first connection whose traffic can be read on the way.
func (s *connSupervisor) warnOfClearText(conn *conn) {
	if conn.clearText {
		s.clearText.Do(func() {
			s.broker.Observer.Observe(context.Background(), ClearTextEvent{Connection: s.name, Address: conn.address})
		})
	}
}

// noteFailure notes a failed attempt. The next one follows within retryIn.
func (s *connSupervisor) noteFailure(err error, now outage, retryIn time.Duration) {
	if s.ctx.Err() != nil {
		return
	}
	s.set(nil, err)
	s.broker.Observer.Observe(context.Background(), ConnectFailedEvent{
		Connection: s.name, Err: err, Attempts: now.attempts, Down: now.lasted(), Refused: isRefused(err), RetryIn: retryIn,
	})
}

func (s *connSupervisor) set(conn *conn, failed error) {
	s.mu.Lock()
	if conn != nil {
		s.generation, s.since = conn.generation, conn.established
	} else if s.conn != nil {
		s.since = time.Now()
	}
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

// close closes the supervisor and waits until its goroutine has ended. If ctx ends before the
// broker has answered the closing handshake, the socket is closed at once and ctx's error is
// returned. If the broker does not answer in time, that is the error. It may be called more than
// once.
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

// closeError returns the error of close after the supervisor has stopped: cause, or else, the first
// time, unfinished.
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

// isRefused reports whether err is likely to stay, so that waiting does not help.
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
