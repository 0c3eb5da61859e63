package servers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/generator/plan/servers"
	"github.com/scampgen/scampgen/runtime"
)

// build plans the servers of a contract. said are the warnings and mistakes, then the notes.
func build(t *testing.T, version, content string) (planned []servers.Server, said string) {
	t.Helper()
	t.Chdir(t.TempDir())
	contract := "asyncapi: " + version + "\ninfo: {title: t, version: '1'}\n" + content
	if version[0] == '2' && !strings.Contains(content, "channels:") {
		contract += "\nchannels: {}\n"
	}
	if err := os.WriteFile(filepath.Clean("c.yaml"), []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, problems := asyncapi.Load("c.yaml", source.Options{})
	if problems.Fatal() {
		t.Fatalf("%s\n%s", problems, contract)
	}
	found := new(report.Report)
	planned = servers.Build(doc, names.Package{Name: "servers"}, names.NewNamer(nil), found)
	var lines []string
	for _, p := range found.Problems() {
		lines = append(lines, p.String())
	}
	for _, n := range found.Notes() {
		lines = append(lines, "note: "+n.String())
	}
	return planned, strings.Join(lines, "\n")
}

// Addresses as contracts write them, and what becomes of them.
func TestAddresses(t *testing.T) {
	const user = "c.yaml:3:20: /servers/s/url: warning: the user and password in the address do not become code: " +
		"a program passes them to the server's function; take them out of the contract, and describe the login in the server's security"
	tests := []struct {
		version, server string
		want            runtime.Server
		said            string // contains
		none            bool   // no function
	}{
		{version: "2.6.0", server: "{url: 'rabbitmq.example.org', protocol: amqp}", want: runtime.Server{Host: "rabbitmq.example.org"}},
		{version: "2.6.0", server: "{url: 'amqp://rabbitmq:5672/event_source', protocol: amqp}", want: runtime.Server{Host: "rabbitmq:5672", VirtualHost: "event_source"}},
		{version: "2.6.0", server: "{url: 'goose.rmq2.cloudamqp.com/hohmawct', protocol: amqps}", want: runtime.Server{TLS: true, Host: "goose.rmq2.cloudamqp.com", VirtualHost: "hohmawct"}},
		{version: "2.6.0", server: "{url: 'guest:guest@localhost:5672', protocol: AMQP}", want: runtime.Server{Host: "localhost:5672"}, said: user},
		{version: "2.6.0", server: "{url: 'amqp://guest:tops3cret@h/', protocol: amqp}", want: runtime.Server{Host: "h"}, said: user},
		{version: "2.6.0", server: "{url: 'amqp://h/', protocol: amqp}", want: runtime.Server{Host: "h"}, said: "note: c.yaml:3:20: /servers/s/url: the path / is read as the default virtual host"},
		{version: "2.6.0", server: "{url: 'amqp://h/%2F', protocol: amqp}", want: runtime.Server{Host: "h", VirtualHost: "/"}},
		{version: "2.6.0", server: "{url: 'amqp://h//', protocol: amqp}", want: runtime.Server{Host: "h", VirtualHost: "/"}},
		{version: "2.6.0", server: "{url: 'amqp://h/a%2Fb', protocol: amqp}", want: runtime.Server{Host: "h", VirtualHost: "a/b"}},
		{version: "2.6.0", server: "{url: 'amqp://h?heartbeat=1', protocol: amqp}", want: runtime.Server{Host: "h"}, said: "the query and fragment of the address are ignored"},
		{version: "2.6.0", server: "{url: 'http://h', protocol: amqp}", want: runtime.Server{Host: "h"}, said: "begins with http:// and the protocol is amqp: connections are made without TLS"},
		{version: "2.6.0", server: "{url: 'amqps://h', protocol: amqp}", want: runtime.Server{TLS: true, Host: "h"}, said: "begins with amqps:// and the protocol is amqp: connections are made with TLS"},
		{version: "2.6.0", server: "{url: 'amqp://h', protocol: amqps}", want: runtime.Server{TLS: true, Host: "h"}, said: "connections are made with TLS"},
		{version: "2.6.0", server: "{url: 'h', protocol: amqp, protocolVersion: '1.0'}", want: runtime.Server{Host: "h"}, said: "clients speak AMQP 0-9-1"},
		{version: "2.6.0", server: "{url: 'amqp://u:12/tops3cret@h/v', protocol: amqp}", said: "has an @ after the host, or a user or password that ends early", none: true},
		{version: "2.6.0", server: "{url: 'amqp://u:to?tops3cret@h/v', protocol: amqp}", said: "has an @ after the host", none: true},
		{version: "2.6.0", server: "{url: 'amqp://u:to#tops3cret@h/v', protocol: amqp}", said: "has an @ after the host", none: true},
		{version: "2.6.0", server: "{url: 'amqp://u:t@tops3cret@h/v', protocol: amqp}", want: runtime.Server{Host: "h", VirtualHost: "v"}, said: user},
		{version: "3.0.0", server: "{host: h, pathname: /a@b, protocol: amqp}", want: runtime.Server{Host: "h", VirtualHost: "a@b"}},
		{version: "3.0.0", server: "{host: 'h:1', pathname: /a/b, protocol: amqp}", want: runtime.Server{Host: "h:1", VirtualHost: "a/b"}},
		{version: "3.0.0", server: "{host: 'h:1', pathname: a, protocol: amqp}", want: runtime.Server{Host: "h:1", VirtualHost: "a"}},
		{version: "3.0.0", server: "{host: 'amqp://h/a', protocol: amqp}", want: runtime.Server{Host: "h", VirtualHost: "a"}},
		{version: "3.0.0", server: "{host: h, protocol: amqp, bindings: {amqp: {vhost: a/b}}}", want: runtime.Server{Host: "h", VirtualHost: "a/b"}},
		{version: "3.0.0", server: "{host: '{{ RABBITMQ_HOST }}', protocol: amqp}", said: `no function connects to server "s": "{{ RABBITMQ_HOST }}" is no host with or without a port, whatever the variables are; write`, none: true},
		{version: "3.0.0", server: "{host: 'a,b', protocol: amqp}", said: "several hosts", none: true},
		{version: "3.0.0", server: "{host: '', protocol: amqp}", said: "has no host", none: true},
		{
			version: "3.0.0", server: "{host: '{h}', protocol: amqp, variables: {x: {default: a}}}",
			want: runtime.Server{Host: "{h}", Variables: []runtime.ServerVariable{{Name: "h", Required: true}}},
			said: `c.yaml:3:56: /servers/s/variables/x: warning: the variable "x" is neither in the host nor in the pathname; take it out, or write {x} where it belongs`,
		},
		{
			version: "3.0.0", server: "{host: '{h}', protocol: amqp, variables: {h: {enum: [a, b], default: c}}}",
			want: runtime.Server{Host: "{h}", Variables: []runtime.ServerVariable{{Name: "h", Enum: []string{"a", "b"}, Required: true}}},
			said: `the default "c" is not in the enum: the variable has none; add it to the enum`,
		},
		{
			version: "3.0.0", server: "{host: h, pathname: '/{v}', protocol: amqp, variables: {v: {default: ''}}}",
			want: runtime.Server{Host: "h", VirtualHost: "{v}", Variables: []runtime.ServerVariable{{Name: "v"}}},
		},
		{version: "3.0.0", server: "{host: h, protocol: mqtt}", said: `note: c.yaml:3:11: /servers/s: server "s" speaks mqtt: no function connects to it`, none: true},
	}
	for _, tt := range tests {
		planned, said := build(t, tt.version, "servers: {s: "+tt.server+"}")
		if tt.said == "" && said != "" || !strings.Contains(said, tt.said) {
			t.Errorf("%s: got the problems\n%s\nwant\n%s", tt.server, said, tt.said)
		}
		if strings.Contains(said, "tops3cret") {
			t.Errorf("%s: the password is in\n%s", tt.server, said)
		}
		if len(planned) == 0 && tt.none {
			continue
		}
		if len(planned) != 1 {
			t.Errorf("%s: got %d functions", tt.server, len(planned))
			continue
		}
		tt.want.Name = "s"
		if diff := cmp.Diff(tt.want, planned[0].Address); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.server, diff)
		}
	}
}

