package runtime

import (
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetryByOutcome checks for each outcome how often the message is sent and which error is
// returned.
func TestRetryByOutcome(t *testing.T) {
	acked, nacked := Settlement{Outcome: OutcomeAcked}, Settlement{Outcome: OutcomeNacked}
	unknown := Settlement{Outcome: OutcomeUnknown, Err: errLost}
	notSent := Settlement{Outcome: OutcomeNotSent, Err: errChannelGone}
	returned := Settlement{Outcome: OutcomeReturned, Reply: Reply{312, "NO_ROUTE"}}
	tests := []struct {
		name     string
		settle   []Settlement
		options  []ProducerOption
		attempts int
		want     string // of the error
		maybe    bool   // it may have been delivered
	}{
		{"acked", []Settlement{acked}, nil, 1, "", false},
		{"written", []Settlement{{Outcome: OutcomeWritten}}, nil, 1, "", false},
		{"returned", []Settlement{returned}, nil, 1, `publish P: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE`, false},
		{"nacked", []Settlement{nacked}, nil, 1, "publish P: a queue refused the message", true},
		{"always nacked", []Settlement{nacked}, []ProducerOption{WithNackRetries(3)}, 4, "publish P: a queue refused the message", true},
		{"nacked, no retries", []Settlement{nacked}, []ProducerOption{WithNackRetries(0)}, 1, "publish P: a queue refused the message", true},
		{"nacked once", []Settlement{nacked, acked}, []ProducerOption{WithNackRetries(3)}, 2, "", false},
		{"nacked, then returned", []Settlement{nacked, returned}, []ProducerOption{WithNackRetries(3)}, 2, `publish P: the fate of message "1" is unknown: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE, after: a queue refused the message`, true},
		{"unknown once", []Settlement{unknown, acked}, nil, 2, "", false},
		{"unknown at most once", []Settlement{unknown, acked}, []ProducerOption{WithAtMostOnce()}, 1, `publish P: the fate of message "1" is unknown: the connection was lost`, true},
		{"unknown, then nacked", []Settlement{unknown, nacked}, []ProducerOption{WithNackRetries(0)}, 2, "publish P: a queue refused the message", true},
		{"unknown, then returned", []Settlement{unknown, returned}, nil, 2, `publish P: the fate of message "1" is unknown: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE, after: the connection was lost`, true},
		{"not sent ten times", append(slices.Repeat([]Settlement{notSent}, 10), acked), nil, 11, "", false},
		{"not sent, at most once", []Settlement{notSent, acked}, []ProducerOption{WithAtMostOnce()}, 2, "", false},
		{"never to be sent", []Settlement{{Outcome: OutcomeNotSent, Err: unsendable{errors.New("too large")}}}, nil, 1, "publish P: the message was not sent: too large", false},
		{"its own mistake", []Settlement{{Outcome: OutcomeNotSent, Err: &ChannelError{Reply{404, "NOT_FOUND - no exchange 'x' in vhost '/'"}}}}, nil, 1, `publish P: the message was not sent: the broker closed the channel: 404 NOT_FOUND - no exchange 'x' in vhost '/'`, false},
		{"a neighbour's mistake", []Settlement{{Outcome: OutcomeUnknown, Err: &ChannelError{Reply{404, "NOT_FOUND - no exchange 'y' in vhost '/'"}}}, acked}, nil, 2, "", false},
	}
	for _, test := range tests {
		for _, mode := range []string{"waiting", "async"} {
			t.Run(test.name+", "+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					source := settled(test.settle...)
					producer := newTestProducer(t, source, test.options...)
					receipt, err := publishBy(mode, producer, "x", WithMessageID("1"))
					if text := errorText(err); text != test.want {
						t.Errorf("got  %s\nwant %s", text, test.want)
					}
					if receipt.Attempts != test.attempts || len(source.sent) != test.attempts {
						t.Errorf("%d attempts, and %d sent, want %d", receipt.Attempts, len(source.sent), test.attempts)
					}
					if MayHaveBeenDelivered(err) != test.maybe {
						t.Errorf("MayHaveBeenDelivered is %v", !test.maybe)
					}
					for _, m := range source.sent {
						if m.MessageID != "1" {
							t.Errorf("sent with id %q", m.MessageID)
						}
					}
				})
			})
		}
	}
}

// TestNackRetries checks that by default a publish is retried only if a single queue can have
// refused it: otherwise several queues would get copies.
func TestNackRetries(t *testing.T) {
	for _, test := range []struct {
		name        string
		publication Publication
		attempts    int
	}{
		{"default exchange", Publication{RoutingKey: "q"}, 1 + nackRetries},
		{"default exchange with CC", Publication{RoutingKey: "q", CC: []string{"r"}}, 1},
		{"default exchange with BCC", Publication{RoutingKey: "q", BCC: []string{"r"}}, 1},
		{"another exchange", Publication{Exchange: "x"}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			producer := newTestProducer(t, settled(Settlement{Outcome: OutcomeNacked}))
			receipt, err := producer.Publish(t.Context(), &test.publication, "x")
			if !errors.Is(err, ErrNacked) || receipt.Attempts != test.attempts {
				t.Errorf("%s: %d attempts, %v, want %d", test.name, receipt.Attempts, err, test.attempts)
			}
		})
	}
}

