package runtime

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestPublishTimeout checks that a publish ends exactly after its timeout, whatever it waits for,
// and reports whether it may have been delivered.
func TestPublishTimeout(t *testing.T) {
	tests := []struct {
		name   string
		source func() ProducerSource
		maybe  bool
	}{
		{"no confirm", func() ProducerSource { return neverSettled() }, true},
		{"no channel", func() ProducerSource { return &stateSource{current: StateDown} }, false},
		{"never sent", func() ProducerSource { return settled(Settlement{Outcome: OutcomeNotSent, Err: errChannelGone}) }, false},
	}
	for _, test := range tests {
		for _, mode := range []string{"waiting", "async"} {
			t.Run(test.name+", "+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					// NewProducer would wait for a first channel.
					source := test.source()
					producer := &Producer{source: source, config: newProducerConfig(source.Info(), nil), waiters: &sync.Pool{}, outstanding: newOutstanding(), hooks: newHooks(producerConfig{})}
					defer producer.Close(t.Context())
					start := time.Now()
					_, err := publishBy(mode, producer, "x")
					if took := time.Since(start); took > 10*time.Second || took < 9900*time.Millisecond {
						t.Errorf("took %v", took)
					}
					if MayHaveBeenDelivered(err) != test.maybe || errors.Is(err, ErrNotSent) == test.maybe {
						t.Errorf("got %v", err)
					}
				})
			})
		}
	}
}

func TestPublishEndsWithContext(t *testing.T) {
	for _, mode := range []string{"waiting", "async"} {
		synctest.Test(t, func(t *testing.T) {
			producer := newTestProducer(t, neverSettled())
			ctx, cancel := context.WithCancelCause(t.Context())
			reason := errors.New("the request was withdrawn")
			time.AfterFunc(time.Second, func() { cancel(reason) })
			start := time.Now()
			var err error
			if mode == "async" {
				_, err = producer.PublishAsync(ctx, testPublication, "x").Wait(context.Background())
			} else {
				_, err = producer.Publish(ctx, testPublication, "x")
			}
			if !errors.Is(err, reason) || !MayHaveBeenDelivered(err) || time.Since(start) != time.Second {
				t.Errorf("%s: %v after %v", mode, err, time.Since(start))
			}
		})
	}
}

// TestPublishesEndWithTheirContext checks that publishes with the same context end together, that
// those with another go on, and that nothing is left of a context when no publish has it.
func TestPublishesEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		producer := newTestProducer(t, neverSettled())
		ending, cancel := context.WithCancel(t.Context())
		other, cancelOther := context.WithCancel(t.Context())
		var first, second []*Pending
		for range 3 {
			first = append(first, producer.PublishAsync(ending, testPublication, "x"))
			second = append(second, producer.PublishAsync(other, testPublication, "x"))
		}
		if n := len(producer.outstanding.watches); n != 2 {
			t.Errorf("%d contexts are watched, want 2", n)
		}
		cancel()
		synctest.Wait()
		for i := range first {
			if _, err := first[i].Wait(context.Background()); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if isClosed(second[i].Done()) {
				t.Error("a publish with another context has ended")
			}
		}
		if n := len(producer.outstanding.watches); n != 1 {
			t.Errorf("%d contexts are watched, want 1", n)
		}
		cancelOther()
		synctest.Wait()
		if n := len(producer.outstanding.watches); n != 0 {
			t.Errorf("%d contexts are watched, want none", n)
		}
	})
}

// TestContextsThatShareDone ends contexts with one Done channel: each publish gets the cause of its
// own.
func TestContextsThatShareDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		producer := newTestProducer(t, neverSettled())
		done := make(chan struct{})
		errs := []error{errors.New("first"), errors.New("second")}
		var pending []*Pending
		for _, err := range errs {
			pending = append(pending, producer.PublishAsync(sharedDone{t.Context(), done, err}, testPublication, "x"))
		}
		close(done)
		for i, err := range errs {
			if _, got := pending[i].Wait(context.Background()); !errors.Is(got, err) {
				t.Errorf("got %v, want %v", got, err)
			}
		}
	})
}

