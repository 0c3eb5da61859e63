package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFailOver(t *testing.T) {
	tests := []struct {
		name     string
		failover Failover
		state    State
		lasting  time.Duration
		want     string
	}{
		{"down for less than the grace", Failover{}, StateDown, 200 * time.Millisecond, "active"},
		{"down for longer", Failover{}, StateDown, 300 * time.Millisecond, "passive"},
		{"blocked for longer", Failover{}, StateBlocked, 300 * time.Millisecond, "passive"},
		{"blocked, and never mind", Failover{BlockedGrace: -1}, StateBlocked, time.Minute, "active"},
		{"a full window is no fault", Failover{}, StateFull, time.Minute, "active"},
		{"closed", Failover{}, StateClosed, 300 * time.Millisecond, "passive"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pair, active, passive := newPair(t, test.failover)
				if got := used(t, pair, active, passive); got != "active" {
					t.Fatalf("began on the %s side", got)
				}
				active.set(test.state)
				time.Sleep(test.lasting)
				synctest.Wait()
				if test.state != StateClosed {
					active.set(StateReady)
				}
				if got := used(t, pair, active, passive); got != test.want {
					t.Errorf("used the %s side, want the %s one", got, test.want)
				}
			})
		})
	}
}

func TestFailBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, passive := newPair(t, Failover{FailBack: 30 * time.Second})
		used(t, pair, active, passive)
		active.set(StateDown)
		time.Sleep(time.Second)
		if got := used(t, pair, active, passive); got != "passive" {
			t.Fatalf("used the %s side", got)
		}
		active.set(StateReady)
		time.Sleep(20 * time.Second)
		active.set(StateDown) // not stable: the time starts again
		time.Sleep(time.Second)
		active.set(StateReady)
		time.Sleep(29 * time.Second)
		if got := used(t, pair, active, passive); got != "passive" {
			t.Errorf("failed back before the active side had been stable")
		}
		time.Sleep(2 * time.Second)
		if got := used(t, pair, active, passive); got != "active" {
			t.Errorf("did not fail back")
		}
	})
}

func TestFailBackByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, passive := newPair(t, Failover{})
		used(t, pair, active, passive)
		active.set(StateDown)
		time.Sleep(time.Second)
		if !pair.OnPassive() || pair.FailBack() {
			t.Fatal("failed back to a side that is down")
		}
		active.set(StateReady)
		time.Sleep(time.Hour)
		if got := used(t, pair, active, passive); got != "passive" {
			t.Errorf("failed back by itself")
		}
		if !pair.FailBack() || pair.OnPassive() || used(t, pair, active, passive) != "active" {
			t.Errorf("did not fail back")
		}
		if !pair.FailOver() || used(t, pair, active, passive) != "passive" {
			t.Errorf("did not fail over")
		}
	})
}

// TestNoFlapping lets both sides fail in turn: there is at most one switch in MinDwell.
func TestNoFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events eventNames
		pair, active, passive := newPair(t, Failover{Observer: &events})
		used(t, pair, active, passive)
		for range 20 {
			active.set(StateBlocked)
			passive.set(StateReady)
			time.Sleep(500 * time.Millisecond)
			active.set(StateReady)
			passive.set(StateBlocked)
			time.Sleep(500 * time.Millisecond)
		}
		if events.failovers > 20/5+1 {
			t.Errorf("%d switches in 20 s", events.failovers)
		}
	})
}

// TestFailOverSettles checks that publishes that wait for the failed side's confirm are settled at
// once, and only once.
func TestFailOverSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, _ := newPair(t, Failover{})
		active.hold = true
		channel, err := pair.ProducerChannel(t.Context(), ProducerRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var settled []Settlement
		channel.Publish(t.Context(), PublishRequest{Message: &Message{}, Settle: func(s Settlement) { settled = append(settled, s) }})
		active.set(StateBlocked)
		time.Sleep(time.Second)
		active.settle[0](Settlement{Outcome: OutcomeAcked})
		synctest.Wait()
		if len(settled) != 1 || settled[0].Outcome != OutcomeUnknown || !errors.Is(settled[0].Err, errFailedOver) {
			t.Errorf("settled as %+v", settled)
		}
	})
}

