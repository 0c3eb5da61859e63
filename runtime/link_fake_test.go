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
func linkTo(t *testing.T, server *nullbroker.Server, b Broker) (*line, *link) {
	t.Helper()
	b.URL = server.URL()
	b = b.withDefaults()
	line := newLine(&b, "test")
	t.Cleanup(func() { _ = line.close(t.Context()) }) // which has ended: what is not answered is not waited for
	link, err := line.up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return line, link
}
