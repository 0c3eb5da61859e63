package runtime

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestLockRenewal: RabbitMQ ends a consumer that holds a message for 30 minutes, so the active consumer
// of a stream returns its token for another one before. While none can be published it keeps the one that
// it has; if none comes any more, the session ends.
func TestLockRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel, consumed := newFakeChannel(t), newFakeChannel(t)
		channel.producer = &fakeProducer{answer: func(n int, m *Message, settle func(Settlement)) {
			switch n {
			case 2, 3: // the broker blocks publishers
				settle(Settlement{Outcome: OutcomeNacked})
				return
			case 0, 1, 4:
				channel.deliver(*m)
			}
			settle(Settlement{Outcome: OutcomeAcked})
		}}
		lock := &streamLock{channel: channel, queue: "orders.billing.active"}
		lock.consumption, _ = channel.Consume(t.Context(), ConsumeRequest{Queue: lock.queue})
		channel.deliver(Message{})
		if err := lock.await(t.Context()); err != nil {
			t.Fatal(err)
		}
		finished := make(chan struct{})
		defer close(finished)
		go lock.hold(t.Context(), &session{channel: consumed, done: consumed.done}, &Declarations{}, finished)
		check := func(what string, acknowledged ...uint64) {
			t.Helper()
			time.Sleep(lockRenewal)
			synctest.Wait()
			if got := channel.answered(); !slices.Equal(got, acknowledged) || consumed.isDead() {
				t.Errorf("%s: the tokens %v were returned, want %v; the session has ended: %v", what, got, acknowledged, consumed.isDead())
			}
		}
		check("once", 1)
		check("twice", 1, 2)
		check("while nothing can be published", 1, 2)
		check("still", 1, 2)
		check("again", 1, 2, 3)
		time.Sleep(lockRenewal + confirmTimeout)
		synctest.Wait()
		if !consumed.isDead() {
			t.Error("no token came, and the session goes on")
		}
	})
}
