package runtime

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOrderedPartitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		var mu sync.Mutex
		handled := make(map[string][]string)
		running := make(map[string]bool)
		consumer := newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, o *order) error {
			key := DeliveryFrom(ctx).RoutingKey
			mu.Lock()
			if running[key] {
				t.Errorf("two handlers of %s at a time", key)
			}
			running[key] = true
			mu.Unlock()
			time.Sleep(time.Duration(len(o.ID)) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			running[key] = false
			handled[key] = append(handled[key], o.ID)
			return nil
		}, WithWorkers(4), WithOrderedBy(func(d *Delivery) string { return d.RoutingKey }))
		stop := start(t, consumer)
		want := make(map[string][]string)
		for i := range 90 {
			m := message(fmt.Sprint(i * 37 % 90))
			m.RoutingKey = fmt.Sprint("customer", i%7)
			want[m.RoutingKey] = append(want[m.RoutingKey], m.MessageID)
			channel.deliver(m)
		}
		time.Sleep(time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		for key := range want {
			if !slices.Equal(handled[key], want[key]) {
				t.Errorf("%s: handled %v, want %v", key, handled[key], want[key])
			}
		}
		if got := len(channel.answered()); got != 90 {
			t.Errorf("acknowledged %d, want 90", got)
		}
	})
}

func TestPanickingKeyIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		stop := start(t, newTestConsumer(t, newFakeSource(channel), neverCalled,
			WithWorkers(2), WithOrderedBy(func(*Delivery) string { panic("no key") })))
		channel.deliver(message("1"))
		synctest.Wait()
		checkPublished(t, channel.producer.messages(), "orders.dead", "panic")
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestSeveralSourcesShareTheWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeChannel(t), newFakeChannel(t)
		var running, most int
		var mu sync.Mutex
		consumer := newTestConsumer(t, several{newFakeSource(a), newFakeSource(b)}, func(context.Context, *order) error {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return nil
		}, WithPrefetch(10))
		stop := start(t, consumer)
		for i := range 5 {
			a.deliver(message(fmt.Sprint("a", i)))
			b.deliver(message(fmt.Sprint("b", i)))
		}
		time.Sleep(time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if most != 1 || len(a.answered()) != 5 || len(b.answered()) != 5 || a.request.Prefetch != 5 {
			t.Errorf("at most %d at a time, handled %v and %v, prefetch %d", most, a.answered(), b.answered(), a.request.Prefetch)
		}
	})
}

