package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

type (
	question struct {
		Number int `json:"number"`
	}
	square struct {
		Of     int `json:"of"`
		Number int `json:"number"`
	}
)

var (
	squareAsked = &runtime.Publication{Name: "SquareAsked", RoutingKey: "squares", Type: "square.asked"}
	squareGiven = &runtime.Publication{Name: "SquareGiven", Type: "square.given", Transient: true}
	squares     = queue("squares")
)

// answer is the handler of most tests.
func answer(_ context.Context, q *question) (*square, error) {
	if q.Number < 0 {
		return nil, fmt.Errorf("look at %d: %w", q.Number, &runtime.ReplyError{Code: "negative", Text: "no number below 0"})
	}
	return &square{Of: q.Number, Number: q.Number * q.Number}, nil
}

// respond runs a consumer of squares until the test, or stop, ends.
func respond(t *testing.T, source runtime.ConsumerSource, handle func(context.Context, *question) (*square, error), options ...runtime.ConsumerOption) (*runtime.Consumer, func()) {
	t.Helper()
	consumer, err := runtime.NewConsumer(testContext(t), source, runtime.Subscription{
		Queue: squares.Queues[0], Declarations: squares,
		Routes: []runtime.Route{runtime.RouteJSON(squareAsked, runtime.ReplyWith(squareGiven, handle))},
	}, options...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return consumer, stop
}

// dial is connect without its check for goroutines: these tests have several connections at once.
// The whole test binary is checked in the end.
func dial(t *testing.T, url string) runtime.Source {
	t.Helper()
	connection := runtime.DedicatedConnection(runtime.Broker{URL: url, Observer: runtime.NoObserver})
	t.Cleanup(func() {
		if err := connection.Close(testContext(t)); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return runtime.DedicatedChannel(connection)
}

// caller returns a Caller that is closed before its connection is.
func caller(t *testing.T, source runtime.Source, options ...runtime.ProducerOption) *runtime.Caller {
	t.Helper()
	c, err := runtime.NewCaller(testContext(t), source, runtime.CallerSpec{Declarations: squares}, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(testContext(t)); err != nil {
			t.Errorf("close caller: %v", err)
		}
	})
	return c
}

func TestCall(t *testing.T) {
	host := rabbittest.New(t)
	source := dial(t, host.URL)
	respond(t, source, answer)
	calls := caller(t, source)
	var got square
	if err := calls.Call(testContext(t), squareAsked, &question{7}, &got); err != nil || got != (square{7, 49}) {
		t.Errorf("got %+v, %v", got, err)
	}
	err := calls.Call(testContext(t), squareAsked, &question{-1}, &got)
	var refusal *runtime.ReplyError
	if !errors.As(err, &refusal) || *refusal != (runtime.ReplyError{Code: "negative", Text: "no number below 0"}) || runtime.MayHaveBeenDelivered(err) {
		t.Errorf("an answer with an error gives %v", err)
	}
	var text struct{ Of string }
	var invalid *runtime.InvalidError
	if err := calls.Call(testContext(t), squareAsked, &question{7}, &text); !errors.As(err, &invalid) {
		t.Errorf("a reply that cannot be decoded gives %v", err)
	}
	host.WaitMessages(t, "squares", 0)
}

// TestCallsThroughFaults makes 10,000 calls from 64 goroutines while all connections are closed
// again and again. Each call ends with its own answer or with a typed error.
func TestCallsThroughFaults(t *testing.T) {
	const callers, n, closes = 64, 10_000, 5
	host := rabbittest.New(t)
	respond(t, dial(t, host.URL), answer, runtime.WithWorkers(8))
	calls := caller(t, dial(t, host.URL))
	var next, answered, unknown atomic.Int64
	var calling sync.WaitGroup
	progress := make(chan struct{}, n)
	for range callers {
		calling.Go(func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				ctx, cancel := context.WithTimeout(testContext(t), 20*time.Second)
				var got square
				err := calls.Call(ctx, squareAsked, &question{int(i)}, &got)
				cancel()
				switch {
				case err == nil && got == square{int(i), int(i * i)}:
					answered.Add(1)
				case err == nil:
					t.Errorf("the answer to %d is %+v", i, got)
				case errors.Is(err, context.DeadlineExceeded):
					t.Errorf("call %d hangs: %v", i, err)
				case errors.As(err, new(*runtime.CallError)), errors.As(err, new(*runtime.UnknownError)):
					if !runtime.MayHaveBeenDelivered(err) {
						t.Errorf("MayHaveBeenDelivered is false for %v", err)
					}
					unknown.Add(1)
				case !errors.Is(err, runtime.ErrNotSent):
					t.Errorf("call %d: %v", i, err)
				}
				progress <- struct{}{}
			}
		})
	}
	for range closes {
		for range n / (closes + 1) {
			<-progress
		}
		host.CloseConnections(t)
	}
	calling.Wait()
	t.Logf("%d answered, %d without a reply, %d replies dropped", answered.Load(), unknown.Load(), calls.Dropped())
	if got := answered.Load(); got < n-closes*callers {
		t.Errorf("%d of %d calls were answered: a closed connection should cost those in flight only, %d each", got, n, callers)
	}
	host.WaitMessages(t, "squares", 0)
}

