package runtime

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestIsolationRemembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := DedicatedConnection(Broker{RefusedDelay: time.Minute}).isolation
		bad := &Message{Exchange: "missing", RoutingKey: "k"}
		good := &Message{Exchange: "x", RoutingKey: "k", UserID: "u"}
		wants := func(m *Message) bool { return i.wants(t.Context(), m) }
		i.suspect(trait{kind: sameExchange, to: address{exchange: "missing"}})
		if !wants(bad) || wants(good) {
			t.Error("not exactly what was refused is suspected")
		}
		time.Sleep(30 * time.Second)
		i.suspect(trait{kind: sameAddress, to: addressOf(bad)})
		i.suspect(trait{kind: sameUserID, userID: "u"})
		time.Sleep(45 * time.Second)
		if !wants(bad) {
			t.Error("a young suspicion has ended with an old one")
		}
		i.trust(bad)
		if wants(bad) || !wants(good) {
			t.Error("not exactly what was taken is trusted")
		}
		time.Sleep(time.Minute)
		if wants(good) {
			t.Error("a suspicion does not end")
		}
		for n := range 2 * maxTraits {
			i.suspect(trait{kind: sameExchange, to: address{exchange: string(rune('a' + n))}})
		}
		if n := len(*i.traits.Load()); n != maxTraits {
			t.Errorf("%d traits are remembered, want %d", n, maxTraits)
		}
	})
}

// TestIsolationCutOff suspects a publish while isolation cannot connect. It ends soon, so that its
// source can find another way, and further ones are published where the others are.
func TestIsolationCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := DedicatedConnection(Broker{URL: "amqp://127.0.0.1:1"}).isolation
		line := i.pool.slots[0].line
		line.started = true // and has no link
		alone := &publishContext{caller: t.Context(), alone: true}
		if !i.wants(alone, &Message{}) {
			t.Error("a suspected publish is not isolated")
		}
		begun := time.Now()
		settled := make(chan Settlement, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		i.Publish(ctx, &Message{}, func(s Settlement) { settled <- s })
		if s := <-settled; s.Outcome != NotSent || time.Since(begun) != isolationPatience {
			t.Errorf("settled as %+v after %v", s, time.Since(begun))
		}
		line.failed = errLost
		if i.wants(alone, &Message{}) {
			t.Error("isolation that cannot connect is still wanted")
		}
		line.closing = true
		line.changed.notify()
	})
}
