package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestHeadersAreOnesOwn checks that a publish does not write to the caller's headers.
func TestHeadersAreOnesOwn(t *testing.T) {
	source := settled(Settlement{Outcome: OutcomeAcked})
	producer := newTestProducer(t, source)
	given := Headers{"a": 1}
	publication := *testPublication
	publication.CC, publication.BCC = []string{"c"}, []string{"b"}
	if _, err := producer.Publish(t.Context(), &publication, "x", WithHeaders(given), WithHeaders(Headers{"b": 2})); err != nil {
		t.Fatal(err)
	}
	if sent := source.sent[0].Headers; len(given) != 1 || len(sent) != 4 || sent["a"] != 1 || sent["b"] != 2 {
		t.Errorf("given are %v, sent %v", given, sent)
	}
}

func TestMessageIDs(t *testing.T) {
	source := settled(Settlement{Outcome: OutcomeAcked})
	producer := newTestProducer(t, source, WithMessageIDs(func() string { return "made" }))
	for _, options := range [][]PublishOption{nil, {WithMessageID("fixed")}} {
		if _, err := producer.Publish(t.Context(), testPublication, "x", options...); err != nil {
			t.Fatal(err)
		}
	}
	if source.sent[0].MessageID != "made" || source.sent[1].MessageID != "fixed" {
		t.Errorf("sent with ids %q and %q", source.sent[0].MessageID, source.sent[1].MessageID)
	}
}

func TestProducerProblems(t *testing.T) {
	refused := errors.New("refused")
	tests := []struct {
		source ProducerSource
		option ProducerOption
		want   string
	}{
		{&fakeProducer{err: refused}, WithPublishTimeout(time.Second), "new producer: refused"},
		{&fakeProducer{}, WithEncryption(nil), "new producer: WithEncryption: no profile"},
		{&fakeProducer{}, WithMessageIDs(nil), "new producer: WithMessageIDs: no function"},
		{&fakeProducer{}, WithPublishTimeout(0), "new producer: timeout 0s: wanted more than 0"},
		{&fakeProducer{}, WithNackRetries(-1), "new producer: -1 retries after a nack: wanted at least 0"},
	}
	for _, test := range tests {
		if _, err := NewProducer(t.Context(), test.source, nil, test.option); errorText(err) != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

// TestBusyEdges checks that each change is reported once, in order, and that changes that come and
// go during a call are not.
func TestBusyEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &stateSource{}
		var mu sync.Mutex
		var edges []string
		tell := func(edge string) func() {
			return func() {
				mu.Lock()
				edges = append(edges, edge)
				mu.Unlock()
				time.Sleep(time.Minute) // a slow callback
			}
		}
		newTestProducer(t, source, WithOnBusy(tell("busy")), WithOnReady(tell("ready")))
		for _, state := range []State{StateBlocked, StateDown, StateReady, StateFull, StateReady, StateDown} {
			source.set(state)
			synctest.Wait()
		}
		time.Sleep(2 * time.Minute)
		source.set(StateReady)
		time.Sleep(2 * time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"busy", "ready"}; !slices.Equal(edges, want) {
			t.Errorf("called %v, want %v", edges, want)
		}
	})
}

// TestReturnedHook checks that WithOnReturned is called for each message, on a goroutine of its own,
// and that Close waits for the calls.
func TestReturnedHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		producer := newTestProducer(t, settled(Settlement{Outcome: OutcomeReturned, Reply: Reply{312, "NO_ROUTE"}}),
			WithOnReturned(func(err *ReturnedError) {
				time.Sleep(time.Second)
				told = append(told, err.Message.MessageID)
			}))
		start := time.Now()
		for i := range 3 {
			_, _ = producer.Publish(t.Context(), testPublication, "x", WithMessageID(fmt.Sprint(i)))
		}
		if time.Since(start) != 0 {
			t.Error("publishes waited for the hook")
		}
		if err := producer.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if want := []string{"0", "1", "2"}; !slices.Equal(told, want) {
			t.Errorf("called with %v, want %v", told, want)
		}
	})
}

// TestReturnedHookOverflow checks that the oldest calls are dropped when there are too many.
func TestReturnedHookOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var told []string
		producer := newTestProducer(t, settled(Settlement{Outcome: OutcomeReturned}), WithOnReturned(func(err *ReturnedError) {
			<-release
			told = append(told, err.Message.MessageID)
		}))
		const n = maxReturned + 100
		for i := range n {
			_, _ = producer.Publish(t.Context(), testPublication, "x", WithMessageID(fmt.Sprint(i)))
			synctest.Wait()
		}
		close(release)
		if err := producer.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if len(told) != maxReturned+1 || told[0] != "0" || told[len(told)-1] != fmt.Sprint(n-1) {
			t.Errorf("called with %d, from %s to %s", len(told), told[0], told[len(told)-1])
		}
	})
}

// TestCloseLeavesStuckHook checks that Close waits for a callback that does not return no longer
// than its context.
func TestCloseLeavesStuckHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		producer := newTestProducer(t, settled(Settlement{Outcome: OutcomeReturned}), WithOnReturned(func(*ReturnedError) { <-release }))
		_, _ = producer.Publish(t.Context(), testPublication, "x")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := producer.Close(ctx); err == nil {
			t.Error("Close did not say that a hook still runs")
		}
		close(release)
	})
}
