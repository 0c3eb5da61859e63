package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// maxOverdueRequests is how many requests of one connection may be overdue at a time. Each of them
// keeps a channel, so the limit prevents that a broker which does not answer uses up all channels.
const maxOverdueRequests = 64

var (
	errNoAnswer       = errors.New("the broker has not answered")
	errTooManyOverdue = fmt.Errorf("the broker leaves more than %d requests unanswered", maxOverdueRequests)
)

// request makes a blocking request with the client library and waits for its answer until ctx ends
// or the request is overdue: see watchRequest. An answer that comes later is passed to discard,
// unless that is nil. A request ends with its connection at the latest.
func request[T any](ctx context.Context, c *conn, ask func() (T, error), discard func(T)) (T, error) {
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	return await(ctx, func() (T, error) {
		answered := c.watchRequest(func() { leave(fmt.Errorf("%w for %v", errNoAnswer, c.broker.DialTimeout)) })
		defer answered()
		return ask()
	}, discard)
}

// do makes a request whose answer has no content.
func (c *conn) do(ctx context.Context, ask func() error) error {
	_, err := request(ctx, c, func() (struct{}, error) { return struct{}{}, ask() }, nil)
	return err
}

// await runs ask on a goroutine of its own and waits for its result until ctx ends. A later result
// is passed to discard.
func await[T any](ctx context.Context, ask func() (T, error), discard func(T)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer)
	abandoned := make(chan struct{})
	go func() {
		value, err := ask()
		select {
		case answers <- answer{value, err}:
		case <-abandoned:
			if err == nil && discard != nil {
				discard(value)
			}
		}
	}()
	select {
	case got := <-answers:
		return got.value, channelReason(got.err)
	case <-ctx.Done():
		close(abandoned)
		var none T
		return none, cause(ctx)
	}
}

// watchRequest calls overdue when a request that begins now has not been answered for DialTimeout.
// The caller calls answered when it has. While the broker blocks publishers the time does not
// count, as it reads nothing then. A connection with too many overdue requests is given up: only a
// new connection gets its channels back.
func (c *conn) watchRequest(overdue func()) (answered func()) {
	t := &requestTimer{conn: c, overdue: overdue}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer = time.AfterFunc(c.broker.DialTimeout, t.expire)
	return t.answered
}

// requestTimer watches a request until it is answered.
type requestTimer struct {
	conn    *conn
	overdue func()

	mu         sync.Mutex
	timer      *time.Timer
	isAnswered bool
	isOverdue  bool // it counts in the connection's overdueRequests
}

// expire is called when the request may be overdue.
func (t *requestTimer) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isAnswered {
		return
	}
	if left := t.conn.broker.DialTimeout - t.conn.unblockedFor(); left > 0 {
		t.timer.Reset(left)
		return
	}
	t.isOverdue = true
	if t.conn.overdueRequests.Add(1) > maxOverdueRequests {
		t.conn.wire.Abort(errTooManyOverdue)
	}
	t.overdue()
}

func (t *requestTimer) answered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.isAnswered = true
	t.timer.Stop()
	if t.isOverdue {
		t.conn.overdueRequests.Add(-1)
	}
}

// unblockedFor returns how long the broker has not blocked publishers: 0 while it does.
func (c *conn) unblockedFor() time.Duration {
	if c.blocked.Load() {
		return 0
	}
	return time.Since(c.established) - time.Duration(c.unblocked.Load())
}
