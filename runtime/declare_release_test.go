package runtime

import (
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// TestClosedProducersLeaveNothing creates and closes producers on one source, each with its own
// declarations: the connections and the pair keep nothing of them.
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
		conn, err := connection.supervisors[producing].up(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(conn.declared.all()); n > 0 {
			t.Errorf("%s still knows %d declarations", conn.name, n)
		}
	}
	if n := len(pair.warmedUp); n > 0 {
		t.Errorf("the pair still knows %d declarations", n)
	}
}
