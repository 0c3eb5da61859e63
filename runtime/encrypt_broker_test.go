package runtime_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// TestRotation sends messages with an old key, a new key, a key that the consumer does not have,
// and without encryption. Those that can be read are handled; the others become dead letters,
// unchanged.
func TestRotation(t *testing.T) {
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
		t.Run(name, func(t *testing.T) { rotate(t, open(t)) })
	}
}

func rotate(t *testing.T, s *shop) {
	legacy, err := runtime.NewRascalProfile("2025", "aes-256-cbc", bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	current, foreign := gcm(t, "2026", 2), gcm(t, "foreign", 3)
	s.publish(t, 1, runtime.WithEncryption(legacy))
	s.publish(t, 1, runtime.WithEncryption(current))
	s.publish(t, 1, runtime.WithEncryption(foreign))
	s.publish(t, 1)

	var mu sync.Mutex
	var sealed []bool
	consumer, stop := s.consume(t, func(ctx context.Context, o *order) error {
		mu.Lock()
		defer mu.Unlock()
		if o.ID != "0" {
			t.Errorf("handled order %q", o.ID)
		}
		sealed = append(sealed, runtime.DeliveryFrom(ctx).ContentType == "application/octet-stream")
		return nil
	}, runtime.WithDecryption(legacy, current))
	eventually(t, "all are dealt with", func() bool {
		return consumer.Count(runtime.EventHandled) == 3 && consumer.Count(runtime.EventDeadLettered) == 1
	})
	stop()
	if !slices.Equal(sealed, []bool{true, true, false}) {
		t.Errorf("came encrypted: %v", sealed)
	}
	if n := consumer.Count(runtime.EventInvalid); n != 1 {
		t.Errorf("%d are invalid, want 1", n)
	}

	// Whoever has the key can still read the dead letter.
	dead := s.take(t, "orders.dead", 1)[0]
	if dead.ContentType != "application/octet-stream" || bytes.Contains(dead.Body, []byte("id")) {
		t.Errorf("the dead letter is %q of type %q", dead.Body, dead.ContentType)
	}
	reason := dead.Headers["rascal"].(runtime.Headers)["error"].(runtime.Headers)["message"]
	if reason != "invalid content: decrypt" {
		t.Errorf("the dead letter says %q", reason)
	}
	again := &shop{source: s.source, declarations: &runtime.Declarations{Queues: []runtime.Queue{{Name: "orders.dead", Durable: true}}}}
	republish(t, again, dead)
	reader, stop := again.consume(t, func(context.Context, *order) error { return nil }, runtime.WithDecryption(foreign))
	eventually(t, "the dead letter is read", func() bool { return reader.Count(runtime.EventHandled) == 1 })
	stop()
}

func gcm(t *testing.T, name string, fill byte) *runtime.EncryptionProfile {
	t.Helper()
	profile, err := runtime.NewAESGCMProfile(name, bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return profile
}

// republish publishes a delivery again, unchanged.
func republish(t *testing.T, s *shop, d *runtime.Delivery) {
	t.Helper()
	channel, err := s.source.ProducerChannel(t.Context(), runtime.ProducerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	message := d.Message
	message.Exchange, message.RoutingKey, message.Mandatory = "", "orders.dead", true
	settled := make(chan runtime.Settlement, 1)
	channel.Publish(t.Context(), runtime.PublishRequest{Message: &message, Settle: func(s runtime.Settlement) { settled <- s }})
	if got := <-settled; got.Outcome != runtime.OutcomeAcked {
		t.Fatalf("republished: %+v", got)
	}
}
