package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStopLetsStartedHandlersFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		consumer := newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, _ *order) error {
			time.Sleep(3 * time.Second)
			return ctx.Err()
		}, WithWorkers(2))
		stop := start(t, consumer)
		for i := range 10 {
			channel.deliver(message(fmt.Sprint(i)))
		}
		synctest.Wait()
		start := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("the stop took %v, want 3s", took)
		}
		if got, want := channel.answered(), []uint64{1, 2}; !slices.Equal(got, want) {
			t.Errorf("acknowledged %v, want %v", got, want)
		}
		if !channel.cancelled || !channel.closed {
			t.Errorf("cancelled %v, closed %v", channel.cancelled, channel.closed)
		}
	})
}

// TestStopCancels: new messages go to other consumers from the beginning of a stop, unless so many
// handlers run that a quorum queue could drop acknowledgements of theirs. A broker that does not answer
// the cancel holds the stop up no longer than a close.
func TestStopCancels(t *testing.T) {
	for _, test := range []struct {
		running int
		hangs   bool
		early   bool
	}{
		{running: 1, early: true},
		{running: 1, hangs: true},
		{running: maxTrailingAnswers, early: true},
		{running: maxTrailingAnswers + 1},
		{running: maxTrailingAnswers + 1, hangs: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			channel := newFakeChannel(t)
			channel.cancelHang = test.hangs
			release := make(chan struct{})
			consumer := newTestConsumer(t, newFakeSource(channel), func(context.Context, *order) error { <-release; return nil },
				WithWorkers(test.running), WithPrefetch(100))
			stop := start(t, consumer)
			for i := range test.running {
				channel.deliver(message(fmt.Sprint(i)))
			}
			synctest.Wait()
			stopped := make(chan error, 1)
			begun := time.Now()
			go func() { stopped <- stop() }()
			synctest.Wait()
			early := channel.isCancelled()
			close(release)
			if err := <-stopped; err != nil || early != test.early || channel.isCancelled() == test.hangs {
				t.Errorf("%+v: stopped with %v; cancelled before the answers: %v, at the end: %v", test, err, early, channel.isCancelled())
			}
			if n := len(channel.answered()); n == 0 {
				t.Errorf("%+v: nothing was acknowledged", test)
			}
			if took := time.Since(begun); took > closeTimeout {
				t.Errorf("%+v: the stop took %v", test, took)
			}
		})
	}
}

func TestStopTimeoutEndsHandlers(t *testing.T) {
	for _, test := range []struct {
		name   string
		handle func(context.Context, *order) error
		want   string // of Run's error
	}{
		{"obedient", func(ctx context.Context, _ *order) error { <-ctx.Done(); return ctx.Err() }, ""},
		{"stuck", func(context.Context, *order) error { time.Sleep(time.Hour); return nil }, "1 handlers still ran"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				channel := newFakeChannel(t)
				channel.cancelHang = test.name == "stuck"
				consumer := newTestConsumer(t, newFakeSource(channel), test.handle, WithStopTimeout(5*time.Second))
				stop := start(t, consumer)
				channel.deliver(message("1"))
				synctest.Wait()
				start := time.Now()
				err := stop()
				if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("Run returned %v, want %q", err, test.want)
				}
				if took := time.Since(start); took > 5*time.Second+handlerGrace {
					t.Errorf("the stop took %v", took)
				}
				if got := len(channel.answered()) + len(channel.refused()) + len(channel.producer.messages()); got != 0 {
					t.Errorf("%d answers to a handler that was not let finish, want 0", got)
				}
				time.Sleep(2 * time.Hour) // lets the stuck handler return: its answer is stale
			})
		})
	}
}

func TestChannelDeathEndsHandlersAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeChannel(t), newFakeChannel(t)
		var cause error
		var calls int
		consumer := newTestConsumer(t, newFakeSource(first, second), func(ctx context.Context, _ *order) error {
			if calls++; calls > 1 {
				return nil
			}
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		})
		stop := start(t, consumer)
		first.deliver(message("1"))
		synctest.Wait()
		time.Sleep(2 * time.Second)
		died := time.Now()
		first.die()
		second.deliver(message("1"))
		synctest.Wait()
		if !errors.Is(cause, ErrStale) {
			t.Errorf("the handler's context ended with %v, want ErrStale", cause)
		}
		if took := time.Since(died); took != 0 {
			t.Errorf("resumed after %v, want at once", took)
		}
		if consumer.Count(EventInterrupted) != 1 || consumer.Count(EventConsuming) != 2 || calls != 2 {
			t.Errorf("interrupted %d, consuming %d, called %d", consumer.Count(EventInterrupted), consumer.Count(EventConsuming), calls)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := first.frames; got != 0 {
			t.Errorf("%d frames on the dead channel, want 0", got)
		}
		if got := second.answered(); !slices.Equal(got, []uint64{1}) {
			t.Errorf("acknowledged %v on the second channel, want 1", got)
		}
	})
}

func TestBrokerCancelConsumesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeChannel(t), newFakeChannel(t)
		source := newFakeSource(first, second)
		consumer := newTestConsumer(t, source, func(ctx context.Context, _ *order) error {
			time.Sleep(10 * time.Second)
			return ctx.Err()
		}, WithWorkers(2))
		stop := start(t, consumer)
		first.deliver(message("1"))
		synctest.Wait()
		first.cancelByBroker()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := consumer.Count(EventCancelled); got != 1 {
			t.Errorf("cancelled %d times, want 1", got)
		}
		if second.consumes() != "orders" {
			t.Error("not consuming again although a handler of the first channel still runs")
		}
		time.Sleep(10 * time.Second)
		if got := first.answered(); !slices.Equal(got, []uint64{1}) {
			t.Errorf("acknowledged %v on the first channel, want 1", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestEndsOfSessionsDiffer(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*fakeChannel)
		want ConsumerEventKind
	}{
		{"cancelled by the broker", (*fakeChannel).cancelByBroker, EventCancelled},
		{"died", (*fakeChannel).die, EventInterrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := newFakeChannel(t), newFakeChannel(t)
				consumer := newTestConsumer(t, newFakeSource(first, second), succeed)
				stop := start(t, consumer)
				synctest.Wait()
				test.end(first)
				time.Sleep(time.Second)
				synctest.Wait()
				if consumer.Count(test.want) != 1 || consumer.Count(EventCancelled)+consumer.Count(EventInterrupted) != 1 {
					t.Errorf("cancelled %d, interrupted %d", consumer.Count(EventCancelled), consumer.Count(EventInterrupted))
				}
				if !first.closed || second.consumes() != "orders" {
					t.Errorf("first closed %v, second consumes %q", first.closed, second.consumes())
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestRunEndsWhenItsConnectionsAreClosed closes the connections of both sources, one after the
// other: nobody opens them again, so there is nothing to wait for.
func TestRunEndsWhenItsConnectionsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channels := [2]*fakeChannel{newFakeChannel(t), newFakeChannel(t)}
		sources := [2]*fakeSource{newFakeSource(channels[0]), newFakeSource(channels[1])}
		consumer := newTestConsumer(t, several{sources[0], sources[1]}, succeed)
		ended := make(chan error, 1)
		go func() { ended <- consumer.Run(t.Context()) }()
		for i := range sources {
			synctest.Wait()
			if len(ended) > 0 {
				t.Fatal("Run has ended although there is a source left")
			}
			sources[i].refuse = fmt.Errorf("connection: %w", ErrClosed)
			channels[i].die()
			time.Sleep(time.Second)
		}
		synctest.Wait()
		select {
		case err := <-ended:
			if !errors.Is(err, ErrClosed) {
				t.Errorf("Run returned %v", err)
			}
		default:
			t.Fatal("Run goes on although its connections have been closed")
		}
	})
}

func TestRefusalIsNoHotLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newFakeSource()
		consumer := newTestConsumer(t, source, succeed)
		source.refuse = errors.New("406")
		stop := start(t, consumer)
		time.Sleep(time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := source.timesAsked(); got > 300 {
			t.Errorf("asked %d times in an hour", got)
		}
		if consumer.Count(EventInterrupted) == 0 {
			t.Error("there was no event")
		}
	})
}