// TestLateReply lets a call end before the handler does. The reply is dropped and counted, and does
// not reach the next call.
func TestLateReply(t *testing.T) {
	host := rabbittest.New(t)
	source := dial(t, host.URL)
	started, proceed := make(chan struct{}, 2), make(chan struct{})
	respond(t, source, func(ctx context.Context, q *question) (*square, error) {
		started <- struct{}{}
		<-proceed
		return answer(ctx, q)
	})
	calls := caller(t, source)
	ctx, cancel := context.WithCancel(testContext(t))
	ended := make(chan error, 1)
	go func() { ended <- calls.Call(ctx, squareAsked, &question{1}, &square{}) }()
	<-started
	cancel()
	err := <-ended
	var none *runtime.CallError
	if !errors.As(err, &none) || !errors.Is(err, context.Canceled) || !runtime.MayHaveBeenDelivered(err) {
		t.Errorf("the call ended with %v", err)
	}
	close(proceed)
	var got square
	if err := calls.Call(testContext(t), squareAsked, &question{2}, &got); err != nil || got != (square{2, 4}) {
		t.Errorf("the next call got %+v, %v", got, err)
	}
	// Replies are handled at the same time, so the call may end before the late one is counted.
	eventually(t, "the late reply is dropped", func() bool { return calls.Dropped() == 1 })
}

// TestReplyToNobody handles requests whose replies nobody can receive: they are acknowledged.
func TestReplyToNobody(t *testing.T) {
	host := rabbittest.New(t)
	source := dial(t, host.URL)
	consumer, _ := respond(t, source, answer)
	producer := produce(t, source, nil)
	for _, options := range [][]runtime.PublishOption{nil, {runtime.WithReplyTo("nowhere")}} {
		if _, err := producer.Publish(testContext(t), squareAsked, &question{3}, options...); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "both replies are dropped", func() bool { return consumer.Count(runtime.EventReplyDropped) == 2 })
	host.WaitMessages(t, "squares", 0)
	if n := consumer.Count(runtime.EventFailed); n != 0 {
		t.Errorf("%d failures", n)
	}
}

// TestReplyIsConfirmedFirst kills the consumer's connections after the handler and before the reply
// is out: the request is delivered again, and the caller gets its answer.
func TestReplyIsConfirmedFirst(t *testing.T) {
	host := rabbittest.New(t)
	address, err := url.Parse(host.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := rabbittest.NewProxy(t, address.Host)
	var handled atomic.Int64
	respond(t, dial(t, proxy.URL(t, host.URL)), func(ctx context.Context, q *question) (*square, error) {
		if handled.Add(1) == 1 {
			proxy.Reset()
		}
		return answer(ctx, q)
	})
	var got square
	calls := caller(t, dial(t, host.URL))
	if err := calls.Call(testContext(t), squareAsked, &question{4}, &got); err != nil || got != (square{4, 16}) {
		t.Errorf("got %+v, %v", got, err)
	}
	eventually(t, "the request was handled again", func() bool { return handled.Load() >= 2 })
	host.WaitMessages(t, "squares", 0)
}

// TestCallEncrypted checks that a reply is encrypted when its request was.
func TestCallEncrypted(t *testing.T) {
	host := rabbittest.New(t)
	source := dial(t, host.URL)
	profile, err := runtime.NewAESGCMProfile("2026", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	consumer, _ := respond(t, source, answer, runtime.WithDecryption(profile))
	calls := caller(t, source, runtime.WithEncryption(profile))
	var got square
	if err := calls.Call(testContext(t), squareAsked, &question{5}, &got); err != nil || got != (square{5, 25}) {
		t.Errorf("got %+v, %v", got, err)
	}
	plain := caller(t, source)
	if err := plain.Call(testContext(t), squareAsked, &question{6}, &got); err != nil || got != (square{6, 36}) {
		t.Errorf("without encryption: got %+v, %v", got, err)
	}
	if n := consumer.Count(runtime.EventHandled); n != 2 {
		t.Errorf("%d requests were handled", n)
	}
}

// TestCallerLeavesNothing checks that the queue for replies is gone after Close, although its
// connection lives on, and that calls in flight end with a typed error.
func TestCallerLeavesNothing(t *testing.T) {
	host := rabbittest.New(t)
	source := dial(t, host.URL)
	calls := caller(t, source)
	if names := host.Queues(t); len(names) != 2 {
		t.Fatalf("queues %q, want squares and one for replies", names)
	}
	ended := make(chan error, 1)
	go func() { ended <- calls.Call(testContext(t), squareAsked, &question{1}, &square{}) }()
	host.WaitMessages(t, "squares", 1)
	short, cancel := context.WithCancel(testContext(t))
	cancel()
	if err := calls.Close(short); !errors.Is(err, context.Canceled) {
		t.Errorf("Close with a call in flight: %v", err)
	}
	var none *runtime.CallError
	if err := <-ended; !errors.As(err, &none) || !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("the call ended with %v", err)
	}
	if err := calls.Call(testContext(t), squareAsked, &question{1}, &square{}); !errors.Is(err, runtime.ErrClosed) || runtime.MayHaveBeenDelivered(err) {
		t.Errorf("a call after Close: %v", err)
	}
	eventually(t, "only squares is left", func() bool { return fmt.Sprint(host.Queues(t)) == "[squares]" })
}

// TestCallOnPair makes calls through an active/passive pair, also after it has switched.
func TestCallOnPair(t *testing.T) {
	host := rabbittest.New(t)
	sibling := host.Sibling(t)
	active, passive := dial(t, host.URL), dial(t, sibling.URL)
	respond(t, active, answer)
	respond(t, passive, answer)
	pair := runtime.ActivePassive(dial(t, host.URL), dial(t, sibling.URL), runtime.Failover{})
	calls := caller(t, pair)
	for side := range 2 {
		var got square
		if err := calls.Call(testContext(t), squareAsked, &question{8}, &got); err != nil || got != (square{8, 64}) {
			t.Errorf("side %d: got %+v, %v", side, got, err)
		}
		eventually(t, "the pair switches", func() bool { return pair.FailOver() })
	}
}
