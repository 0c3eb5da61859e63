package runtime_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestConnectionMovesHome makes the home of a connection refuse logins and loses the connection. When
// the home accepts logins again, the connection moves back, and nothing is published in vain.
func TestConnectionMovesHome(t *testing.T) {
	var refusing [2]atomic.Bool
	var servers [2]*nullbroker.Server
	for i := range servers {
		servers[i] = peer(t, nullbroker.Config{Refuse: func(int) (uint16, string) {
			if refusing[i].Load() {
				return 403, "ACCESS_REFUSED"
			}
			return 0, ""
		}})
	}
	events := &recorder{}
	conn := runtime.DedicatedConnection(runtime.Broker{
		URLs: []string{servers[0].URL(), servers[1].URL()}, Rebalance: time.Second, Observer: events,
	})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	producer := produce(t, runtime.DedicatedChannel(conn), nil)
	publishUntil := func(what string, is func(address string) bool) {
		t.Helper()
		eventually(t, what, func() bool {
			if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			address := conn.Status().Producing.Address
			return address != "" && is(address)
		})
	}
	home := conn.Status().Producing.Address
	at := 0
	if strings.Contains(servers[1].URL(), home) {
		at = 1
	}
	refusing[at].Store(true)
	servers[at].Cut()
	publishUntil("the other host is used", func(address string) bool { return address != home })
	refusing[at].Store(false)
	publishUntil("the connection moves home", func(address string) bool { return address == home })
	lost := all[runtime.ConnectionLostEvent](events)
	if len(lost) != 2 || !strings.Contains(lost[1].Err.Error(), "home") {
		t.Errorf("lost %v", lost)
	}
}