func TestLogins(t *testing.T) {
	tests := []struct {
		security string
		want     servers.Login
		said     string
	}{
		{"[]", servers.PasswordLogin, ""},
		{"[{type: userPassword}]", servers.PasswordLogin, ""},
		{"[{type: plain}, {type: userPassword}]", servers.PasswordLogin, ""},
		{"[{type: http, scheme: basic}]", servers.PasswordLogin, ""},
		{"[{type: http, scheme: Bearer}]", servers.TokenLogin, ""},
		{"[{type: oauth2, flows: {}}]", servers.TokenLogin, ""},
		{"[{type: openIdConnect, openIdConnectUrl: 'https://example.com'}]", servers.TokenLogin, ""},
		{"[{type: X509}]", servers.CertificateLogin, ""},
		{"[{type: X509}, {type: plain}]", servers.AnyLogin, ""},
		{"[{type: scramSha256}, {type: plain}]", servers.PasswordLogin, "RabbitMQ has no login by scramSha256; write userPassword, X509 or oauth2, whichever the broker has"},
		{"[{type: scramSha512}]", servers.AnyLogin, "RabbitMQ has no login by scramSha512"},
		{"[{type: gssapi}]", servers.AnyLogin, "RabbitMQ has no login by gssapi"},
		{"[{type: http, scheme: digest}]", servers.AnyLogin, "RabbitMQ has no login by http digest"},
		{"[{type: apiKey, in: password}]", servers.AnyLogin, "RabbitMQ has no login by apiKey; where the key is sent as a password, write userPassword"},
		{"[{type: httpApiKey, name: k, in: header}]", servers.AnyLogin, "RabbitMQ has no login by httpApiKey"},
		{"[{type: symmetricEncryption}]", servers.AnyLogin, "encrypted content is an option of producers and consumers"},
	}
	for _, tt := range tests {
		planned, said := build(t, "3.0.0", "servers: {s: {host: h, protocol: amqps, security: "+tt.security+"}}")
		if len(planned) != 1 || planned[0].Login != tt.want {
			t.Errorf("%s: got %+v, want %s", tt.security, planned, tt.want)
		}
		if tt.said == "" && said != "" || !strings.Contains(said, tt.said) {
			t.Errorf("%s: got the problems\n%s\nwant\n%s", tt.security, said, tt.said)
		}
	}
	planned, said := build(t, "3.0.0", "servers: {s: {host: h, protocol: amqp, security: [{type: X509}]}}")
	if len(planned) != 1 || planned[0].Login != servers.AnyLogin || !strings.Contains(said, "a login by a certificate needs TLS, which the protocol amqp does not have; write amqps") {
		t.Errorf("X509 without TLS: got %+v\n%s", planned, said)
	}
}

