package runtime_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

// poison returns messages that used to cost a consumer its memory, its time or its prefetch.
func poison() []amqp.Publishing {
	tables := make([]any, 8000)
	for i := range tables {
		tables[i] = amqp.Table{"a": true}
	}
	name := strings.Repeat("n", 1<<20)
	return []amqp.Publishing{
		{Headers: amqp.Table{"big": strings.Repeat("x", 130_900)}},                     // no room for the headers of recovery
		{Headers: amqp.Table{"fails": true}, Body: []byte(strings.Repeat("x", 2<<20))}, // more than MaxMessageSize
		{Headers: amqp.Table{"tables": tables}},                                        // few octets that need much memory
		{Headers: amqp.Table{"x-delivery-count": int64(99), "fails": true}},            // only the broker may set this count
		{Body: []byte(`{"` + name + `":{"` + name + `":1}}`)},                          // an error of the same length
		{Body: []byte(strings.Repeat("[", 100_000))},
		{Type: "\u202e\n2026 INFO all is well"},
		{ContentEncoding: "gzip", Type: "nobody's"},
	}
}

// TestPoisonAmongGood mixes every kind of poison message, more than the prefetch, with a thousand
// good messages. The good ones are handled, and the poison ones are dead-lettered.
func TestPoisonAmongGood(t *testing.T) {
	host := rabbittest.New(t)
	orders := runtime.Queue{Name: "orders", Durable: true}
	const good, times = 1000, 3
	poison := slices.Repeat(poison(), times)
	var handled atomic.Int64
	done := make(chan struct{})
	connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL, MaxMessageSize: 1 << 20})
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	consumer, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(connection), runtime.Subscription{
		Queue: orders, Declarations: &runtime.Declarations{Queues: []runtime.Queue{orders}},
		Routes: []runtime.Route{runtime.RouteBytes(orderPlaced, func(ctx context.Context, body []byte) error {
			headers := runtime.DeliveryFrom(ctx).Headers
			switch {
			case headers["big"] != nil, headers["fails"] != nil:
				return errShop
			case string(body) != "{}":
				return &runtime.InvalidError{Reason: "decode", Err: decodeTexts(body)}
			}
			if handled.Add(1) == good {
				close(done)
			}
			return nil
		})},
	}, runtime.WithPrefetch(10), runtime.WithRecovery(runtime.Republish(1, runtime.Backoff{})))
	if err != nil {
		t.Fatal(err)
	}
	channel := host.Channel(t)
	for i := range good {
		publish := func(m amqp.Publishing) {
			if m.Type == "" {
				m.Type = orderPlaced.Type
			}
			m.MessageId = fmt.Sprint(i)
			if err := channel.PublishWithContext(t.Context(), "", "orders", false, false, m); err != nil {
				t.Fatal(err)
			}
		}
		if i < len(poison) {
			publish(poison[i])
		}
		publish(amqp.Publishing{Body: []byte("{}")})
	}
	ctx, cancel := context.WithCancel(testContext(t))
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	select {
	case <-done:
	case <-ctx.Done():
		t.Errorf("handled %d of %d, held %d times", handled.Load(), good, consumer.Count(runtime.EventHeld))
	}
	host.WaitMessages(t, "orders.dead", len(poison))
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// decodeTexts reads an object whose members are strings, as a generated type does.
func decodeTexts(body []byte) error {
	var texts map[string]string
	return codecOfTexts.Unmarshal(body, &texts)
}

var codecOfTexts payload.Codec
