package interop_test

import (
	"context"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/internal/headers/messages"
	"github.com/scampgen/scampgen/internal/headers/parcelmoved"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

// Typed headers are for amqplib what the contract says, and those of amqplib are typed headers, with
// its own types for numbers and with those that a program names.
func TestHeaders(t *testing.T) {
	s := openShop(t)
	ctx, cancel := context.WithTimeout(t.Context(), goLimit)
	defer cancel()
	at := time.Date(2026, 11, 27, 21, 30, 15, 0, time.UTC)
	headers := func() *messages.ParcelHeaders {
		return &messages.ParcelHeaders{
			Tenant: "shop", SchemaVersion: messages.ParcelHeadersSchemaVersionV1, CorrelationID: new("order-1"), Urgent: new(true), Tiny: new(int32(-128)), Small: new(int32(-300)), Medium: new(int32(-70000)), Plain: new(int64(7)),
			Octet: new(uint32(255)), Word: new(uint32(65535)), DoubleWord: new(uint32(4294967295)), Ratio: new(0.1), Share: new(float32(0.5)),
			Price: new(payload.MustDecimal("12.50")), Amount: new(payload.MustDecimal("0.10")), At: &at, Digest: []byte{0, 255}, Blob: []byte{0xc3},
			State: new(messages.ParcelHeadersStateSent), Note: payload.Null[string](), Tags: []string{"a"}, Steps: []int32{1, -1},
			Route: &messages.ParcelHeadersRoute{From: "Ulm"}, Limits: map[string]int32{"day": 3}, Other: payload.Raw(`{"a":[1,null]}`),
		}
	}
	const inNode = `{"tenant": "shop", "schema_version": "v1", "correlation_id": "order-1", "urgent": true, "tiny": -128, "small": -300, "medium": -70000,
		"plain": 7, "octet": 255, "word": 65535, "double_word": 4294967295, "ratio": 0.1, "share": 0.5,
		"price": {"!": "decimal", "value": {"places": 2, "digits": 1250}}, "amount": "0.10", "at": {"!": "timestamp", "value": 1795815015},
		"digest": {"bytes": "00ff"}, "blob": {"bytes": "c3"}, "state": "sent", "note": null, "tags": ["a"], "steps": [1, -1],
		"route": {"from": "Ulm"}, "limits": {"day": 3}, "other": {"a": [1, null]}}`

	t.Run("to amqplib", func(t *testing.T) {
		producer, err := parcelmoved.NewProducer(ctx, s.source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := producer.PublishParcelMoved(ctx, &messages.Parcel{}, headers()); err != nil {
			t.Fatal(err)
		}
		if err := producer.Close(ctx); err != nil {
			t.Error(err)
		}
		script := start(t, "headers.mjs", map[string]any{"url": s.host.URL, "consume": map[string]any{"queue": parcelmoved.QueueName}})
		var got struct {
			Headers       any
			CorrelationID string
		}
		script.next(t, &got)
		script.end(t)
		if diff := cmp.Diff(fromJSON(t, inNode), got.Headers); diff != "" {
			t.Error(diff)
		}
		if got.CorrelationID != "order-1" {
			t.Errorf("correlation id %q", got.CorrelationID)
		}
	})

	t.Run("from amqplib", func(t *testing.T) {
		arrivals := make(chan *messages.ParcelHeaders, 1)
		consumer, err := parcelmoved.NewConsumer(ctx, s.source, parcelmoved.HandlerFuncs{
			ParcelMoved: func(_ context.Context, _ *messages.Parcel, headers *messages.ParcelHeaders) error {
				arrivals <- headers
				return nil
			},
		}, runtime.WithWorkers(1))
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- consumer.Run(running) }()
		defer func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}()
		named := `{"tiny": {"!": "int8", "value": -128}, "small": {"!": "int64", "value": -300}, "plain": {"!": "double", "value": 7},
			"share": {"!": "float", "value": 0.5}, "at": "2026-11-27T21:30:15Z", "price": "12.5", "digest": "AP8="}`
		for name, other := range map[string]string{"its own types": `{}`, "named types": named} {
			all, _ := fromJSON(t, inNode).(map[string]any)
			more, _ := fromJSON(t, other).(map[string]any)
			maps.Copy(all, more)
			publish(t, "headers.mjs", map[string]any{"url": s.host.URL, "publish": map[string]any{
				"queue": parcelmoved.QueueName, "content": map[string]any{}, "properties": map[string]any{"headers": all, "type": "ParcelMoved"},
			}})
			select {
			case got := <-arrivals:
				same := cmp.Options{
					cmp.AllowUnexported(payload.Optional[string]{}),
					cmp.Comparer(func(x, y payload.Decimal) bool { return x.Cmp(y) == 0 }),
				}
				if diff := cmp.Diff(headers(), got, same); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			case <-ctx.Done():
				t.Fatalf("%s: nothing arrived", name)
			}
		}
	})
}

func fromJSON(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
