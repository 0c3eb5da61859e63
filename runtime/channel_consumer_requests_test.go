package runtime

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// TestUnansweredRequestCostsItsChannel leaves one request of a consumer unanswered and answers all
// others. The consumer reports why, opens another channel, and handles.
func TestUnansweredRequestCostsItsChannel(t *testing.T) {
	for _, test := range []struct {
		name, method string
		nth          int // of the session: the unanswered request
	}{
		{"basic.qos that widens", "basic.qos", 2},
		{"basic.consume that widens", "basic.consume", 2},
		{"basic.cancel that widens", "basic.cancel", 1},
		{"the first basic.qos", "basic.qos", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			silent := &unansweredOnce{method: test.method, nth: test.nth}
			server := peerOf(t, nullbroker.Config{Delivery: []byte("{}"), Answers: silent.answers})
			interrupted := make(chan error, 100)
			consumer, beyond := consumeFrom(t, server, silent, func(event Event) {
				if e, ok := event.(ConsumerEvent); ok && e.Kind == EventInterrupted {
					interrupted <- e.Err
				}
			})
			stop := start(t, consumer)
			select {
			case err := <-interrupted:
				if !errors.Is(err, errNoAnswer) {
					t.Errorf("interrupted because of %v, want %v", err, errNoAnswer)
				}
				<-beyond
			case <-time.After(20 * time.Second):
				t.Error("the consumer goes on with the channel")
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestUnansweredCancelDoesNotHoldUpAStop leaves the basic.cancel of a stop unanswered. Run waits
// for it no longer than for any other request, and the running handler finishes.
func TestUnansweredCancelDoesNotHoldUpAStop(t *testing.T) {
	silent := &unansweredOnce{method: "basic.cancel", nth: 2} // the first one comes from becoming wide
	server := peerOf(t, nullbroker.Config{Delivery: []byte("{}"), Answers: silent.answers})
	consumer, _ := consumeFrom(t, server, silent, func(Event) {})
	stop := start(t, consumer)
	for consumer.Count(EventHandled) < 100 {
		time.Sleep(time.Millisecond)
	}
	start := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 10*time.Second { // far below the stop timeout
		t.Errorf("the stop took %v", took)
	}
	if consumer.Count(EventStale) > 0 {
		t.Error("an answer came too late")
	}
}

// unansweredOnce leaves the nth request of one method unanswered, counted over all channels except
// the first, which belongs to the preflight.
type unansweredOnce struct {
	method string
	nth    int
	seen   int
	after  atomic.Bool // the request has been made
}

func (u *unansweredOnce) answers(r nullbroker.Request) bool {
	if r.Method == u.method {
		u.seen++
		if u.seen == u.nth {
			u.after.Store(true)
			return false
		}
	}
	return true
}

type observerFunc func(Event)

func (f observerFunc) Observe(_ context.Context, event Event) { f(event) }

// consumeFrom returns a consumer of a peer that sends without end. beyond is closed when ten
// messages have been handled on a channel that was opened after the unanswered request.
func consumeFrom(t *testing.T, server *nullbroker.Server, silent *unansweredOnce, observe func(Event)) (consumer *Consumer, beyond <-chan struct{}) {
	t.Helper()
	connection := DedicatedConnection(Broker{URL: server.URL(), DialTimeout: 300 * time.Millisecond, Observer: observerFunc(observe)})
	t.Cleanup(func() { _ = connection.Close(t.Context()) })
	enough := make(chan struct{})
	first, handled := Acknowledger(nil), 0
	handle := func(ctx context.Context, _ []byte) error {
		channel := DeliveryFrom(ctx).Acknowledger.(*answers).channel
		if !silent.after.Load() {
			first = channel
		} else if channel != first {
			handled++
		}
		if handled == 10 {
			close(enough)
		}
		return nil
	}
	consumer, err := NewConsumer(t.Context(), DedicatedChannel(connection), Subscription{
		Queue: Queue{Name: "orders"}, Declarations: &Declarations{Mode: DeclareAssume},
		Routes: []Route{RouteBytes(&Publication{Name: "Any"}, handle)},
	}, WithPrefetch(10), WithStopTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return consumer, enough
}