func TestOneOfSeveralSourcesIsEnough(t *testing.T) {
	refusing := func(err error) *fakeSource {
		source := newFakeSource()
		source.refuse = err
		return source
	}
	s := Subscription{Queue: Queue{Name: "orders"}, Routes: []Route{RouteJSON(orderPlaced, succeed)}}
	tests := []struct {
		name    string
		sources func(t *testing.T) several
		want    func(error) bool
	}{
		{
			"one side is down", func(t *testing.T) several { return several{newFakeSource(), newFakeSource(newFakeChannel(t))} },
			func(err error) bool { return err == nil },
		},
		{
			"both sides are down", func(*testing.T) several { return several{refusing(errors.New("refused")), newFakeSource()} },
			func(err error) bool {
				return errors.Is(err, context.DeadlineExceeded) && strings.Contains(err.Error(), "refused")
			},
		},
		{
			"a declaration is refused", func(*testing.T) several {
				return several{refusing(&DeclarationError{Subject: "queue"}), newFakeSource()}
			},
			isType[*DeclarationError],
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if _, err := NewConsumer(ctx, test.sources(t), s); !test.want(err) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// TestHandlerThatEndsItsGoroutine uses handlers that leave as t.FailNow does. Each of them is a
// failure like a panic, and the workers continue.
func TestHandlerThatEndsItsGoroutine(t *testing.T) {
	key := WithOrderedBy(func(d *Delivery) string { return d.MessageID })
	exitingKey := WithOrderedBy(func(d *Delivery) string {
		if d.MessageID != "good" {
			goruntime.Goexit()
		}
		return ""
	})
	for name, options := range map[string][]ConsumerOption{
		"one worker": nil, "two workers": {WithWorkers(2)}, "partitions": {WithWorkers(2), key}, "key": {WithWorkers(2), exitingKey},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				channel := newFakeChannel(t)
				consumer := newTestConsumer(t, newFakeSource(channel), func(_ context.Context, o *order) error {
					if o.ID != "good" {
						goruntime.Goexit()
					}
					return nil
				}, options...)
				stop := start(t, consumer)
				for range 5 {
					channel.deliver(message("bad"))
				}
				channel.deliver(message("good"))
				time.Sleep(time.Second)
				if handled, failed := consumer.Count(EventHandled), consumer.Count(EventFailed); handled != 1 || failed != 5 {
					t.Errorf("handled %d, failed %d, want 1 and 5", handled, failed)
				}
				for _, m := range channel.producer.messages() {
					if code := m.Headers["rascal"].(Headers)["error"].(Headers)["code"]; m.RoutingKey != "orders.dead" || code != "panic" {
						t.Errorf("published to %q with code %v", m.RoutingKey, code)
					}
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestHandlerThatIgnoresItsContextKeepsNoSlot uses a handler that runs on after its channel has
// died, and a single worker: the next session continues without it, and its late answer has no
// effect.
func TestHandlerThatIgnoresItsContextKeepsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeChannel(t), newFakeChannel(t)
		release := make(chan struct{})
		consumer := newTestConsumer(t, newFakeSource(first, second), func(_ context.Context, o *order) error {
			if o.ID == "stuck" {
				<-release
			}
			return nil
		})
		stop := start(t, consumer)
		first.deliver(message("stuck"))
		synctest.Wait()
		first.die()
		second.deliver(message("1"))
		second.deliver(message("2"))
		time.Sleep(2 * time.Second)
		if got := len(second.answered()); got != 2 {
			t.Errorf("acknowledged %d beside a stuck handler, want 2", got)
		}
		close(release)
		second.deliver(message("3"))
		time.Sleep(time.Second)
		if got := len(second.answered()); got != 3 || within(consumer).slots.free != within(consumer).config.workers {
			t.Errorf("acknowledged %d, want 3; %d slots are free", got, within(consumer).slots.free)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestBrokerCancelAddsNoWorkers uses handlers that are still busy when the broker cancels the
// consumer, which leaves their context alive for the stop timeout: they and those of the next
// session together are no more than WithWorkers allows, for any kind of queue.
func TestBrokerCancelAddsNoWorkers(t *testing.T) {
	for name, queue := range map[string]Queue{
		"unknown":       {Name: "orders"},
		"quorum":        {Name: "orders", Arguments: Headers{"x-queue-type": "quorum"}},
		"classic":       {Name: "orders", Arguments: Headers{"x-queue-type": "classic"}},
		"transient":     {Name: "orders", AutoDelete: true},
		"single active": {Name: "orders", Arguments: Headers{"x-single-active-consumer": true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := newFakeChannel(t), newFakeChannel(t)
				var running, most atomic.Int64
				handle := func(context.Context, *order) error {
					most.Store(max(most.Load(), running.Add(1)))
					time.Sleep(time.Minute)
					running.Add(-1)
					return nil
				}
				consumer := subscribe(t, newFakeSource(first, second), Subscription{Queue: queue, Routes: []Route{RouteJSON(orderPlaced, handle)}}, WithWorkers(2), WithStopTimeout(2*time.Minute))
				stop := start(t, consumer)
				first.deliver(message("busy"))
				synctest.Wait()
				first.cancelByBroker()
				for range 4 {
					second.deliver(message("next"))
				}
				time.Sleep(10 * time.Minute)
				if got := len(first.answered()) + len(second.answered()); most.Load() != 2 || got != 5 {
					t.Errorf("%d handlers ran at once, want 2; acknowledged %d, want 5", most.Load(), got)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
