package shop_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// With an amqps:// URL and the file of an authority, the programs speak to the broker by TLS.
func TestTLS(t *testing.T) {
	host := rabbittest.New(t)
	authority := httptest.NewTLSServer(http.NotFoundHandler()) // has a certificate for 127.0.0.1
	defer authority.Close()
	address := terminate(t, authority.TLS.Certificates, hostOf(t, host.URL))
	secure := strings.Replace(strings.Replace(host.URL, "amqp://", "amqps://", 1), hostOf(t, host.URL), address, 1)
	file := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate().Raw})
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}

	p := start(t, "worker", "AMQP_URL="+secure, "AMQP_CA="+file)
	p.waitReady(t)
	p.stop(t)

	p = start(t, "worker", "AMQP_URL="+secure) // the system does not know the authority
	probes := p.address(t, "PROBES")
	waitFor(t, "a reason", func() bool { return strings.Contains(read(t, probes+"/ready"), "certificate") })
	p.stop(t)
}

// terminate listens with TLS, and passes on what it is sent to target.
func terminate(t *testing.T, certificates []tls.Certificate, target string) (address string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // it has been closed
			}
			broker, err := net.Dial("tcp", target)
			if err != nil {
				t.Error(err)
				client.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{client, broker}, {broker, client}} {
				running.Go(func() {
					_, _ = io.Copy(way[0], way[1]) // until either side has ended
					way[0].Close()
					way[1].Close()
				})
			}
		}
	})
	return listener.Addr().String()
}
