package runtime_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// TestContentEncodings publishes compressed messages and reads them, encrypted too, beside those of
// other producers: one that only says it compresses becomes a dead letter, unchanged.
func TestContentEncodings(t *testing.T) {
	tests := map[string]func(t *testing.T) *shop{
		"in memory": func(*testing.T) *shop {
			return &shop{
				source:       scamptest.New(),
				declarations: &runtime.Declarations{Queues: []runtime.Queue{{Name: "orders", Durable: true}}},
			}
		},
		"on RabbitMQ": func(t *testing.T) *shop { return shopOn(t, rabbittest.New(t), nil) },
	}
	for name, open := range tests {
		t.Run(name, func(t *testing.T) { compress(t, open(t)) })
	}
}

func compress(t *testing.T, s *shop) {
	profile := gcm(t, "2026", 2)
	long := &order{ID: strings.Repeat("o-1 ", 1000)}
	for _, encrypt := range []bool{false, true} {
		var options []runtime.ProducerOption
		if encrypt {
			options = append(options, runtime.WithEncryption(profile))
		}
		producer, err := runtime.NewProducer(t.Context(), s.source, s.declarations, options...)
		if err != nil {
			t.Fatal(err)
		}
		for _, encoding := range []string{"gzip", "deflate", "identity", ""} {
			publication := *orderPlaced
			publication.ContentEncoding = encoding
			if _, err := producer.Publish(t.Context(), &publication, long); err != nil {
				t.Fatal(err)
			}
		}
		foreign := *orderPlaced
		foreign.ContentEncoding = "br"
		if _, err := producer.Publish(t.Context(), &foreign, long); !errors.Is(err, runtime.ErrNotSent) || !strings.Contains(err.Error(), "WithContentEncoding") {
			t.Errorf("got %v", err)
		}
	}
	liar, err := runtime.NewProducer(t.Context(), s.source, s.declarations, runtime.WithContentEncoding("gzip", plain{}))
	if err != nil {
		t.Fatal(err)
	}
	publication := *orderPlaced
	publication.ContentEncoding = "gzip"
	if _, err := liar.Publish(t.Context(), &publication, long); err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	small := 0
	consumer, stop := s.consume(t, func(ctx context.Context, o *order) error {
		mu.Lock()
		defer mu.Unlock()
		if o.ID != long.ID {
			t.Errorf("handled order %.10q", o.ID)
		}
		if len(runtime.DeliveryFrom(ctx).Body) < 500 {
			small++
		}
		return nil
	}, runtime.WithDecryption(profile))
	eventually(t, "all are dealt with", func() bool {
		return consumer.Count(runtime.EventHandled) == 8 && consumer.Count(runtime.EventDeadLettered) == 1
	})
	stop()
	if small != 4 {
		t.Errorf("%d came compressed, want 4", small)
	}
	dead := s.take(t, "orders.dead", 1)
	if body := string(dead[0].Body); dead[0].ContentEncoding != "gzip" || !strings.Contains(body, long.ID) {
		t.Errorf("the dead letter has the encoding %q and the body %.20q", dead[0].ContentEncoding, body)
	}
}

// plain is a codec that does nothing.
type plain struct{}

func (plain) NewWriter(w io.Writer) (io.WriteCloser, error) { return plainWriter{w}, nil }
func (plain) NewReader(r io.Reader) (io.ReadCloser, error)  { return io.NopCloser(r), nil }

type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }
