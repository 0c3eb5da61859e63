package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// TestConfirmUnanswered leaves confirm.select unanswered. Each attempt ends when it is overdue and
// costs only its channel, until there are too many.
func TestConfirmUnanswered(t *testing.T) {
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{Answers: func(r nullbroker.Request) bool {
		return r.Method != "confirm.select"
	}}), Broker{DialTimeout: 300 * time.Millisecond})
	open := func() error {
		_, err := openProducerChannel(t.Context(), conn, testSupervisor())
		return err
	}
	errs := make(chan error, maxOverdueRequests)
	for range maxOverdueRequests {
		go func() { errs <- open() }()
	}
	for range maxOverdueRequests {
		if err := <-errs; !errors.Is(err, errNoAnswer) {
			t.Errorf("got %v", err)
		}
	}
	if got := conn.overdueRequests.Load(); got != maxOverdueRequests || conn.dead() {
		t.Errorf("%d requests are overdue, want %d; the connection is dead: %v", got, maxOverdueRequests, conn.dead())
	}
	if err := open(); err == nil {
		t.Error("one more was opened")
	}
	<-conn.done
	if !errors.Is(conn.cause, errTooManyOverdue) {
		t.Errorf("the connection was lost because of %v", conn.cause)
	}
	for conn.overdueRequests.Load() != 0 { // they end with the connection
		time.Sleep(time.Millisecond)
	}
}

// TestRequestIsAnsweredLate gives up a request, which is answered later: it is no longer counted,
// and its result is discarded.
func TestRequestIsAnsweredLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := &conn{broker: &Broker{DialTimeout: time.Second}}
		answer, discarded := make(chan struct{}), make(chan int)
		_, err := request(t.Context(), conn, func() (int, error) { <-answer; return 5, nil }, func(n int) { discarded <- n })
		if !errors.Is(err, errNoAnswer) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if n := conn.overdueRequests.Load(); n != 1 {
			t.Errorf("%d requests are overdue, want 1", n)
		}
		close(answer)
		if n := <-discarded; n != 5 || conn.overdueRequests.Load() != 0 {
			t.Errorf("%d was discarded, and %d requests are overdue", n, conn.overdueRequests.Load())
		}
	})
}

// TestRequestWhileBlocked checks that the time in which the broker blocks publishers does not
// count.
func TestRequestWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		conn := &conn{broker: &Broker{DialTimeout: time.Second}, established: start}
		conn.blocked.Store(true)
		overdue := make(chan time.Duration, 1)
		defer conn.watchRequest(func() { overdue <- time.Since(start) })()
		time.Sleep(2500 * time.Millisecond)
		conn.unblocked.Store(int64(time.Since(conn.established)))
		conn.blocked.Store(false)
		if got := <-overdue; got != 3500*time.Millisecond {
			t.Errorf("overdue after %v, want one second after the broker ceased to block", got)
		}
	})
}

// TestRequestEndsWithItsContext checks that the caller waits no longer than its context.
func TestRequestEndsWithItsContext(t *testing.T) {
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{}), Broker{})
	answer := make(chan struct{})
	defer close(answer)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	if err := conn.do(ctx, func() error { <-answer; return nil }); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// TestConfirmIsAnsweredLate gives up a channel that is not in confirm mode yet. It is closed after
// the broker has answered, and not before: the client library mixes up two requests.
func TestConfirmIsAnsweredLate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	answer, closed := make(chan struct{}), make(chan struct{})
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{Answers: func(r nullbroker.Request) bool {
		switch r.Method {
		case "confirm.select":
			cancel()
			<-answer
		case "channel.close":
			close(closed)
		}
		return true
	}}), Broker{})
	if _, err := openProducerChannel(ctx, conn, testSupervisor()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(answer)
	<-closed
}

// TestDeclareWithoutGoodbye does not answer when the channel of a declaration is closed: the
// declaration does not wait for that.
func TestDeclareWithoutGoodbye(t *testing.T) {
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{Answers: func(r nullbroker.Request) bool {
		return r.Method != "channel.close"
	}}), Broker{DialTimeout: 100 * time.Millisecond})
	for _, name := range []string{"a", "b"} {
		if err := conn.declare(t.Context(), queueNamed(name)); err != nil {
			t.Error(err)
		}
	}
	if conn.dead() {
		t.Errorf("the connection was lost: %v", conn.cause)
	}
}

// TestConsumerRequestsUnanswered leaves each request of a consumer unanswered in turn. The request
// ends when it is overdue and costs the consumer's channel, and the next channel works.
func TestConsumerRequestsUnanswered(t *testing.T) {
	for _, stuck := range []string{"basic.qos", "basic.consume", "basic.cancel", "channel.close"} {
		t.Run(stuck, func(t *testing.T) {
			_, conn := connectTo(t, peerOf(t, nullbroker.Config{Delivery: []byte("x"), Answers: func(r nullbroker.Request) bool {
				return r.Channel > 1 || r.Method != stuck
			}}), Broker{DialTimeout: 200 * time.Millisecond})
			if err := consumeOnce(t, conn); !errors.Is(err, errNoAnswer) {
				t.Errorf("got %v", err)
			}
			if err := consumeOnce(t, conn); err != nil {
				t.Errorf("the next channel: %v", err)
			}
			if conn.dead() {
				t.Errorf("the connection was lost: %v", conn.cause)
			}
		})
	}
}

// consumeOnce takes one delivery on a channel of its own.
func consumeOnce(t *testing.T, conn *conn) error {
	c := newConsumerChannel(conn, nil)
	opened, err := conn.openChannel(t.Context(), c)
	if err != nil {
		return err
	}
	c.adopt(opened)
	consumption, err := c.Consume(t.Context(), ConsumeRequest{Queue: "q", Prefetch: 1})
	if err == nil {
		<-consumption.Deliveries
		err = c.Cancel(t.Context())
	}
	return errors.Join(err, c.Close(t.Context()))
}
