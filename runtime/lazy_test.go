package runtime

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestLazyTurnWhileBlocked: the broker begins to block publishers while a lazy producer waits for its
// channel. Consumers, which the broker may need, have their turn.
func TestLazyTurnWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &blockingSource{turn: newTurn()}
		producer := newTestProducer(t, source)
		synctest.Wait()
		source.set(StateBlocked)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := source.turn.take(ctx, func() error { return nil }); err != nil {
			t.Errorf("a consumer does not begin: %v", err)
		}
		if err := producer.Healthy(); err == nil || !strings.Contains(err.Error(), errBlocked.Error()) {
			t.Errorf("while it is blocked: %v", err)
		}
		source.set(StateReady)
		time.Sleep(time.Minute)
		if err := producer.Healthy(); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// blockingSource is a lazy source that has a channel when the broker has blocked it once.
type blockingSource struct {
	fakeProducer
	turn    turn
	changed signal

	mu    sync.Mutex
	state State
	was   bool
}

func (s *blockingSource) set(state State) {
	s.mu.Lock()
	s.was = s.was || s.state == StateBlocked
	s.state = state
	s.mu.Unlock()
	s.changed.notify()
}

func (s *blockingSource) State() (State, <-chan struct{}) {
	changed := s.changed.next()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, changed
}

func (s *blockingSource) Info() SourceInfo {
	return SourceInfo{Lazy: true, turn: s.turn, State: s.State}
}

func (s *blockingSource) ProducerChannel(ctx context.Context, _ ProducerRequest) (ProducerChannel, error) {
	for {
		changed := s.changed.next()
		s.mu.Lock()
		ready := s.was && s.state == StateReady
		s.mu.Unlock()
		if ready {
			return s, nil
		}
		if err := pause(ctx, changed); err != nil {
			return nil, err
		}
	}
}

// TestCloseDuringRegister closes a connection as soon as it knows of a client.
func TestCloseDuringRegister(t *testing.T) {
	connection := DedicatedConnection(Broker{URL: "amqp://127.0.0.1:1", Lazy: true, Observer: NoObserver})
	source := closingSource{DedicatedChannel(connection), connection}
	producer, err := NewProducer(t.Context(), source, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := producer.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if clients := connection.clients.now(); len(clients) != 0 {
		t.Errorf("%d clients are left", len(clients))
	}
}

// closingSource is a source whose connection is closed by another goroutine when it is told of a
// client.
type closingSource struct {
	Source
	connection *Connection
}

func (s closingSource) Info() SourceInfo {
	info := s.Source.Info()
	register := info.Register
	info.Register = func(client Client) (unregister func()) {
		unregister = register(client)
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = client.drain(context.Background())
		}()
		<-closed
		return unregister
	}
	return info
}
