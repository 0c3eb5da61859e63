package runtime_test

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestConnectionOnNode needs a node of its own, with alarms and a port for TLS.
func TestConnectionOnNode(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a node of its own; run without -short")
	}
	node := rabbittest.Start(t)
	t.Run("the wrong port", func(t *testing.T) { testWrongPort(t, node) })
	t.Run("close during an alarm", func(t *testing.T) { testCloseDuringAlarm(t, node) })
}

// testCloseDuringAlarm closes a connection whose broker reads nothing: Close gives up and says so,
// and the other network connection, for consumers, is closed as usual.
func testCloseDuringAlarm(t *testing.T, node *rabbittest.Node) {
	events := &recorder{}
	conn := runtime.DedicatedConnection(runtime.Broker{
		URL: node.NewVirtualHost(t).URL, Name: "orders", DialTimeout: time.Second, Observer: events,
	})
	source := runtime.DedicatedChannel(conn)
	producer := produce(t, source, queue("q"))
	if _, err := source.ConsumerChannel(testContext(t), runtime.ConsumerRequest{}); err != nil {
		t.Fatal(err)
	}
	node.Alarm(t, true)
	defer node.Alarm(t, false)
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	eventually(t, "the connection is blocked", func() bool { return count[runtime.ConnectionBlockedEvent](events) == 1 })
	err := conn.Close(testContext(t))
	const want = `close connection "orders producer": gave up after 1s: the broker blocks publishers and has not read all that was written`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := conn.Close(testContext(t)); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, err := pending.Wait(t.Context()); !runtime.MayHaveBeenDelivered(err) {
		t.Errorf("the publish ended with %v", err)
	}
}

// testWrongPort uses TLS on a port without it, and the other way round.
func testWrongPort(t *testing.T, node *rabbittest.Node) {
	plain, err := url.Parse(node.NewVirtualHost(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	secure := *plain
	secure.Host = listenForTLS(t, node)
	tests := []struct {
		scheme string
		url    url.URL
		want   string
	}{
		{"amqps", *plain, "the peer speaks AMQP without TLS"},
		{"amqp", secure, "the peer speaks TLS"},
		{"amqps", secure, "certificate signed by unknown authority"},
	}
	for _, test := range tests {
		test.url.Scheme = test.scheme
		failed := make(failures, 100)
		conn := runtime.DedicatedConnection(runtime.Broker{URL: test.url.String(), Observer: failed})
		_, _ = runtime.DedicatedChannel(conn).ProducerChannel(briefly(t), runtime.ProducerRequest{})
		if err := <-failed; !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", &test.url, err, test.want)
		}
		if err := conn.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	}
}

// listenForTLS makes the node listen for TLS and returns the address.
func listenForTLS(t *testing.T, node *rabbittest.Node) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = free.Close()
	certificate := selfSigned(t)
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	node.Control(t, "eval", fmt.Sprintf(
		`ok = rabbit_networking:start_ssl_listener({"127.0.0.1", %d}, [{cert, base64:decode("%s")}, {key, {'PrivateKeyInfo', base64:decode("%s")}}], 1).`,
		free.Addr().(*net.TCPAddr).Port, base64.StdEncoding.EncodeToString(certificate.Certificate[0]), base64.StdEncoding.EncodeToString(key)))
	return free.Addr().String()
}
