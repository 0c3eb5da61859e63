package runtime

import (
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// TestClosedProducersLeaveNothing makes and closes producers on one source, each with declarations of
// its own: nothing of them stays with the connections or the pair.
func TestClosedProducersLeaveNothing(t *testing.T) {
	connect := func() *Connection {
		connection := DedicatedConnection(Broker{URL: peerOf(t, nullbroker.Config{}).URL()})
		t.Cleanup(func() { _ = connection.Close(t.Context()) })
		return connection
	}
	active, passive := connect(), connect()
	pair := ActivePassive(DedicatedChannel(active), DedicatedChannel(passive), Failover{})
	for range 50 {
		producer, err := NewProducer(t.Context(), pair, queueNamed("orders"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := producer.Publish(t.Context(), &Publication{RoutingKey: "orders"}, "x"); err != nil {
			t.Error(err)
		}
		if err := producer.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for _, connection := range []*Connection{active, passive} {
		link, err := connection.lines[producing].up(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(link.declared.all()); n > 0 {
			t.Errorf("%s still knows %d declarations", link.name, n)
		}
	}
	if n := len(pair.known); n > 0 {
		t.Errorf("the pair still knows %d declarations", n)
	}
}
