//go:build !race

package runtime

import (
	"context"
	"testing"
)

// instantSource has a channel that acknowledges at once.
type instantSource struct{}

func (s instantSource) ProducerChannel(context.Context, ProducerRequest) (ProducerChannel, error) {
	return s, nil
}

func (instantSource) Info() SourceInfo { return SourceInfo{} }

func (instantSource) Publish(_ context.Context, request PublishRequest) {
	request.Settle(Settlement{Outcome: OutcomeAcked})
}

func (instantSource) Done() <-chan struct{} { return nil }

// TestPublishAllocations: a publish that nobody intercepts or observes allocates the publish, its id
// and its result.
func TestPublishAllocations(t *testing.T) {
	p := newTestProducer(t, instantSource{})
	body := []byte("x")
	if n := testing.AllocsPerRun(1000, func() { _, _ = p.Publish(context.Background(), testPublication, body) }); n > 3 {
		t.Errorf("Publish: %v allocations, want 3", n)
	}
	if n := testing.AllocsPerRun(1000, func() {
		_, _ = p.PublishAsync(context.Background(), testPublication, body).Wait(context.Background())
	}); n > 5 {
		t.Errorf("PublishAsync: %v allocations, want 5", n)
	}
}