// otherContext is a context of the user's own type: the standard library's contexts notice its end
// on another goroutine, a little later.
type otherContext struct {
	context.Context
	done chan struct{}
	err  error
}

func (c *otherContext) Done() <-chan struct{} { return c.done }
func (c *otherContext) Err() error            { return c.err }

func TestPublishContextEndsWithItsCaller(t *testing.T) {
	caller := &otherContext{Context: t.Context(), done: make(chan struct{})}
	c := &publishContext{caller: caller, deadline: time.Now().Add(time.Hour)}
	defer c.end(context.Canceled)
	done := c.Done()
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	caller.err = context.Canceled
	if c.Err() == nil {
		t.Error("the caller's time is over and the publish goes on")
	}
	close(caller.done)
	<-done
}

// A publish whose time is over while the broker is silent must not publish again: its waiter has
// room for one settlement, and settling must never block.
func TestSilentBrokerGetsOneAttempt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var settles []func(Settlement)
	producer := newTestProducer(t, &fakeProducer{answer: func(_ int, _ *Message, settle func(Settlement)) {
		settles = append(settles, settle)
		cancel()
	}})
	if _, err := producer.Publish(ctx, &Publication{Name: "m"}, "body"); !MayHaveBeenDelivered(err) {
		t.Errorf("published: %v", err)
	}
	if len(settles) != 1 {
		t.Errorf("%d attempts, want 1", len(settles))
	}
	for _, settle := range settles {
		settle(Settlement{Outcome: OutcomeAcked}) // late, and it returns
	}
	if err := producer.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestWaiterOfAnUnsettledPublish settles a publish late, after another has begun that could have
// the same waiter: the other must not be settled by that.
func TestWaiterOfAnUnsettledPublish(t *testing.T) {
	for range 50 { // a sync.Pool may return anything
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan func(Settlement), 2)
		producer := newTestProducer(t, &fakeProducer{answer: func(_ int, _ *Message, settle func(Settlement)) {
			sent <- settle
			cancel()
		}})
		if _, err := producer.Publish(ctx, testPublication, "x"); !MayHaveBeenDelivered(err) {
			t.Fatal(err)
		}
		late := <-sent
		second := make(chan error, 1)
		go func() {
			_, err := producer.Publish(t.Context(), testPublication, "x")
			second <- err
		}()
		settle := <-sent
		late(Settlement{Outcome: OutcomeAcked})
		settle(Settlement{Outcome: OutcomeReturned})
		if err := <-second; !isType[*ReturnedError](err) {
			t.Fatalf("the second publish was settled as the first: %v", err)
		}
	}
}

// TestPublishContextDerived derives contexts from a publish's: they end with it and with its cause,
// and those that are no longer needed are forgotten.
func TestPublishContextDerived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caller, cancel := context.WithCancelCause(t.Context())
		c := &publishContext{caller: caller, deadline: time.Now().Add(time.Hour)}
		released, release := context.WithCancel(c)
		derived, end := context.WithCancel(c)
		defer end()
		release()
		if released.Err() == nil || len(c.afterFuncs) != 1 {
			t.Errorf("%d contexts are waited for, want 1", len(c.afterFuncs))
		}
		cancel(errAbandoned)
		synctest.Wait()
		if derived.Err() == nil || !errors.Is(cause(c), errAbandoned) {
			t.Errorf("ended with %v, because of %v", derived.Err(), cause(c))
		}
		late, end := context.WithCancel(c)
		defer end()
		synctest.Wait()
		if late.Err() == nil {
			t.Error("a context outlives the publish")
		}
	})
}

// TestSettledBeforePublishReturns settles an asynchronous attempt while the channel still looks at
// its context, as a pair does when it fails over: best with -race.
func TestSettledBeforePublishReturns(t *testing.T) {
	producer := newTestProducer(t, &settlingFirst{})
	if _, err := producer.PublishAsync(t.Context(), testPublication, "x").Wait(context.Background()); err != nil {
		t.Error(err)
	}
}

// settlingFirst is a source whose channel settles the first attempt before it publishes.
type settlingFirst struct {
	fakeProducer
	published atomic.Int32
}

func (s *settlingFirst) ProducerChannel(context.Context, ProducerRequest) (ProducerChannel, error) {
	return s, nil
}

func (s *settlingFirst) Publish(ctx context.Context, request PublishRequest) {
	settle := request.Settle
	if s.published.Add(1) > 1 {
		settle(Settlement{Outcome: OutcomeAcked})
		return
	}
	go settle(Settlement{Outcome: OutcomeUnknown, Err: errFailedOver})
	for range 1000 {
		isIsolated(ctx)
		goruntime.Gosched()
	}
}
