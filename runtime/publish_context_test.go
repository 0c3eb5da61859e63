package runtime

import (
	"context"
	"errors"
	goruntime "runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

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
