package runtime

import (
	"context"
	"sync"
	"testing"
)

// stateSource is a ProducerSource whose state a test sets.
type stateSource struct {
	name    string
	changed signal

	mu      sync.Mutex
	current State
	refuse  error
	sent    []string           // message ids
	settle  []func(Settlement) // that do not settle until released
	hold    bool               // publishes do not settle
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

func (s *stateSource) ProducerChannel(ctx context.Context, request ProducerRequest) (ProducerChannel, error) {
	for {
		changed := s.changed.next()
		s.mu.Lock()
		state, refuse := s.current, s.refuse
		if s.seen == nil {
			s.seen = make(map[*Declarations]int)
		}
		s.seen[request.Declarations]++
		s.mu.Unlock()
		switch {
		case refuse != nil:
			return nil, refuse
		case state == StateClosed:
			return nil, ErrClosed
		case state <= StateFull:
			return s, nil
		}
		if err := pause(ctx, changed); err != nil {
			return nil, err
		}
	}
}

func (s *stateSource) Info() SourceInfo { return SourceInfo{State: s.State} }

func (s *stateSource) Publish(_ context.Context, request PublishRequest) {
	settle := request.Settle
	s.mu.Lock()
	s.sent = append(s.sent, request.Message.MessageID)
	hold := s.hold
	if hold {
		s.settle = append(s.settle, settle)
	}
	s.mu.Unlock()
	if !hold {
		settle(Settlement{Outcome: OutcomeAcked})
	}
}

func (s *stateSource) Done() <-chan struct{} { return nil }

// newPair returns a pair over two fakes, which are closed when the test ends.
func newPair(t *testing.T, f Failover) (pair *ProducerPair, active, passive *stateSource) {
	active, passive = &stateSource{name: "active"}, &stateSource{name: "passive"}
	t.Cleanup(func() {
		active.set(StateClosed)
		passive.set(StateClosed)
	})
	return ActivePassiveProducer(active, passive, f), active, passive
}

// used publishes one message and returns the name of the side that got it.
func used(t *testing.T, pair *ProducerPair, active, passive *stateSource) string {
	t.Helper()
	before := len(active.sent)
	channel, err := pair.ProducerChannel(t.Context(), ProducerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if s := publishOnce(t.Context(), channel, &Message{}); s.Outcome != OutcomeAcked {
		t.Fatalf("settled as %+v", s)
	}
	if len(active.sent) > before {
		return active.name
	}
	return passive.name
}
