package runtime_test

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// RabbitMQ's plug-ins accept the logins that are no passwords.
func TestLoginsOnNode(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a RabbitMQ node: run without -short")
	}
	node := rabbittest.Start(t)
	node.Control(t, "eval", `{ok, F} = application:get_env(rabbit, enabled_plugins_file),
		ok = file:write_file(F, "[rabbitmq_management,rabbitmq_auth_backend_oauth2,rabbitmq_auth_mechanism_ssl]."),
		{ok, _, _} = rabbit_plugins:ensure(F).`)
	t.Run("token", func(t *testing.T) { testTokenLogin(t, node) })
	t.Run("certificate", func(t *testing.T) { testCertificateLogin(t, node) })
}

func testTokenLogin(t *testing.T, node *rabbittest.Node) {
	key := []byte("a key that only this test has, and the broker")
	node.Control(t, "eval", fmt.Sprintf(`
		application:set_env(rabbitmq_auth_backend_oauth2, resource_server_id, <<"shop">>),
		application:set_env(rabbitmq_auth_backend_oauth2, key_config, [{default_key, <<"k">>}, {signing_keys,
			#{<<"k">> => {map, #{<<"kty">> => <<"oct">>, <<"alg">> => <<"HS256">>, <<"k">> => <<"%s">>}}}}]),
		application:set_env(rabbit, auth_backends, [rabbit_auth_backend_internal, rabbit_auth_backend_oauth2]).`,
		base64.RawURLEncoding.EncodeToString(key)))
	host := node.NewVirtualHost(t)
	expires := time.Now().Add(time.Hour)
	login := runtime.TokenLogin(func(context.Context) (string, error) { return token(t, key, expires), nil })
	publishVia(t, host, serverOf(t, host.URL), login)

	expires = time.Now().Add(-time.Hour)
	broker, err := serverOf(t, host.URL).Broker(login)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(failures, 100)
	broker.Observer = failed
	conn := runtime.DedicatedConnection(broker)
	_, _ = runtime.DedicatedChannel(conn).ProducerChannel(briefly(t), runtime.ProducerRequest{})
	if err := <-failed; !strings.Contains(err.Error(), "ACCESS_REFUSED") {
		t.Errorf("an expired token: %v", err)
	}
	if err := conn.Close(testContext(t)); err != nil {
		t.Error(err)
	}
}

// token returns a JSON Web Token that allows everything in every virtual host.
func token(t *testing.T, key []byte, expires time.Time) string {
	t.Helper()
	part := func(v map[string]any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]any{"alg": "HS256", "typ": "JWT", "kid": "k"}) + "." + part(map[string]any{
		"sub": "shop", "aud": "shop", "exp": expires.Unix(), "scope": []string{"shop.configure:*/*", "shop.write:*/*", "shop.read:*/*"},
	})
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func testCertificateLogin(t *testing.T, node *rabbittest.Node) {
	node.Control(t, "eval", `application:set_env(rabbit, auth_mechanisms, ['PLAIN', 'EXTERNAL']),
		application:set_env(rabbit, ssl_options, [{verify, verify_peer}, {fail_if_no_peer_cert, true}]).`) // the plug-in asks for these
	ca := newAuthority(t)
	host := node.NewVirtualHost(t)
	host.AddUser(t, "CN=shop", "another way in")
	server := serverOf(t, host.URL)
	server.TLS, server.Host = true, ca.listen(t, node)
	authorities, certificate, key := writePEM(t, ca, ca.issue(t, "shop"))
	login := runtime.CertificateLogin(runtime.TLSFiles(authorities, certificate, key))
	publishVia(t, host, server, login)

	// Another authority is not trusted, until its file is replaced.
	others, _, _ := writePEM(t, newAuthority(t), ca.issue(t, "shop"))
	broker, err := server.Broker(login)
	if err != nil {
		t.Fatal(err)
	}
	broker.TLS, broker.Lazy, broker.Observer = runtime.TLSFiles(others, certificate, key), true, runtime.NoObserver
	broker.Backoff = runtime.Backoff{Min: 10 * time.Millisecond, Max: 20 * time.Millisecond}
	connection := runtime.DedicatedConnection(broker)
	produce(t, runtime.DedicatedChannel(connection), nil)
	unhealthy(t, connection, "certificate signed by unknown authority")
	replace(t, others, authorities)
	eventually(t, "the authority is known", func() bool { return connection.Healthy() == nil })
	if err := connection.Close(testContext(t)); err != nil {
		t.Error(err)
	}
}

// writePEM writes the certificate of an authority, and that of a client with its key, to files.
func writePEM(t *testing.T, ca authority, client tls.Certificate) (authorities, certificate, key string) {
	t.Helper()
	secret, err := x509.MarshalPKCS8PrivateKey(client.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	return write("ca.pem", "CERTIFICATE", ca.certificate.Raw),
		write("client.pem", "CERTIFICATE", client.Certificate[0]), write("client.key", "PRIVATE KEY", secret)
}

// replace gives a file the contents of another, at once.
func replace(t *testing.T, name, other string) {
	t.Helper()
	text, err := os.ReadFile(other)
	if err == nil {
		err = os.WriteFile(name+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// An authority signs the certificates of a test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	certificate, key := sign(t, template, template, nil)
	return authority{certificate, key}
}

// issue returns a certificate of a name, for 127.0.0.1.
func (a authority) issue(t *testing.T, name string) tls.Certificate {
	t.Helper()
	certificate, key := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.certificate, a.key)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}
}

// sign makes a certificate with a new key. If signer is nil, the certificate is signed with that.
func sign(t *testing.T, template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), cmp.Or(signer, key))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// listen makes the node listen for TLS clients with a certificate of the authority, and returns the
// address.
func (a authority) listen(t *testing.T, node *rabbittest.Node) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = free.Close()
	own := a.issue(t, "broker")
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	node.Control(t, "eval", fmt.Sprintf(`ok = rabbit_networking:start_ssl_listener({"127.0.0.1", %d}, [
		{cert, base64:decode("%s")}, {key, {'PrivateKeyInfo', base64:decode("%s")}}, {cacerts, [base64:decode("%s")]},
		{verify, verify_peer}, {fail_if_no_peer_cert, true}], 1).`,
		free.Addr().(*net.TCPAddr).Port, encode(own.Certificate[0]), encode(key), encode(a.certificate.Raw)))
	return free.Addr().String()
}

// serverOf returns the server and the virtual host of a URL, without its login.
func serverOf(t *testing.T, address string) runtime.Server {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return runtime.Server{Name: "test", Host: parsed.Host, VirtualHost: strings.TrimPrefix(parsed.Path, "/")}
}

// publishVia publishes a message with a login, to a queue of the virtual host.
func publishVia(t *testing.T, host *rabbittest.VirtualHost, server runtime.Server, login runtime.Login) {
	t.Helper()
	broker, err := server.Broker(login)
	if err != nil {
		t.Fatal(err)
	}
	conn := runtime.DedicatedConnection(broker)
	defer func() {
		if err := conn.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	}()
	queue := runtime.Queue{Name: "q", Durable: true}
	producer, err := runtime.NewProducer(testContext(t), runtime.DedicatedChannel(conn), &runtime.Declarations{Queues: []runtime.Queue{queue}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
		t.Fatal(err)
	}
	host.WaitMessages(t, "q", 1)
	if err := producer.Close(testContext(t)); err != nil {
		t.Error(err)
	}
}
