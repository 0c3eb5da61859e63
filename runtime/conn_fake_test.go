package runtime

import (
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// peerOf starts a peer that answers as config says. It ends after the test's connections.
func peerOf(t *testing.T, config nullbroker.Config) *nullbroker.Server {
	t.Helper()
	server, err := nullbroker.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// connectTo returns a supervisor that is connected to a peer, and its connection.
func connectTo(t *testing.T, server *nullbroker.Server, b Broker) (*connSupervisor, *conn) {
	t.Helper()
	b.URL = server.URL()
	b = b.withDefaults()
	supervisor := newConnSupervisor(&b, "test", newHosts(&b))
	t.Cleanup(func() { _ = supervisor.close(t.Context()) }) // the test's context has ended: it does not wait for requests without an answer
	conn, err := supervisor.up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return supervisor, conn
}
