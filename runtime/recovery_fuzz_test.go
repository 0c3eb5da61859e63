package runtime

import (
	"errors"
	"testing"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// FuzzRecoveryHeaders recovers deliveries with any headers: what is published for them must be a
// message that can be read, with the data of recovery in it, whatever the rascal header contained.
func FuzzRecoveryHeaders(f *testing.F) {
	rascal := Headers{
		"originalQueue": "orders", "originalExchange": "shop", "originalRoutingKey": int32(1), "restoreRoutingHeaders": true,
		"recovery": Headers{"orders": Headers{"republished": int64(2), "forwarded": "three", "redelivered": 1.5}},
		"error":    Headers{"message": "no", "code": nil},
	}
	for _, headers := range []Headers{
		everything().Headers,
		{rascalHeader: rascal},
		{rascalHeader: "no table"},
		{rascalHeader: Headers{"recovery": []any{rascal}}},
		{"CC": []any{"a"}, "x-death": []any{Headers{"count": int64(1), "queue": "orders"}}, "x-delivery-count": int64(7)},
	} {
		f.Add(contentHeader(&Message{Headers: headers}))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		delivery := &Delivery{Queue: "orders"}
		if _, invalid, err := frame.ParseHeader(payload, new(frame.StringCache), delivery.onWire()); err != nil || invalid != nil {
			return
		}
		restoreAddress(delivery)
		for _, a := range []action{{EventRetried, "orders.retry"}, {EventForwarded, "other"}, {EventDeadLettered, "orders.dead"}} {
			message := (&failure{delivery: delivery, err: errors.New("it failed")}).message(a)
			if checkMessage(message, limits{payload: frame.Max}) != nil {
				continue
			}
			var back Delivery
			if _, invalid, err := frame.ParseHeader(contentHeader(message), new(frame.StringCache), back.onWire()); invalid != nil && !errors.Is(invalid, frame.ErrLarge) || err != nil {
				t.Fatalf("%v: what is published cannot be read: %v, %v", a, invalid, err)
			} else if invalid != nil {
				continue
			}
			back.Queue = "orders"
			if count := (&failure{delivery: delivery, err: errors.New("it failed")}).counted(a); count != "" && back.recoveryCount(count) != min(delivery.recoveryCount(count)+1, 1<<30) {
				t.Errorf("%v: counted %d after %d", a, back.recoveryCount(count), delivery.recoveryCount(count))
			}
		}
	})
}
