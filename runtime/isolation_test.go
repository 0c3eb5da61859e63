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
		wants := func(m *Message) bool { return i.applies(t.Context(), m) }
		i.addRule(isolationRule{kind: sameExchange, to: address{exchange: "missing"}})
		if !wants(bad) || wants(good) {
			t.Error("not exactly what was refused is isolated")
		}
		time.Sleep(30 * time.Second)
		i.addRule(isolationRule{kind: sameAddress, to: addressOf(bad)})
		i.addRule(isolationRule{kind: sameUserID, userID: "u"})
		time.Sleep(45 * time.Second)
		if !wants(bad) {
			t.Error("a young suspicion has ended with an old one")
		}
		i.removeRules(bad)
		if wants(bad) || !wants(good) {
			t.Error("not exactly what was taken is trusted")
		}
		time.Sleep(time.Minute)
		if wants(good) {
			t.Error("a suspicion does not end")
		}
		for n := range 2 * maxRules {
			i.addRule(isolationRule{kind: sameExchange, to: address{exchange: string(rune('a' + n))}})
		}
		if n := len(*i.rules.Load()); n != maxRules {
			t.Errorf("%d traits are remembered, want %d", n, maxRules)
		}
	})
}

// TestIsolationUnavailable publishes in isolation while that cannot connect. The publish ends soon,
// so that its source can find another route, and further ones use the usual channel.
func TestIsolationUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := DedicatedConnection(Broker{URL: "amqp://127.0.0.1:1"}).isolation
		supervisor := i.pool.supervisors[0].connSupervisor
		supervisor.started = true // and there is no connection
		alone := &publishContext{caller: t.Context()}
		alone.isolated.Store(true)
		if !i.applies(alone, &Message{}) {
			t.Error("a publish that matches a rule is not isolated")
		}
		start := time.Now()
		settled := make(chan Settlement, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		i.publish(ctx, PublishRequest{Message: &Message{}, Settle: func(s Settlement) { settled <- s }})
		if s := <-settled; s.Outcome != OutcomeNotSent || time.Since(start) != isolationTimeout {
			t.Errorf("settled as %+v after %v", s, time.Since(start))
		}
		supervisor.failed = errLost
		if i.applies(alone, &Message{}) {
			t.Error("isolation that cannot connect is still wanted")
		}
		supervisor.closing = true
		supervisor.changed.notify()
	})
}
