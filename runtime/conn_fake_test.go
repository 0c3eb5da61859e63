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

// linkTo returns a line to a peer, and its link.
func connectTo(t *testing.T, server *nullbroker.Server, b Broker) (*connSupervisor, *conn) {
	t.Helper()
	b.URL = server.URL()
	b = b.withDefaults()
	supervisor := newConnSupervisor(&b, "test")
	t.Cleanup(func() { _ = supervisor.close(t.Context()) }) // which has ended: what is not answered is not waited for
	conn, err := supervisor.up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return supervisor, conn
}
