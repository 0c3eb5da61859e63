package runtime

import (
	"context"
	"testing"
)

// TestContextWithDelivery gives a delivery to a handler, as a unit test does.
func TestContextWithDelivery(t *testing.T) {
	handle := func(ctx context.Context) string {
		if d := DeliveryFrom(ctx); d != nil {
			return d.MessageID
		}
		return "none"
	}
	ctx := ContextWithDelivery(t.Context(), &Delivery{Message: Message{MessageID: "1"}})
	if got := handle(ctx); got != "1" {
		t.Errorf("the handler has %q", got)
	}
	if got := handle(t.Context()); got != "none" {
		t.Errorf("without a delivery, the handler has %q", got)
	}
}
