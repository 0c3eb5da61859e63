package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestWait waits for a publish with a context that ends before, and again until it has ended.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settles := make(chan func(Settlement), 1)
		source := &fakeProducer{answer: func(_ int, _ *Message, settle func(Settlement)) { settles <- settle }}
		pending := newTestProducer(t, source).PublishAsync(t.Context(), testPublication, "x", WithMessageID("1"))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := pending.Wait(ctx)
		unknown, ok := errors.AsType[*UnknownError](err)
		if !errors.Is(err, context.DeadlineExceeded) || !MayHaveBeenDelivered(err) || !ok || unknown.MessageID != "1" || unknown.Waited != time.Second {
			t.Errorf("got %v", err)
		}

		(<-settles)(Settlement{Outcome: OutcomeAcked})
		for _, ctx := range []context.Context{t.Context(), ctx} { // an ended publish has a result, whatever the context
			for range 20 {
				if receipt, err := pending.Wait(ctx); err != nil || receipt.MessageID != "1" {
					t.Fatalf("got %v, %v", receipt, err)
				}
			}
		}
	})
}