// In 2.x schemes are named, and all of one item are needed together.
func TestLogins2(t *testing.T) {
	const schemes = "\ncomponents: {securitySchemes: {user: {type: userPassword}, cert: {type: X509}, token: {type: oauth2, flows: {}}}}\n"
	for _, tt := range []struct {
		security string
		want     servers.Login
		said     string
	}{
		{"[{user: []}]", servers.PasswordLogin, ""},
		{"[{token: []}]", servers.TokenLogin, ""},
		{"[{user: []}, {cert: []}]", servers.AnyLogin, ""},
		{"[{user: [], cert: []}]", servers.PasswordLogin, "c.yaml:3:52: /servers/s/security/0/user: warning: both a certificate and another login are wanted"},
		{"[{user: [], token: []}]", servers.AnyLogin, "several logins are wanted together, and RabbitMQ takes one"},
	} {
		planned, said := build(t, "2.6.0", "servers: {s: {url: h, protocol: amqps, security: "+tt.security+"}}"+schemes)
		if len(planned) != 1 || planned[0].Login != tt.want {
			t.Errorf("%s: got %+v, want %s", tt.security, planned, tt.want)
		}
		if tt.said == "" && said != "" || !strings.Contains(said, tt.said) {
			t.Errorf("%s: got the problems\n%s\nwant\n%s", tt.security, said, tt.said)
		}
	}
}

func TestNames(t *testing.T) {
	_, said := build(t, "3.0.0", `servers:
  '1': {host: h, protocol: amqp}
  a-b: {host: h, protocol: amqp}
  a_b: {host: h, protocol: amqp}
  v: {host: '{x}{y}', protocol: amqp, variables: {x: {enum: ['€'], default: '€'}, y: {x-go-name: X, enum: [a, A], default: a}}}
  vVariables: {host: h, protocol: amqp}
operations:
  o: {action: send, channel: {$ref: '#/channels/c'}, security: [{type: plain}]}
channels: {c: {}}
`)
	for _, want := range []string{
		`c.yaml:4:3: /servers/1: "1" cannot be made a Go name; set x-go-name on the server, or servers: false in scampgen.yaml`,
		`server "a_b" and server "a-b" at c.yaml:5:3 have conflicting Go name AB in package servers`,
		`value "€" cannot be made a Go name; name the values with x-enum-varnames`,
		`variable "y" and variable "x" at c.yaml:7:3 have conflicting Go name X in struct VVariables`,
		`conflicting Go name X in struct VVariables; set x-go-name on one of them, or leave the package out with servers: false in scampgen.yaml`,
		`server "vVariables" and server "v" at c.yaml:7:3 have conflicting Go name VVariables in package servers`,
		`note: c.yaml:10:3: /operations/o: operation "o" has security of its own, for which nothing is generated`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("missing: %s\nin\n%s", want, said)
		}
	}
}
