package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// TestConnectionConfig checks that each dial gets its own configuration, and that the client
// library's recovery, which acknowledges deliveries of a lost channel on the next one, is off.
func TestConnectionConfig(t *testing.T) {
	calls := 0
	b := Broker{Auth: func(context.Context) (Authentication, error) {
		calls++
		return PlainAuth("u", ""), nil
	}}.withDefaults()
	uri, err := amqp.ParseURI("amqp://h/v")
	if err != nil {
		t.Fatal(err)
	}
	first, err := connectionConfig(t.Context(), &b, "n", uri)
	if err != nil {
		t.Fatal(err)
	}
	if first.Recovery != nil {
		t.Error("the client library's recovery is on")
	}
	if first.Properties["connection_name"] != "n" || first.Vhost != "v" {
		t.Errorf("got %+v", first)
	}
	first.Properties["capabilities"] = "written by the library"
	second, err := connectionConfig(t.Context(), &b, "n", uri)
	if err != nil {
		t.Fatal(err)
	}
	if second.Properties["capabilities"] != nil || first.SASL[0] == second.SASL[0] || calls != 2 {
		t.Error("two dials share what the library writes to")
	}
}

func TestTLSConfigIsOnesOwn(t *testing.T) {
	shared := &tls.Config{MinVersion: tls.VersionTLS13}
	b := Broker{TLS: func() (*tls.Config, error) { return shared, nil }}
	for _, host := range []string{"one", "two"} {
		got, err := b.tlsConfig(host)
		if err != nil || got.ServerName != host || got.MinVersion != tls.VersionTLS13 {
			t.Errorf("%s: got %+v, %v", host, got, err)
		}
	}
	if shared.ServerName != "" {
		t.Error("the program's configuration was written to")
	}
	b.TLS = nil
	if got, err := b.tlsConfig("h"); err != nil || got.MinVersion != tls.VersionTLS12 {
		t.Errorf("got %+v, %v", got, err)
	}
	b.TLS = func() (*tls.Config, error) { return nil, errors.New("no certificate") }
	if _, err := b.tlsConfig("h"); err == nil || err.Error() != "prepare TLS: no certificate" {
		t.Errorf("got %v", err)
	}
}

// TestCallbacksThatReturnNothing checks that a nil TLS configuration means the default one, and
// that nil credentials are an error: otherwise the program would end on the connection's goroutine.
func TestCallbacksThatReturnNothing(t *testing.T) {
	var config *tls.Config
	var credentials Authentication
	b := Broker{
		TLS:  func() (*tls.Config, error) { return config, nil },
		Auth: func(context.Context) (Authentication, error) { return credentials, nil },
	}.withDefaults()
	if got, err := b.tlsConfig("h"); err != nil || got.MinVersion != tls.VersionTLS12 || got.ServerName != "h" {
		t.Errorf("TLS: got %+v, %v", got, err)
	}
	if _, err := connectionConfig(t.Context(), &b, "n", amqp.URI{}); errorText(err) != "authenticate: Broker.Auth returned nothing" {
		t.Errorf("Auth: got %v", err)
	}
}

// TestMeaninglessBackoff checks that a backoff that makes no sense is a mistake in the Broker:
// otherwise the program would end on the connection's goroutine.
func TestMeaninglessBackoff(t *testing.T) {
	for _, backoff := range []Backoff{{Factor: -1}, {Factor: 0.5}, {Min: time.Minute, Max: time.Second}} {
		connection := DedicatedConnection(Broker{URL: "amqp://127.0.0.1:1/", Backoff: backoff})
		_, err := NewProducer(t.Context(), DedicatedChannel(connection), nil)
		if problem, wrong := errors.AsType[brokerConfigError](err); !wrong || !strings.Contains(problem.Error(), "backoff: ") {
			t.Errorf("%+v: got %v", backoff, err)
		}
		if err := connection.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
