package runtime

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// observation is an event and the context it came with.
type observation struct {
	ctx   context.Context //nolint:containedctx // it is what the test looks at
	event ConsumerEvent
}

// observations keeps the events of consumers.
type observations struct {
	mu  sync.Mutex
	all []observation
}

func (o *observations) Observe(ctx context.Context, event Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if event, ok := event.(ConsumerEvent); ok {
		o.all = append(o.all, observation{ctx, event})
	}
}

// of returns the observation of a kind, of which there must be one.
func (o *observations) of(t *testing.T, kind ConsumerEventKind) observation {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []observation
	for _, one := range o.all {
		if one.event.Kind == kind {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d events %q, want 1", len(found), kind)
	}
	return found[0]
}

// TestEventsSayHowLongItTook: a delivery waits a second for the worker, one is handled in 2 s, the
// other fails after 2 s, and the confirm of its dead letter takes 3 s.
func TestEventsSayHowLongItTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		channel.producer.answer = func(_ int, _ *Message, settle func(Settlement)) {
			time.AfterFunc(3*time.Second, func() { settle(Settlement{Outcome: OutcomeAcked}) })
		}
		var seen observations
		consumer := newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, o *order) error {
			time.Sleep(2 * time.Second)
			if DeliveryFrom(ctx).MessageID == "bad" {
				return errShop
			}
			return nil
		}, WithObserver(&seen))
		arrived := time.Now().Add(-time.Second)
		channel.deliverAs(Delivery{Message: message("good"), Arrived: arrived})
		stop := start(t, consumer)
		time.Sleep(10 * time.Second)
		channel.deliverAs(Delivery{Message: message("bad")})
		time.Sleep(10 * time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		handled, failed, dead := seen.of(t, EventHandled), seen.of(t, EventFailed), seen.of(t, EventDeadLettered)
		if e := handled.event; e.Waited != time.Second || e.Took != 2*time.Second || e.Queue != "orders" || e.Err != nil {
			t.Errorf("handled: %+v", e)
		}
		if e := failed.event; e.Waited != 0 || e.Took != 2*time.Second || !errors.Is(e.Err, errShop) {
			t.Errorf("failed: %+v", e)
		}
		if e := dead.event; e.Waited != 0 || e.Took != 3*time.Second {
			t.Errorf("dead-lettered: %+v", e)
		}
		for id, one := range map[string]observation{"good": handled, "bad": failed} {
			if d := DeliveryFrom(one.ctx); d == nil || d != one.event.Delivery || d.MessageID != id {
				t.Errorf("the context of %s is not its handler's", id)
			}
		}
		if d := DeliveryFrom(dead.ctx); d != dead.event.Delivery {
			t.Error("the context of the dead letter is not its handler's")
		}
	})
}

// TestEventsHaveContextOfRun looks for a value of Run's context in events of the consumer itself.
func TestEventsHaveContextOfRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		var seen observations
		consumer := newTestConsumer(t, newFakeSource(channel), succeed, WithObserver(&seen))
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), valueKey{}, "Run's"))
		ended := make(chan error, 1)
		go func() { ended <- consumer.Run(ctx) }()
		synctest.Wait()
		channel.die()
		synctest.Wait()
		cancel()
		<-ended
		for _, kind := range []ConsumerEventKind{EventConsuming, EventInterrupted} {
			if got := seen.of(t, kind).ctx.Value(valueKey{}); got != "Run's" {
				t.Errorf("%v: the context has %v", kind, got)
			}
		}
	})
}

// TestHandlingAllocations: if nobody observes what was handled, a delivery allocates its context and
// what decodes it.
func TestHandlingAllocations(t *testing.T) {
	for name, observer := range map[string]Observer{
		"default": nil, "NoObserver": NoObserver, "log": NewLogObserver(nil), "both": Observers(NoObserver, NewLogObserver(nil)),
	} {
		t.Run(name, func(t *testing.T) {
			if n := handlingAllocations(t, observer); n > 1 {
				t.Errorf("%v allocations, want 1", n)
			}
		})
	}
	if n := handlingAllocations(t, &Counters{}); n > 2 {
		t.Errorf("observed: %v allocations, want 2", n)
	}
}

// handlingAllocations measures a session that handles one delivery.
func handlingAllocations(t *testing.T, observer Observer) float64 {
	t.Helper()
	consumer := &queueConsumer{config: newConsumerConfig(SourceInfo{}, []ConsumerOption{WithObserver(observer)}), recovery: &recoveryPlan{redeliveryLimit: 15}}
	consumer.handler = func(context.Context, *Delivery) error { return nil }
	consumer.slots.free = 1
	s := newSession(newRun(t.Context(), consumer), newFakeChannel(t), sessionSpec{request: ConsumeRequest{Prefetch: 1}})
	defer s.run.end()
	delivery := &Delivery{Tag: 1, Acknowledger: instantAnswers{}, Arrived: time.Now()}
	s.answers.Store(newAnswers(instantAnswers{}, 1, 1, s.reportStale))
	return testing.AllocsPerRun(1000, func() {
		s.answers.Load().add(delivery.Tag)
		s.handle(delivery)
		delivery.Tag++
	})
}

// instantAnswers accepts every answer.
type instantAnswers struct{}

func (instantAnswers) Ack(uint64, bool) error    { return nil }
func (instantAnswers) Reject(uint64, bool) error { return nil }
