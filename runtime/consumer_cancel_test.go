package runtime

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestHandlerAfterCancel lets the broker cancel the consumer while its only worker is busy: the next
// session begins at once, and the handler may run until the stop timeout. Then its context ends, and
// its answer is stale.
func TestHandlerAfterCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeChannel(t), newFakeChannel(t)
		began, ended := make(chan string, 2), make(chan time.Duration, 2)
		consumer := newTestConsumer(t, newFakeSource(first, second), func(ctx context.Context, o *order) error {
			began <- o.ID
			if o.ID == "1" {
				start := time.Now()
				<-ctx.Done()
				ended <- time.Since(start)
			}
			return nil
		}, WithStopTimeout(7*time.Second), WithObserver(NoObserver))
		stop := start(t, consumer)
		first.deliver(message("1"))
		<-began
		first.cancelByBroker()
		second.deliver(message("2"))
		if took := <-ended; took != 7*time.Second {
			t.Errorf("the handler's context ended after %v, want the stop timeout", took)
		}
		if got := <-began; got != "2" {
			t.Errorf("then %q is handled", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if consumer.Count(EventCancelled) != 1 || consumer.Count(EventInterrupted) != 0 || len(first.acked) != 0 || len(second.acked) != 1 {
			t.Errorf("cancelled %d, interrupted %d, acknowledged %d and %d", consumer.Count(EventCancelled), consumer.Count(EventInterrupted),
				len(first.acked), len(second.acked))
		}
	})
}
