package runtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

// fakeProducer is a ProducerChannel that settles as a test says, and a ProducerSource that has this
// channel.
type fakeProducer struct {
	mu     sync.Mutex
	sent   []Message
	answer func(n int, m *Message, settle func(Settlement)) // n counts from 0
	err    error                                            // of ProducerChannel
}

// settled answers with settlements in turn, and repeats the last.
func settled(settlements ...Settlement) *fakeProducer {
	return &fakeProducer{answer: func(n int, _ *Message, settle func(Settlement)) {
		settle(settlements[min(n, len(settlements)-1)])
	}}
}

// neverSettled never settles.
func neverSettled() *fakeProducer {
	return &fakeProducer{answer: func(int, *Message, func(Settlement)) {}}
}

func (f *fakeProducer) ProducerChannel(ctx context.Context, _ ProducerRequest) (ProducerChannel, error) {
	return f, errors.Join(f.err, ctx.Err())
}

func (f *fakeProducer) Info() SourceInfo { return SourceInfo{} }

func (f *fakeProducer) Publish(_ context.Context, request PublishRequest) {
	m := request.Message
	f.mu.Lock()
	n := len(f.sent)
	f.sent = append(f.sent, *m)
	f.mu.Unlock()
	f.answer(n, m, request.Settle)
}

func (f *fakeProducer) Done() <-chan struct{} { return nil }

// messages returns what has been published.
func (f *fakeProducer) messages() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

func newTestProducer(t *testing.T, source ProducerSource, options ...ProducerOption) *Producer {
	t.Helper()
	p, err := NewProducer(t.Context(), source, nil, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Close(ctx)
	})
	return p
}

var testPublication = &Publication{Name: "P", Exchange: "x", RoutingKey: "k", Type: "t"}

func publishBy(mode string, p *Producer, payload any, options ...PublishOption) (Receipt, error) {
	if mode == "async" {
		return p.PublishAsync(context.Background(), testPublication, payload, options...).Wait(context.Background())
	}
	return p.Publish(context.Background(), testPublication, payload, options...)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
