package runtime

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestStalledStream plays a broker that delivers nothing any more to the consumer of a stream: another
// consumer shows whether the stream goes on. Of a stream that does not, nothing changes.
func TestStalledStream(t *testing.T) {
	for _, test := range []struct {
		name    string
		begins  StreamOffset
		again   any  // where the next session begins
		early   bool // no message has come yet
		busy    bool // a handler runs meanwhile
		probe   []int64
		late    bool // the session gets the message after the probe has
		stalled bool
	}{
		{name: "stalled", begins: StreamFirst(), probe: []int64{1}, again: int64(0), stalled: true},
		{name: "stalled, other messages of the chunk come first", begins: StreamFirst(), probe: []int64{0, 2}, again: int64(0), stalled: true},
		{name: "stalled before the first", begins: StreamFirst(), early: true, probe: []int64{0}, again: "first", stalled: true},
		{name: "stalled before a number", begins: StreamAt(7), early: true, probe: []int64{6, 7}, again: int64(7), stalled: true},
		{name: "quiet", begins: StreamFirst()},
		{name: "quiet, an earlier message of the chunk comes", begins: StreamFirst(), probe: []int64{0}},
		{name: "late", begins: StreamFirst(), probe: []int64{1}, late: true},
		{name: "busy", begins: StreamFirst(), probe: []int64{1}, busy: true},
		{name: "waiting for the next", begins: StreamNext(), early: true, probe: []int64{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session, probe, next := newFakeChannel(t), newFakeChannel(t), newFakeChannel(t)
				source := newFakeSource(session, probe, next)
				release := make(chan struct{})
				consumer := subscribe(t, source, Subscription{
					Queue:  Queue{Name: "orders", Durable: true, Arguments: Headers{"x-queue-type": "stream"}},
					Routes: []Route{RouteJSON(orderPlaced, func(context.Context, *order) error { <-release; return nil })},
				}, WithStreamOffset(test.begins))
				stop := start(t, consumer)
				at := func(offset int64) Delivery {
					m := message("x")
					m.Headers = Headers{offsetArgument: offset}
					return Delivery{Message: m}
				}
				if !test.early {
					session.deliverAs(at(0))
				}
				for _, offset := range test.probe {
					probe.deliverAs(at(offset))
				}
				if !test.busy {
					close(release)
				}
				time.Sleep(stallBackoff.Min)
				for range 30 {
					if probe.consumes() == "" {
						time.Sleep(time.Second)
					}
				}
				if test.late {
					session.deliverAs(at(1))
				}
				time.Sleep(2 * stallTimeout)
				synctest.Wait()
				if got := session.isDead(); got != test.stalled {
					t.Errorf("the session has ended: %v, want %v", got, test.stalled)
				}
				probes := source.timesAsked() - 2 // the constructor asks once, and the session
				if want := map[bool]int{true: 0, false: 1}[test.busy || test.begins == StreamNext()]; !test.stalled && probes != want {
					t.Errorf("%d probes, want %d", probes, want)
				}
				if test.stalled && (next.consumes() != "orders" || next.request.Arguments[offsetArgument] != test.again || consumer.Count(EventInterrupted) != 1) {
					t.Errorf("consumes again from %q at %v; %d interruptions", next.consumes(), next.request.Arguments[offsetArgument], consumer.Count(EventInterrupted))
				}
				if test.busy {
					close(release)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
