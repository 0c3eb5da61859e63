package faults_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// playTLSHosts has two TLS hosts with different names and stops one after the other: each
// connection must ask for the name of the host that it goes to.
func playTLSHosts(t *testing.T, x *experiment) {
	authority := newAuthority(t)
	target, err := url.Parse(x.hosts[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	hosts := []*terminator{
		terminate(t, authority.issue(t, x509.Certificate{DNSNames: []string{"localhost"}}), target.Host),
		terminate(t, authority.issue(t, x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}), target.Host),
	}
	x.countGoroutines() // those of the hosts end with the test
	x.configure = func(b *runtime.Broker) {
		u, _ := url.Parse(b.URL)
		u.Scheme = "amqps"
		b.URL = ""
		for i, name := range []string{"localhost", "127.0.0.1"} {
			u.Host = net.JoinHostPort(name, hosts[i].port())
			b.URLs = append(b.URLs, u.String())
		}
		b.TLS = func() (*tls.Config, error) {
			return &tls.Config{RootCAs: authority.pool, MinVersion: tls.VersionTLS12}, nil
		}
	}
	x.start(t)
	for _, host := range hosts {
		x.flow(t, warmUp)
		host.down(true)
		x.flow(t, warmUp)
		host.down(false)
	}
}

// An authority issues certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t), pool: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.certificate)
	return a
}

// issue returns a server certificate with the names of template.
func (a *authority) issue(t *testing.T, template x509.Certificate) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template.SerialNumber, template.NotAfter = big.NewInt(2), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, &template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A terminator accepts TLS connections and forwards their content to target.
type terminator struct {
	listener net.Listener
	target   string

	mu     sync.Mutex
	isDown bool
	open   map[net.Conn]struct{}
}

func terminate(t *testing.T, certificate tls.Certificate, target string) *terminator {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	s := &terminator{listener: listener, target: target, open: map[net.Conn]struct{}{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.down(true)
		serving.Wait()
	})
	return s
}

func (s *terminator) port() string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	return port
}

// down closes all connections, and new ones while it is on.
func (s *terminator) down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isDown = down
	if down {
		for conn := range s.open {
			_ = conn.Close()
		}
	}
}

func (s *terminator) serve(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	s.open[conn] = struct{}{}
	down := s.isDown
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, conn)
	}()
	if down {
		return
	}
	broker, err := net.Dial("tcp", s.target)
	if err != nil {
		return
	}
	defer broker.Close()
	var copying sync.WaitGroup
	copying.Go(func() {
		_, _ = io.Copy(broker, conn)
		_ = broker.Close()
	})
	_, _ = io.Copy(conn, broker)
	_ = conn.Close()
	copying.Wait()
}
