package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestProducerStatus counts publishes that have not ended, and those that have by outcome.
func TestProducerStatus(t *testing.T) {
	source := neverSettled()
	p := newTestProducer(t, source)
	if got := p.Status(); got.State != StateReady || got.Outstanding != 0 || got.Closed {
		t.Errorf("at first: %+v", got)
	}
	_ = p.PublishAsync(t.Context(), testPublication, "1")
	_ = p.PublishAsync(t.Context(), testPublication, "2")
	if got := p.Status(); got.Outstanding != 2 {
		t.Errorf("two are in flight: %+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = p.Close(ctx)
	if got := p.Status(); got.Outstanding != 0 || !got.Closed {
		t.Errorf("closed: %+v", got)
	}
	if _, err := p.Publish(t.Context(), testPublication, "3"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	for outcome, want := range map[Outcome]int64{OutcomeUnknown: 2, OutcomeNotSent: 1, OutcomeAcked: 0, outcomes: 0} {
		if got := p.Count(outcome); got != want {
			t.Errorf("%d ended as %v, want %d", got, outcome, want)
		}
	}
}

func statusOf(source ProducerSource) SourceStatus {
	info := source.Info()
	return info.status()
}

// TestSourceStatus: of sources that say little, and of a pair of them behind a wrapper.
func TestSourceStatus(t *testing.T) {
	stateless := settled(Settlement{Outcome: OutcomeAcked})
	stateful := &informedFake{fakeProducer: stateless}
	if got := statusOf(stateless); got.State != StateReady {
		t.Errorf("%+v", got)
	}
	pair := ActivePassiveProducer(stateful, stateless, Failover{Observer: NoObserver})
	if got := statusOf(InterceptProducers(pair)); got.State != StateFull || got.Passive || len(got.Sides) != 2 {
		t.Errorf("active: %+v", got)
	}
	pair.FailOver()
	if got := statusOf(pair); got.State != StateReady || !got.Passive || got.Sides[activeSide].State != StateFull {
		t.Errorf("passive: %+v", got)
	}
}

// TestConsumerStatus follows a consumer through its life: one handler runs, another delivery waits;
// the channel dies and the next ones are refused; it consumes again; it stops.
func TestConsumerStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeChannel(t), newFakeChannel(t)
		source := newFakeSource(first)
		consumer := newTestConsumer(t, source, func(ctx context.Context, _ *order) error {
			<-ctx.Done()
			return ctx.Err()
		}, WithObserver(NoObserver))
		check := func(when string, want ConsumerStatus) {
			t.Helper()
			synctest.Wait()
			got := consumer.Status()
			if !errors.Is(got.Err, want.Err) || (got.Err == nil) != (want.Err == nil) {
				t.Errorf("%s: the error is %v, want %v", when, got.Err, want.Err)
			}
			got.Err, want.Err, want.Queue = nil, nil, "orders"
			if got != want {
				t.Errorf("%s: %+v, want %+v", when, got, want)
			}
		}
		check("before Run", ConsumerStatus{Sources: 1})
		stop := start(t, consumer)
		check("idle", ConsumerStatus{Sources: 1, Consuming: 1})
		first.deliver(message("1"))
		first.deliver(message("2"))
		check("busy", ConsumerStatus{Sources: 1, Consuming: 1, Handling: 1, Unacknowledged: 2})
		first.die()
		check("lost", ConsumerStatus{Sources: 1, Err: errDied})
		source.channels <- second
		time.Sleep(time.Second)
		check("back", ConsumerStatus{Sources: 1, Consuming: 1})
		second.cancelByBroker()
		check("cancelled", ConsumerStatus{Sources: 1, Err: errCancelled})
		source.channels <- newFakeChannel(t)
		time.Sleep(time.Second)
		check("back again", ConsumerStatus{Sources: 1, Consuming: 1})
		if err := stop(); err != nil {
			t.Error(err)
		}
		check("stopped", ConsumerStatus{Sources: 1})
		if n := len(consumer.work.(*queueConsumer).current.Load().live); n > 0 {
			t.Errorf("%d sessions are still known", n)
		}
	})
}

// TestConsumerStatusOfTakeOver: the active side cannot be reached.
func TestConsumerStatusOfTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		active, passive := newFakeSource(), newFakeSource(newFakeChannel(t), newFakeChannel(t))
		pair := ActivePassive(twoFakes{neverSettled(), active}, twoFakes{neverSettled(), passive}, Failover{Consumers: ConsumeTakeOver, Observer: NoObserver})
		consumer, err := NewConsumer(t.Context(), pair, Subscription{Queue: Queue{Name: "orders"}, Routes: []Route{RouteJSON(orderPlaced, succeed)}}, WithObserver(NoObserver))
		if err != nil {
			t.Fatal(err)
		}
		stop := start(t, consumer)
		<-consumer.Ready()
		if got := consumer.Status(); got.Sources != 1 || got.Consuming != 1 || !got.Passive {
			t.Errorf("%+v", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestConsumerStatusBesideHandler: a handler goes on after nothing more can arrive.
func TestConsumerStatusBesideHandler(t *testing.T) {
	for name, test := range map[string]struct {
		workers int // the end of the deliveries needs another one that sees it
		end     func(channel *fakeChannel, cancel func())
	}{
		"lost":      {1, func(channel *fakeChannel, _ func()) { channel.die() }},
		"cancelled": {2, func(channel *fakeChannel, _ func()) { channel.cancelByBroker() }},
		"stopped":   {1, func(_ *fakeChannel, cancel func()) { cancel() }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				channel, release := newFakeChannel(t), make(chan struct{})
				channel.cancelHang = true // the deliveries do not end with the stop
				consumer := newTestConsumer(t, newFakeSource(channel), func(context.Context, *order) error {
					<-release
					return nil
				}, WithObserver(NoObserver), WithWorkers(test.workers))
				ctx, cancel := context.WithCancel(t.Context())
				ran := make(chan error, 1)
				go func() { ran <- consumer.Run(ctx) }()
				channel.deliver(message("1"))
				synctest.Wait()
				test.end(channel, cancel)
				synctest.Wait()
				if got := consumer.Status(); got.Consuming != 0 || got.Handling != 1 {
					t.Errorf("%+v", got)
				}
				close(release)
				channel.cancelByBroker()
				cancel()
				if err := <-ran; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
