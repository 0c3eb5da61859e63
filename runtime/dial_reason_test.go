package runtime_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// TestOtherProtocols connects to peers that speak another protocol than the URL says. Each error
// names the protocol, and what to do about it.
func TestOtherProtocols(t *testing.T) {
	tests := []struct {
		name, scheme, address string
		want                  []string
	}{
		{"TLS where AMQP is expected", "amqp", says(t, "\x15\x03\x03\x00\x02\x02\x46"), []string{"the peer speaks TLS", "amqps://"}},
		{"AMQP where TLS is expected", "amqps", says(t, "AMQP\x00\x00\x09\x01"), []string{"the peer speaks AMQP without TLS", "amqp://"}},
		{"AMQP 1.0", "amqp", says(t, "AMQP\x00\x01\x00\x00"), []string{"AMQP 1.0 and not AMQP 0-9-1"}},
		{"AMQP 1.0 with SASL", "amqp", says(t, "AMQP\x03\x01\x00\x00"), []string{"AMQP 1.0 and not AMQP 0-9-1"}},
		{"HTTP", "amqp", says(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), []string{"the peer speaks HTTP", "5672"}},
		{"HTTP where TLS is expected", "amqps", says(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), []string{"the peer speaks HTTP", "5671"}},
		{"SSH", "amqp", says(t, "SSH-2.0-OpenSSH_9.9\r\n"), []string{"does not speak AMQP", "SSH-2.0"}},
		{"SSH where TLS is expected", "amqps", says(t, "SSH-2.0-OpenSSH_9.9\r\n"), []string{"does not speak TLS", "SSH-2"}},
		{"a peer that hangs up", "amqp", says(t, ""), []string{"closed the connection without sending AMQP", "TLS"}},
		{"a peer that hangs up where TLS is expected", "amqps", says(t, ""), []string{"TLS handshake: "}},
		{"a certificate of nobody", "amqps", shows(t, selfSigned(t)), []string{"certificate signed by unknown authority", "Broker.TLS"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			failed := make(failures, 100)
			connect := runtime.DedicatedConnection(runtime.Broker{
				URL: test.scheme + "://guest:guest@" + test.address, Observer: failed, Backoff: runtime.Backoff{Min: time.Minute, Max: time.Minute},
			})
			_, err := runtime.DedicatedChannel(connect).ProducerChannel(briefly(t), runtime.ProducerRequest{})
			if err == nil {
				t.Fatal("connected")
			}
			err = <-failed
			for _, want := range append(test.want, test.address) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if err := connect.Close(testContext(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// says returns the address of a peer that answers the first bytes of each connection with text and
// closes it.
func says(t *testing.T, text string) string {
	return serve(t, func(client net.Conn) {
		if _, err := client.Read(make([]byte, 1024)); err == nil {
			_, _ = io.WriteString(client, text)
		}
	})
}

// shows returns the address of a peer that accepts TLS connections with certificate and closes
// them.
func shows(t *testing.T, certificate tls.Certificate) string {
	return serve(t, func(client net.Conn) {
		secure := tls.Server(client, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
		_ = secure.HandshakeContext(t.Context())
	})
}

// serve returns the address of a listener. talk serves each connection, which is then closed.
func serve(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer client.Close()
				talk(client)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// selfSigned returns a certificate for 127.0.0.1 that no authority has signed.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
