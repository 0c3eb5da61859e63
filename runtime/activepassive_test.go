package runtime

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stateSource is a ProducerSource whose state a test sets.
type stateSource struct {
	name    string
	changed signal

	mu      sync.Mutex
	current State
	refuse  error
	sent    []string           // message ids
	settle  []func(Settlement) // of publishes that hold back
	hold    bool               // do not settle
	seen    map[*Declarations]int
}

func (s *stateSource) set(state State) {
	s.mu.Lock()
	s.current = state
	s.mu.Unlock()
	s.changed.notify()
}

func (s *stateSource) State() (State, <-chan struct{}) {
	changed := s.changed.next()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, changed
}

func (s *stateSource) ProducerChannel(ctx context.Context, d *Declarations) (ProducerChannel, error) {
	for {
		changed := s.changed.next()
		s.mu.Lock()
		state, refuse := s.current, s.refuse
		if s.seen == nil {
			s.seen = make(map[*Declarations]int)
		}
		s.seen[d]++
		s.mu.Unlock()
		switch {
		case refuse != nil:
			return nil, refuse
		case state == Closed:
			return nil, ErrClosed
		case state <= Full:
			return s, nil
		}
		if err := pause(ctx, changed); err != nil {
			return nil, err
		}
	}
}

func (s *stateSource) Publish(_ context.Context, m *Message, settle func(Settlement)) {
	s.mu.Lock()
	s.sent = append(s.sent, m.MessageID)
	hold := s.hold
	if hold {
		s.settle = append(s.settle, settle)
	}
	s.mu.Unlock()
	if !hold {
		settle(Settlement{Outcome: Acked})
	}
}

func (s *stateSource) Done() <-chan struct{} { return nil }

// newPair returns a pair over two fakes, which are closed when the test ends.
func newPair(t *testing.T, f Failover) (pair *ProducerPair, active, passive *stateSource) {
	active, passive = &stateSource{name: "active"}, &stateSource{name: "passive"}
	t.Cleanup(func() {
		active.set(Closed)
		passive.set(Closed)
	})
	return ActivePassiveProducer(active, passive, f), active, passive
}

// used publishes one message and returns the name of the side that it went to.
func used(t *testing.T, pair *ProducerPair, active, passive *stateSource) string {
	t.Helper()
	before := len(active.sent)
	channel, err := pair.ProducerChannel(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := publishOnce(t.Context(), channel, &Message{}); s.Outcome != Acked {
		t.Fatalf("settled as %+v", s)
	}
	if len(active.sent) > before {
		return active.name
	}
	return passive.name
}

func TestFailOver(t *testing.T) {
	tests := []struct {
		name     string
		failover Failover
		state    State
		lasting  time.Duration
		want     string
	}{
		{"down for less than the grace", Failover{}, Down, 200 * time.Millisecond, "active"},
		{"down for longer", Failover{}, Down, 300 * time.Millisecond, "passive"},
		{"blocked for longer", Failover{}, Blocked, 300 * time.Millisecond, "passive"},
		{"blocked, and never mind", Failover{BlockedGrace: -1}, Blocked, time.Minute, "active"},
		{"a full window is no fault", Failover{}, Full, time.Minute, "active"},
		{"closed", Failover{}, Closed, 300 * time.Millisecond, "passive"},
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
				if test.state != Closed {
					active.set(Ready)
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
		active.set(Down)
		time.Sleep(time.Second)
		if got := used(t, pair, active, passive); got != "passive" {
			t.Fatalf("used the %s side", got)
		}
		active.set(Ready)
		time.Sleep(20 * time.Second)
		active.set(Down) // not stable: the count begins anew
		time.Sleep(time.Second)
		active.set(Ready)
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
		active.set(Down)
		time.Sleep(time.Second)
		if !pair.OnPassive() || pair.FailBack() {
			t.Fatal("failed back to a side that is down")
		}
		active.set(Ready)
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

// TestNoFlapping lets both sides fail in turns: there is one switch in MinDwell at most.
func TestNoFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events eventNames
		pair, active, passive := newPair(t, Failover{Observer: &events})
		used(t, pair, active, passive)
		for range 20 {
			active.set(Blocked)
			passive.set(Ready)
			time.Sleep(500 * time.Millisecond)
			active.set(Ready)
			passive.set(Blocked)
			time.Sleep(500 * time.Millisecond)
		}
		if events.failovers > 20/5+1 {
			t.Errorf("%d switches in 20 s", events.failovers)
		}
	})
}

// TestFailOverSettles checks that publishes which wait for the failed side's confirm
// are settled at once, and only once.
func TestFailOverSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, _ := newPair(t, Failover{})
		active.hold = true
		channel, err := pair.ProducerChannel(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var settled []Settlement
		channel.Publish(t.Context(), &Message{}, func(s Settlement) { settled = append(settled, s) })
		active.set(Blocked)
		time.Sleep(time.Second)
		active.settle[0](Settlement{Outcome: Acked})
		synctest.Wait()
		if len(settled) != 1 || settled[0].Outcome != Unknown || !errors.Is(settled[0].Err, errFailedOver) {
			t.Errorf("settled as %+v", settled)
		}
	})
}

// TestFailBackKeepsInFlight checks that a switch by choice settles nothing early.
func TestFailBackKeepsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, _ := newPair(t, Failover{})
		active.hold = true
		channel, err := pair.ProducerChannel(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var settled []Settlement
		channel.Publish(t.Context(), &Message{}, func(s Settlement) { settled = append(settled, s) })
		pair.FailOver()
		time.Sleep(time.Second)
		active.settle[0](Settlement{Outcome: Acked})
		if len(settled) != 1 || settled[0].Outcome != Acked {
			t.Errorf("settled as %+v", settled)
		}
	})
}

func TestFailOverWakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, active, passive := newPair(t, Failover{})
		active.set(Down)
		begun := time.Now()
		if got := used(t, pair, active, passive); got != "passive" {
			t.Errorf("used the %s side", got)
		}
		if took := time.Since(begun); took != 250*time.Millisecond {
			t.Errorf("waited %v, the grace is 250ms", took)
		}
	})
}

func TestPairWithRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusal := &RefusedError{Reply: Reply{Code: 403, Text: "ACCESS_REFUSED"}}
		pair, active, passive := newPair(t, Failover{})
		active.refuse = refusal
		active.set(Down)
		if got := used(t, pair, active, passive); got != "passive" {
			t.Errorf("used the %s side", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		refusal := &RefusedError{Reply: Reply{Code: 403, Text: "ACCESS_REFUSED"}}
		pair, active, passive := newPair(t, Failover{})
		active.refuse, passive.refuse = refusal, refusal
		active.set(Down)
		passive.set(Down)
		if _, err := pair.ProducerChannel(t.Context(), nil); !isRefused(err) {
			t.Errorf("got %v", err)
		}
	})
}

// TestPairDeclaresOnBoth checks that both sides are asked for declarations before
// the first channel is handed out, and that a refusal by either is returned.
func TestPairDeclaresOnBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Declarations{}
		pair, active, passive := newPair(t, Failover{})
		if _, err := pair.ProducerChannel(t.Context(), d); err != nil {
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
		if _, err := pair.ProducerChannel(t.Context(), &Declarations{}); !isType[*DeclarationError](err) {
			t.Errorf("got %v", err)
		}
	})
}