// TestFailBackKeepsInFlight checks that a switch by hand settles nothing early.
func TestFailBackKeepsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, _ := newPair(t, Failover{})
		active.hold = true
		channel, err := pair.ProducerChannel(t.Context(), ProducerRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var settled []Settlement
		channel.Publish(t.Context(), PublishRequest{Message: &Message{}, Settle: func(s Settlement) { settled = append(settled, s) }})
		pair.FailOver()
		time.Sleep(time.Second)
		active.settle[0](Settlement{Outcome: OutcomeAcked})
		if len(settled) != 1 || settled[0].Outcome != OutcomeAcked {
			t.Errorf("settled as %+v", settled)
		}
	})
}

func TestFailOverWakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, passive := newPair(t, Failover{})
		active.set(StateDown)
		start := time.Now()
		if got := used(t, pair, active, passive); got != "passive" {
			t.Errorf("used the %s side", got)
		}
		if took := time.Since(start); took != 250*time.Millisecond {
			t.Errorf("waited %v, the grace is 250ms", took)
		}
	})
}

func TestPairWithRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusal := &RefusedError{Reply: Reply{Code: 403, Text: "ACCESS_REFUSED"}}
		pair, active, passive := newPair(t, Failover{})
		active.refuse = refusal
		active.set(StateDown)
		if got := used(t, pair, active, passive); got != "passive" {
			t.Errorf("used the %s side", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		refusal := &RefusedError{Reply: Reply{Code: 403, Text: "ACCESS_REFUSED"}}
		pair, active, passive := newPair(t, Failover{})
		active.refuse, passive.refuse = refusal, refusal
		active.set(StateDown)
		passive.set(StateDown)
		if _, err := pair.ProducerChannel(t.Context(), ProducerRequest{}); !isRefused(err) {
			t.Errorf("got %v", err)
		}
	})
}

// TestPairDeclaresOnBoth checks that both sides are asked for declarations before the first channel
// is returned, and that a refusal by either is returned.
func TestPairDeclaresOnBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Declarations{}
		pair, active, passive := newPair(t, Failover{})
		if _, err := pair.ProducerChannel(t.Context(), ProducerRequest{Declarations: d}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if active.seen[d] == 0 || passive.seen[d] == 0 {
			t.Errorf("asked the active side %d times and the passive one %d times", active.seen[d], passive.seen[d])
		}
	})
	synctest.Test(t, func(t *testing.T) {
		pair, _, passive := newPair(t, Failover{})
		passive.refuse = &DeclarationError{Subject: `queue "q"`}
		if _, err := pair.ProducerChannel(t.Context(), ProducerRequest{Declarations: &Declarations{}}); !isType[*DeclarationError](err) {
			t.Errorf("got %v", err)
		}
	})
}

// TestPairWithoutStatesEnds uses a pair of sources without states: there is nothing to watch, and
// nobody could end a goroutine that watches.
func TestPairWithoutStatesEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		active, passive := settled(Settlement{Outcome: OutcomeAcked}), settled(Settlement{Outcome: OutcomeAcked})
		pair := ActivePassiveProducer(active, passive, Failover{})
		publish := func() {
			channel, err := pair.ProducerChannel(t.Context(), ProducerRequest{})
			if err != nil {
				t.Fatal(err)
			}
			publishOnce(t.Context(), channel, &Message{})
		}
		publish()
		if !pair.FailOver() {
			t.Error("it cannot be switched by hand")
		}
		publish()
		if len(active.messages()) != 1 || len(passive.messages()) != 1 {
			t.Errorf("%d and %d messages", len(active.messages()), len(passive.messages()))
		}
	}) // fails if a goroutine is left
}

// TestObserverSwitchesBack uses an observer that switches back at once when it sees a switch.
func TestObserverSwitchesBack(t *testing.T) {
	observer := &switchingBack{}
	pair, _, _ := newPair(t, Failover{Observer: observer})
	observer.pair = pair
	if !pair.FailOver() {
		t.Error("the pair was not switched")
	}
	if pair.OnPassive() {
		t.Error("the observer did not switch back")
	}
}

type switchingBack struct{ pair *ProducerPair }

func (o *switchingBack) Observe(_ context.Context, event Event) {
	if switched, ok := event.(FailedOverEvent); ok && switched.Passive {
		o.pair.FailBack()
	}
}
