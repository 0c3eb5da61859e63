//go:build unix

package amqpbench

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// event is a payload that encodes itself, as generated messages do.
type event struct {
	Note string `json:"note"`
}

func (e *event) Validate() error { return nil }

func (e *event) AppendJSON(dst []byte) ([]byte, error) {
	dst = append(dst, `{"note":"`...)
	return append(append(dst, e.Note...), `"}`...), nil
}

// BenchmarkPublishTyped publishes messages that are encoded for each publish, with a window of 100, against a plain loop that encodes the
// same with encoding/json. The last side has a context that can end.
func BenchmarkPublishTyped(b *testing.B) {
	url := startNullBroker(b)
	raw, scamp := newRaw(b, url, true), newScamp(b, url)
	message, l := &event{strings.Repeat("n", 850)}, load{window: 100, goroutines: 1}
	ending, cancel := context.WithCancel(b.Context())
	defer cancel()
	publish := func(name string, publish func(int) (func() error, error)) side {
		return side{name: name, work: func(d time.Duration) (int, []time.Duration) { return drive(b, l, d, publish) }}
	}
	typed := func(ctx context.Context) func(int) (func() error, error) {
		return func(int) (func() error, error) {
			pending := scamp.producer.PublishAsync(ctx, publication, message)
			return func() error { _, err := pending.Wait(context.Background()); return err }, nil
		}
	}
	compare(b,
		publish("raw", func(int) (func() error, error) {
			body, err := json.Marshal(message)
			if err != nil {
				return nil, err
			}
			return raw.publish(body)
		}),
		publish("scamp", typed(context.Background())),
		publish("scamp-ending", typed(ending)),
	)
}
