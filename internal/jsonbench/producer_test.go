package jsonbench

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/internal/jsonbench/shapes"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

// encodeAsProducer checks and writes a message as Producer.Publish does, into room that has been
// used before.
func encodeAsProducer(m payload.Message) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	room, ok := rooms.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	text, err := m.AppendJSON((*room)[:0])
	*room = text
	rooms.Put(room)
	return text, err
}

var rooms sync.Pool

// producers are the generated client and one that publishes bytes, both on a broker that confirms
// at once.
type producers struct {
	typed *shapes.Producer
	plain *runtime.Producer
}

func newProducers(tb testing.TB) producers {
	tb.Helper()
	typed, err := shapes.NewProducer(context.Background(), &confirming{})
	if err != nil {
		tb.Fatal(err)
	}
	plain, err := runtime.NewProducer(context.Background(), &confirming{}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(typed.Close(context.Background()), plain.Close(context.Background())); err != nil {
			tb.Error(err)
		}
	})
	return producers{typed, plain}
}

var plainPublication = &runtime.Publication{Name: "plain", RoutingKey: "shapes", ContentType: "application/json"}

// confirming is a source with one channel, which copies the body as writing it to a socket does,
// and confirms.
type confirming struct {
	mu   sync.Mutex
	wire []byte
}

func (c *confirming) ProducerChannel(context.Context, runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	return c, nil
}

func (c *confirming) Info() runtime.SourceInfo { return runtime.SourceInfo{} }

func (c *confirming) Publish(_ context.Context, request runtime.PublishRequest) {
	c.mu.Lock()
	c.wire = append(c.wire[:0], request.Message.Body...)
	c.mu.Unlock()
	request.Settle(runtime.Settlement{Outcome: runtime.OutcomeAcked})
}

func (c *confirming) Done() <-chan struct{} { return nil }