// sharedDone is a context of somebody's own.
type sharedDone struct {
	context.Context
	done chan struct{}
	err  error
}

func (c sharedDone) Done() <-chan struct{} { return c.done }
func (sharedDone) Value(any) any           { return nil }
func (c sharedDone) Err() error {
	if isClosed(c.done) {
		return c.err
	}
	return nil
}

// TestWatchThatHasFired publishes with a context that has ended, while an earlier publish with it
// still waits for its channel: the watch does not tell again.
func TestWatchThatHasFired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fakeProducer{}
		release := make(chan struct{})
		source.answer = func(n int, _ *Message, _ func(Settlement)) {
			if n == 0 {
				<-release
			}
		}
		producer := newTestProducer(t, source)
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan *Pending)
		go func() { first <- producer.PublishAsync(ctx, testPublication, "x") }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if _, err := producer.PublishAsync(ctx, testPublication, "x").Wait(context.Background()); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrNotSent) {
			t.Errorf("the second: %v", err)
		}
		close(release)
		if _, err := (<-first).Wait(context.Background()); !errors.Is(err, context.Canceled) || !MayHaveBeenDelivered(err) {
			t.Errorf("the first: %v", err)
		}
		if n := len(producer.outstanding.watches); n != 0 {
			t.Errorf("%d contexts are still watched", n)
		}
	})
}

// TestManyTimeouts checks that one timer serves publishes that begin at different times, some of
// which end early.
func TestManyTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fakeProducer{}
		source.answer = func(n int, _ *Message, settle func(Settlement)) {
			if n%3 == 0 {
				time.AfterFunc(time.Second, func() { settle(Settlement{Outcome: OutcomeAcked}) })
			}
		}
		producer := newTestProducer(t, source)
		var publishing sync.WaitGroup
		for range 50 {
			n := len(source.sent)
			publishing.Go(func() {
				start := time.Now()
				_, err := producer.Publish(t.Context(), testPublication, "x")
				want := 10 * time.Second
				if n%3 == 0 {
					want = time.Second
				}
				if took := time.Since(start); took != want || (err == nil) != (n%3 == 0) {
					t.Errorf("publish %d: %v after %v", n, err, took)
				}
			})
			synctest.Wait()
			time.Sleep(300 * time.Millisecond)
		}
		publishing.Wait()
	})
}

func TestCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fakeProducer{answer: func(_ int, _ *Message, settle func(Settlement)) {
			time.AfterFunc(time.Second, func() { settle(Settlement{Outcome: OutcomeAcked}) })
		}}
		producer := newTestProducer(t, source)
		pending := producer.PublishAsync(t.Context(), testPublication, "x")
		start := time.Now()
		if err := producer.Close(t.Context()); err != nil || time.Since(start) != time.Second {
			t.Errorf("Close: %v after %v", err, time.Since(start))
		}
		if _, err := pending.Wait(context.Background()); err != nil {
			t.Error(err)
		}
		if _, err := producer.Publish(t.Context(), testPublication, "x"); !errors.Is(err, ErrClosed) || !errors.Is(err, ErrNotSent) {
			t.Errorf("publish after Close: %v", err)
		}
		if _, err := producer.PublishAsync(t.Context(), testPublication, "x").Wait(context.Background()); !errors.Is(err, ErrClosed) {
			t.Errorf("publish after Close: %v", err)
		}
		if err := producer.Close(t.Context()); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

// TestCloseAbandons checks that Close ends what is in flight when its context ends.
func TestCloseAbandons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		producer := newTestProducer(t, neverSettled())
		pending := producer.PublishAsync(t.Context(), testPublication, "x")
		waiting := make(chan error, 1)
		go func() {
			_, err := producer.Publish(t.Context(), testPublication, "x")
			waiting <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := producer.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Close: %v after %v", err, time.Since(start))
		}
		_, err := pending.Wait(context.Background())
		for _, err := range []error{err, <-waiting} {
			if !errors.Is(err, errAbandoned) || !MayHaveBeenDelivered(err) {
				t.Errorf("got %v", err)
			}
		}
	})
}

