package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServerBroker(t *testing.T) {
	login := PasswordLogin{User: "u", Password: "p@/:%?#"}
	region := ServerVariable{Name: "region", Default: "eu", Enum: []string{"eu", "us"}}
	with := func(v ServerVariable, value string) []ServerVariable {
		v.Value = value
		return []ServerVariable{v}
	}
	tests := []struct {
		server    Server
		want, err string
	}{
		{server: Server{Host: "h"}, want: "amqp://h"},
		{server: Server{Host: "h:1", TLS: true, VirtualHost: "v"}, want: "amqps://h:1/v"},
		{server: Server{Host: "h", VirtualHost: "/"}, want: "amqp://h"},
		{server: Server{Host: "h", VirtualHost: "a/b %ü"}, want: "amqp://h/a%2Fb%20%25%C3%BC"},
		{server: Server{Host: "h", VirtualHost: "a@b:c?d#e+f"}, want: "amqp://h/a%40b:c%3Fd%23e+f"},
		{server: Server{Host: "h", VirtualHost: "/a"}, want: "amqp://h/%2Fa"},
		{server: Server{Host: "[::1]:5672"}, want: "amqp://[::1]:5672"},
		{server: Server{Host: "{region}.h", Variables: with(region, "")}, want: "amqp://eu.h"},
		{server: Server{Host: "{region}.h", Variables: with(region, "us")}, want: "amqp://us.h"},
		{server: Server{Host: "h", VirtualHost: "{v}", Variables: with(ServerVariable{Name: "v"}, "a/{v}")}, want: "amqp://h/a%2F%7Bv%7D"},
		{server: Server{Host: "{p}h", Variables: with(ServerVariable{Name: "p"}, "")}, want: "amqp://h"},
		{server: Server{Host: "{p}h", Variables: with(ServerVariable{Name: "p", Enum: []string{"", "x."}}, "")}, want: "amqp://h"},
		{server: Server{Host: "{region}.h", Variables: with(region, "mars")}, err: `the variable region is "mars": it must be one of ["eu" "us"]`},
		{server: Server{Host: "{p}", Variables: with(ServerVariable{Name: "p", Required: true}, "")}, err: "the variable p has no value"},
		{server: Server{Host: "{p}", Variables: with(ServerVariable{Name: "p", Required: true, Enum: []string{"a"}}, "")}, err: `the variable p has no value: it must be one of ["a"]`},
		{
			server: Server{Host: "{a}{b}", Variables: []ServerVariable{{Name: "a", Required: true}, {Name: "b", Required: true}}},
			err:    "the variable a has no value\nthe variable b has no value",
		},
		{server: Server{Host: "{p}", Variables: with(ServerVariable{Name: "p"}, "evil.com/x")}, err: `"evil.com/x" is not a host with or without a port`},
		{server: Server{Host: "{p}.h", Variables: with(ServerVariable{Name: "p"}, "evil.com?")}, err: `"evil.com?.h" is not a host with or without a port`},
		{server: Server{Host: "{p}.h", Variables: with(ServerVariable{Name: "p"}, "user@evil")}, err: `"user@evil.h" is not a host with or without a port`},
		{server: Server{Host: "h:{p}", Variables: with(ServerVariable{Name: "p"}, "http")}, err: `the address "h:http" has a host or a port that cannot be parsed`},
		{server: Server{}, err: "has no host"},
		{server: Server{Host: "a,b"}, err: "several hosts"},
	}
	for _, tt := range tests {
		tt.server.Name = "s"
		broker, err := tt.server.Broker(login)
		if tt.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), `runtime: server "s": `) || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%+v: error %v, want %q", tt.server, err, tt.err)
			}
			if !cmp.Equal(broker.URL, "") {
				t.Errorf("%+v: an error, and the URL %s", tt.server, broker.URL)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", tt.server, err)
			continue
		}
		uri, err := parseEndpoint(broker.URL)
		if err != nil {
			t.Errorf("%s: %v", broker.URL, err)
		}
		if uri.Username != login.User || uri.Password != login.Password {
			t.Errorf("%s: logs in as %q with %q", broker.URL, uri.Username, uri.Password)
		}
		scheme, rest, _ := strings.Cut(broker.URL, "://")
		if got := scheme + "://" + rest[strings.Index(rest, "@")+1:]; got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.server, got, tt.want)
		}
		name := tt.server.VirtualHost
		if name == "" {
			name = "/"
		}
		if len(tt.server.Variables) == 0 && uri.Vhost != name {
			t.Errorf("%s: the client reads the virtual host %q, want %q", broker.URL, uri.Vhost, name)
		}
	}
}

func TestLoginErrors(t *testing.T) {
	for _, tt := range []struct {
		login Login
		tls   bool
		want  string
	}{
		{nil, false, "no login"},
		{PasswordLogin{Password: "tops3cret"}, false, "has no User"},
		{PasswordLogin{User: "u"}, false, "has no Password"},
		{TokenLogin(nil), false, "the TokenLogin is nil"},
		{CertificateLogin(nil), true, "the CertificateLogin is nil"},
		{CertificateLogin(func() (*tls.Config, error) { return &tls.Config{}, nil }), false, "needs TLS"},
	} {
		broker, err := Server{Name: "s", Host: "h", TLS: tt.tls}.Broker(tt.login)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "tops3cret") {
			t.Errorf("%T: error %v, want %q", tt.login, err, tt.want)
		}
		if broker.URL != "" {
			t.Errorf("%T: the URL is %s", tt.login, broker.URL)
		}
	}
}

func TestTokenLogin(t *testing.T) {
	calls := 0
	broker, err := Server{Host: "h", VirtualHost: "v"}.Broker(TokenLogin(func(context.Context) (string, error) {
		calls++
		return []string{"", "first", "second"}[calls%3], nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if broker.URL != "amqp://h/v" {
		t.Errorf("the URL is %s", broker.URL)
	}
	for _, want := range []string{"first", "second"} {
		auth, err := broker.Auth(t.Context())
		if err != nil || auth.mechanism != "PLAIN" || auth.response != "\x00\x00"+want {
			t.Errorf("%v, %v: want the token %s as the password", auth, err, want)
		}
	}
	if _, err := broker.Auth(t.Context()); err == nil {
		t.Error("an empty token was taken")
	}
	refused := errors.New("refused")
	broker, _ = Server{Host: "h"}.Broker(TokenLogin(func(context.Context) (string, error) { return "", refused }))
	if _, err := broker.Auth(t.Context()); !errors.Is(err, refused) {
		t.Errorf("error %v, want that of the function", err)
	}
}

func TestCertificateLogin(t *testing.T) {
	settings := &tls.Config{}
	broker, err := Server{Host: "h", TLS: true}.Broker(CertificateLogin(func() (*tls.Config, error) { return settings, nil }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broker.TLS(); err == nil {
		t.Error("a configuration without a certificate was taken")
	}
	settings.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &tls.Certificate{}, nil }
	if got, err := broker.TLS(); got != settings || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if auth, err := broker.Auth(t.Context()); err != nil || auth.mechanism != "EXTERNAL" {
		t.Errorf("%v, %v: want EXTERNAL", auth, err)
	}
}

func TestPasswordLoginPrintsNoPassword(t *testing.T) {
	login := PasswordLogin{User: "u", Password: "tops3cret"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, value := range []any{login, &login, []any{login}} {
			if got := fmt.Sprintf(format, value); strings.Contains(got, "tops3cret") || strings.Contains(got, "746f707333637265") {
				t.Errorf("%s prints %s", format, got)
			}
		}
	}
}
