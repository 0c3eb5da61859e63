package runtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestTakeOver follows a consumer from the active side to the passive one and back.
func TestTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		active, passive := newFakeChannel(t), newFakeChannel(t)
		probe, again := newFakeChannel(t), newFakeChannel(t)
		sides := [2]*fakeSource{newFakeSource(newFakeChannel(t), active), newFakeSource(passive)}
		var mu sync.Mutex
		var handled []string
		var events eventNames
		host := consumersOf(sides[0], sides[1], Failover{
			Consumers: ConsumeTakeOver, Grace: time.Second, FailBack: 2 * time.Second, MinDwell: time.Second, Observer: &events,
		})[0]
		consumer, err := NewConsumer(t.Context(), host.source, Subscription{
			Queue: Queue{Name: "orders"}, Routes: []Route{RouteJSON(orderPlaced, func(_ context.Context, o *order) error {
				mu.Lock()
				defer mu.Unlock()
				handled = append(handled, o.ID)
				return nil
			})},
		})
		if err != nil {
			t.Fatal(err)
		}
		stop := start(t, consumer)
		active.deliver(message("active"))
		time.Sleep(5 * time.Second)
		if passive.consumes() != "" {
			t.Error("consumed from the passive side while the active one was up")
		}

		active.die()
		passive.deliver(message("passive"))
		time.Sleep(3 * time.Second)
		sides[0].channels <- probe // the active side is back
		sides[0].channels <- again
		passive.deliver(message("late"))
		time.Sleep(time.Second)
		if passive.isCancelled() {
			t.Error("failed back before the active side had been stable")
		}
		time.Sleep(10 * time.Second)
		again.deliver(message("again"))
		synctest.Wait()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if want := []string{"active", "passive", "late", "again"}; !slices.Equal(handled, want) {
			t.Errorf("handled %v, want %v", handled, want)
		}
		if !passive.isCancelled() || !passive.closed || !probe.closed || len(passive.answered()) != 2 {
			t.Errorf("passive cancelled %v, closed %v, acknowledged %v; probe closed %v", passive.isCancelled(), passive.closed, passive.answered(), probe.closed)
		}
		if events.failovers != 2 {
			t.Errorf("observed %d failovers, want 2", events.failovers)
		}
	})
}

func TestTakeOverWhenActiveRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		active, passive := newFakeSource(), newFakeSource(newFakeChannel(t))
		active.refuse = errors.New("403")
		source := &takeOver{active: virtualHost{source: active}, passive: virtualHost{source: passive}, grace: time.Second, stable: time.Second, observer: NoObserver}
		channel, err := source.ConsumerChannel(t.Context(), ConsumerRequest{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		closeChannel(channel)
		if n := active.timesAsked(); n > 62 {
			t.Errorf("asked the active side %d times in a minute", n)
		}
	})
}

func TestTakeOverWhenBothAreDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &takeOver{active: virtualHost{source: newFakeSource()}, passive: virtualHost{source: newFakeSource()}, grace: time.Second, stable: time.Second, observer: NoObserver}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := source.ConsumerChannel(ctx, ConsumerRequest{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

type eventNames struct {
	mu        sync.Mutex
	failovers int
}

func (e *eventNames) Observe(_ context.Context, event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := event.(FailedOverEvent); ok {
		e.failovers++
	}
}

// TestTakeOverLeavesNoChannel opens a channel on the active side at the moment when nobody waits
// for it any more.
func TestTakeOverLeavesNoChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		active, channel := make(lateSource), newFakeChannel(t)
		source := &takeOver{active: virtualHost{source: active}, passive: virtualHost{source: newFakeSource()}, grace: time.Minute, stable: time.Second, observer: NoObserver}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := source.ConsumerChannel(ctx, ConsumerRequest{}); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		active <- channel
		synctest.Wait()
		if !channel.closed {
			t.Error("the channel of the active side stays open")
		}
	})
}

// lateSource opens a channel when a test says so, even if the context has ended.
type lateSource chan *fakeChannel

func (lateSource) Info() SourceInfo { return SourceInfo{} }

func (s lateSource) ConsumerChannel(context.Context, ConsumerRequest) (ConsumerChannel, error) {
	return <-s, nil
}