// TestPublishTimeoutCountsEncoding begins a publish whose payload takes long to encode before
// another one, which enters the list first: the first still ends in time.
func TestPublishTimeoutCountsEncoding(t *testing.T) {
	for _, mode := range []string{"waiting", "async"} {
		synctest.Test(t, func(t *testing.T) {
			producer := newTestProducer(t, neverSettled())
			ended := make(chan time.Duration, 2)
			start := time.Now()
			publish := func(payload any, maybe bool) {
				_, err := publishBy(mode, producer, payload)
				if !errors.Is(err, context.DeadlineExceeded) || MayHaveBeenDelivered(err) != maybe {
					t.Errorf("%s: %v", mode, err)
				}
				ended <- time.Since(start)
			}
			go publish(slowPayload(9*time.Second), true)
			synctest.Wait()
			time.Sleep(8 * time.Second)
			go publish("x", true)
			if took := <-ended; took != 10*time.Second {
				t.Errorf("%s: the slow one ended after %v", mode, took)
			}
			if took := <-ended; took != 18*time.Second {
				t.Errorf("%s: the other one ended after %v", mode, took)
			}
			publish(slowPayload(11*time.Second), false)
		})
	}
}

// slowPayload takes this long to encode.
type slowPayload time.Duration

func (p slowPayload) AppendJSON(dst []byte) ([]byte, error) {
	time.Sleep(time.Duration(p))
	return dst, nil
}

// TestCloseAfterPanic panics in a function of the caller, which recovers: Close does not wait for a
// publish that has not begun.
func TestCloseAfterPanic(t *testing.T) {
	for _, mode := range []string{"waiting", "async"} {
		synctest.Test(t, func(t *testing.T) {
			producer := newTestProducer(t, neverSettled())
			func() {
				defer func() { _ = recover() }()
				_, err := publishBy(mode, producer, panickingPayload{})
				t.Errorf("%s: %v", mode, err)
			}()
			start := time.Now()
			if err := producer.Close(t.Context()); err != nil || time.Since(start) != 0 {
				t.Errorf("%s: Close: %v after %v", mode, err, time.Since(start))
			}
		})
	}
}

// TestCloseAfterNilContext publishes without a context, which panics, and recovers.
func TestCloseAfterNilContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		producer := newTestProducer(t, neverSettled())
		func() {
			defer func() { _ = recover() }()
			producer.PublishAsync(nil, testPublication, "x") //nolint:staticcheck // the mistake that is tested
			t.Error("a publish without a context did not panic")
		}()
		start := time.Now()
		if err := producer.Close(t.Context()); err != nil || time.Since(start) != 0 {
			t.Errorf("Close: %v after %v", err, time.Since(start))
		}
	})
}

type panickingPayload struct{}

func (panickingPayload) AppendJSON([]byte) ([]byte, error) { panic("it cannot be encoded") }

// TestCloseWaitsForReturned closes a producer while a message comes back: the hook has been called
// when Close returns.
func TestCloseWaitsForReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		called := false
		source := &fakeProducer{answer: func(_ int, _ *Message, settle func(Settlement)) {
			time.AfterFunc(time.Second, func() { settle(Settlement{Outcome: OutcomeReturned}) })
		}}
		slow := &slowObserver{}
		producer := newTestProducer(t, source, WithObserver(slow), WithOnReturned(func(*ReturnedError) { called = true }))
		go func() { _, _ = producer.Publish(t.Context(), testPublication, "x") }()
		synctest.Wait()
		if err := producer.Close(t.Context()); err != nil || !called {
			t.Errorf("Close: %v; the hook was called: %v", err, called)
		}
	})
}

// slowObserver is slow, which an Observer must not be.
type slowObserver struct{}

func (*slowObserver) Observe(context.Context, Event) { time.Sleep(time.Second) }
