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
type line struct {
	name      string
	broker    *Broker
	clearText *sync.Once // of all lines of a Connection: one warning is enough

	changed  signal // link, failed, closing, or whether the link is blocked
	refusals refusals

	mu      sync.Mutex
	link    *link // the live one, nil while there is none
	failed  error // why the last attempt did not succeed
	started bool
	closing bool

	// life ends when close is called; stopped is closed when run has returned. Unfinished then
	// says what was not waited for, until somebody has been told.
	life       context.Context
	end        context.CancelFunc
	stopped    chan struct{}
	unfinished error
}

func newLine(b *Broker, name string) *line {
	l := &line{name: name, broker: b, clearText: new(sync.Once), refusals: refusals{keep: b.RefusedDelay}, stopped: make(chan struct{})}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

// up returns the live link, and waits for one until ctx ends. A refusal that is
// likely to stay is returned at once.
func (l *line) up(ctx context.Context) (*link, error) {
	return l.wait(ctx, isRefused)
}

// live returns the live link, and waits for one until the line is closed. It calls
// failing when it looks and finds none, as after each failed attempt.
func (l *line) live(failing func()) (*link, error) {
	return l.wait(l.life, func(error) bool {
		failing()
		return false
	})
}

// wait starts the line and waits for a link until ctx ends, the line is closed or an
// attempt fails in a way that hopeless says it is no use to wait after.
func (l *line) wait(ctx context.Context, hopeless func(error) bool) (*link, error) {
	l.start()
	for {
		changed := l.changed.next()
		link, failed, closing := l.look()
		switch {
		case closing:
			return nil, fmt.Errorf("connection %q: %w", l.name, ErrClosed)
		case link != nil:
			return link, nil
		case hopeless(failed):
			return nil, fmt.Errorf("connection %q: %w", l.name, failed)
		}
		if err := pause(ctx, changed); err != nil {
			return nil, l.notUp(err)
		}
	}
}

// notUp adds to err, which ended a wait, why there is no link.
func (l *line) notUp(err error) error {
	switch _, failed, closing := l.look(); {
	case closing:
		return fmt.Errorf("connection %q: %w", l.name, ErrClosed)
	case failed != nil:
		return fmt.Errorf("connection %q: %w (last attempt: %w)", l.name, err, failed)
	}
	return fmt.Errorf("connection %q: %w", l.name, err)
}

func (l *line) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.started && !l.closing {
		l.started = true
		go l.run()
	}
}

// look returns what there is now.
func (l *line) look() (live *link, failed error, closing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.link, l.failed, l.closing
}

// state returns the line's state. A line that was never used is Ready: it will
// connect when it is.
func (l *line) state() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closing:
		return Closed
	case l.started && l.link == nil:
		return Down
	case l.link != nil && l.link.blocked.Load():
		return Blocked
	}
	return Ready
}

// run dials and watches until the line is closed.
func (l *line) run() {
	defer close(l.stopped)
	pace := pace{broker: l.broker}
	outage := outage{}
	for generation := uint64(1); sleep(l.life, pace.wait()); {
		begun := time.Now()
		link, err := dial(l.life, l.broker, l.name)
		if err != nil {
			pace.fail(err)
			outage.fail(begun)
			l.fail(err, outage, pace.longest())
			continue
		}
		link.generation, link.refusals, link.notice = generation, &l.refusals, l.changed.notify
		generation++
		l.carry(link, outage)
		pace.lose(time.Since(link.born))
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
func (l *line) carry(link *link, before outage) {
	observer := l.broker.Observer
	observer.Observe(Connected{
		Connection: l.name, Address: link.address, Generation: link.generation, Took: link.took, Down: before.lasted(),
	})
	l.warnOfClearText(link)
	l.set(link, nil)
	l.unfinished = link.watch(l.life.Done(), l.broker.DialTimeout)
	l.set(nil, link.lost)
	if !errors.Is(link.lost, ErrClosed) {
		observer.Observe(ConnectionLost{Connection: l.name, Generation: link.generation, Err: link.lost})
	}
}

// warnOfClearText tells of the first link whose traffic can be read on the way.
func (l *line) warnOfClearText(link *link) {
	if link.clearText {
		l.clearText.Do(func() { l.broker.Observer.Observe(ClearText{Connection: l.name, Address: link.address}) })
	}
}

// fail notes a failed attempt. The next is made after retryIn at the latest.
func (l *line) fail(err error, now outage, retryIn time.Duration) {
	if l.life.Err() != nil {
		return
	}
	l.set(nil, err)
	l.broker.Observer.Observe(ConnectFailed{
		Connection: l.name, Err: err, Attempts: now.attempts, Down: now.lasted(), Refused: isRefused(err), RetryIn: retryIn,
	})
}

func (l *line) set(link *link, failed error) {
	l.mu.Lock()
	l.link, l.failed = link, failed
	l.mu.Unlock()
	l.changed.notify()
}

// release forgets d, which no client uses any more.
func (l *line) release(d *Declarations) {
	if link, _, _ := l.look(); link != nil {
		link.forgetDeclared(d)
	}
	l.refusals.forget(d)
}

// close ends the line and waits until its goroutine has ended. When ctx ends before
// the broker has said goodbye, the socket is closed without, and ctx's error is
// returned. When the broker does not say goodbye in time, that is the error. It may be
// called more than once.
func (l *line) close(ctx context.Context) error {
	l.mu.Lock()
	started := l.started
	l.closing = true
	l.mu.Unlock()
	l.end()
	l.changed.notify()
	if !started {
		return nil
	}
	select {
	case <-l.stopped:
		return l.ending(nil)
	case <-ctx.Done():
	}
	if link, _, _ := l.look(); link != nil {
		_ = link.wire.Close()
	}
	<-l.stopped
	return l.ending(cause(ctx))
}

// ending returns what close does when the line has stopped: cause, or else, the first time,
// what is unfinished.
func (l *line) ending(cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cause == nil {
		cause = l.unfinished
	}
	l.unfinished = nil
	if cause == nil {
		return nil
	}
	return fmt.Errorf("close connection %q: %w", l.name, cause)
}

// isRefused says whether err is likely to stay, so that waiting is no use.
func isRefused(err error) bool {
	return isType[*RefusedError](err) || isType[brokerProblem](err)
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
