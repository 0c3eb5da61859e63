package runtime

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A Server is a RabbitMQ server as a contract describes it. Generated packages have a function for
// each server of their contract, which calls Broker; a program needs neither.
type Server struct {
	// Name is the server's name in the contract, for errors.
	Name string

	// TLS says whether connections use TLS: the protocol amqps.
	TLS bool

	// Host is the host and, after a colon, the port. Without one it is 5672, or 5671 with TLS.
	Host string

	// VirtualHost is the name of the virtual host, not percent-encoded. If empty, it is "/".
	VirtualHost string

	// Variables are the values of the names in braces in Host and VirtualHost.
	Variables []ServerVariable
}

// A ServerVariable is a part of the address of a Server that is known only where a program runs.
type ServerVariable struct {
	Name     string
	Value    string   // empty: Default
	Default  string   // the contract's
	Enum     []string // the values that the contract allows; empty: any
	Required bool     // without a default, and an empty value is none
}

// Broker returns the broker to connect to, with all other fields of it unset. The error names each
// variable without a value and each value that the contract does not allow, or says why the
// address cannot be connected to or the login cannot be used. It contains no password.
func (s Server) Broker(login Login) (Broker, error) {
	broker, err := s.broker(login)
	if err != nil {
		return Broker{}, fmt.Errorf("runtime: server %q: %w", s.Name, err)
	}
	return broker, nil
}

func (s Server) broker(login Login) (broker Broker, err error) {
	host, virtualHost, err := s.address()
	if err != nil {
		return Broker{}, err
	}
	if login == nil {
		return Broker{}, errors.New("no login: pass a PasswordLogin, a TokenLogin or a CertificateLogin")
	}
	if _, isCertificate := login.(CertificateLogin); isCertificate && !s.TLS {
		return Broker{}, errors.New("a CertificateLogin needs TLS, which the protocol amqp does not have")
	}
	address := &url.URL{Scheme: "amqp", Host: host}
	if s.TLS {
		address.Scheme = "amqps"
	}
	if virtualHost != "" && virtualHost != "/" {
		escaped := strings.ReplaceAll(url.PathEscape(virtualHost), "@", "%40") // parseEndpoint refuses an @ here
		address.Path, address.RawPath = "/"+virtualHost, "/"+escaped
	}
	if err := login.apply(&broker, address); err != nil {
		return Broker{}, err
	}
	broker.URL = address.String()
	if _, err := parseEndpoint(broker.URL); err != nil {
		return Broker{}, fmt.Errorf("the address %w", err)
	}
	return broker, nil
}

// address returns the host and the virtual host with the values of the variables.
func (s Server) address() (host, virtualHost string, err error) {
	var replacements []string
	var problems []error
	for _, v := range s.Variables {
		value, err := v.value()
		if err != nil {
			problems = append(problems, err)
		}
		replacements = append(replacements, "{"+v.Name+"}", value)
	}
	if len(problems) > 0 {
		return "", "", errors.Join(problems...)
	}
	replacer := strings.NewReplacer(replacements...)
	host, virtualHost = replacer.Replace(s.Host), replacer.Replace(s.VirtualHost)
	if strings.ContainsAny(host, "/?#@{}") {
		return "", "", fmt.Errorf("%q is not a host with or without a port", host)
	}
	if err := checkURLHost(host); err != nil {
		return "", "", fmt.Errorf("the address %q %w", host, err)
	}
	return host, virtualHost, nil
}

// value returns the value that is used.
func (v ServerVariable) value() (string, error) {
	value := cmp.Or(v.Value, v.Default)
	switch {
	case value == "" && v.Required && len(v.Enum) > 0:
		return "", fmt.Errorf("the variable %s has no value: it must be one of %q", v.Name, v.Enum)
	case value == "" && v.Required:
		return "", fmt.Errorf("the variable %s has no value", v.Name)
	case len(v.Enum) > 0 && !slices.Contains(v.Enum, value):
		return "", fmt.Errorf("the variable %s is %q: it must be one of %q", v.Name, value, v.Enum)
	}
	return value, nil
}

// A Login is how a program proves to a broker who it is: a [PasswordLogin], a [TokenLogin] or a
// [CertificateLogin]. Only types of this package are one.
type Login interface {
	// apply sets what the login needs in b and in its address, which becomes the URL.
	apply(b *Broker, address *url.URL) error
}

// A PasswordLogin is a user and a password, for the mechanism PLAIN. Both are required: RabbitMQ
// refuses empty passwords. Printing one does not show the password.
//
// The password is that of the Broker for good. For one that rotates set Broker.Auth.
type PasswordLogin struct {
	User, Password string
}

func (l PasswordLogin) apply(_ *Broker, address *url.URL) error {
	switch {
	case l.User == "":
		return errors.New("the PasswordLogin has no User")
	case l.Password == "":
		return errors.New("the PasswordLogin has no Password: RabbitMQ refuses empty ones")
	}
	address.User = url.UserPassword(l.User, l.Password)
	return nil
}

// Format prints the login as package fmt does, but with "xxxxx" instead of the password, so that
// logs contain none.
func (l PasswordLogin) Format(state fmt.State, verb rune) {
	type plain PasswordLogin // without this method
	if l.Password != "" {
		l.Password = "xxxxx"
	}
	fmt.Fprintf(state, fmt.FormatString(state, verb), plain(l))
}

// A TokenLogin returns an access token, such as a JSON Web Token of OAuth 2. It is called for each
// connection, and the token is sent as the password, without a user: RabbitMQ's plug-in
// rabbitmq_auth_backend_oauth2 takes the user from the token.
//
// An open connection keeps its token: nothing renews it. What follows when the token has expired
// depends on the broker's version: it lets the connection go on for a while, refuses what is done on
// it, or closes it. The next connection gets a new token. ctx ends when the attempt to connect does.
type TokenLogin func(ctx context.Context) (token string, err error)

func (l TokenLogin) apply(b *Broker, _ *url.URL) error {
	if l == nil {
		return errors.New("the TokenLogin is nil")
	}
	b.Auth = func(ctx context.Context) (Authentication, error) {
		token, err := l(ctx)
		if err != nil {
			return Authentication{}, err
		}
		if token == "" {
			return Authentication{}, errors.New("the TokenLogin returned an empty token")
		}
		return TokenAuth(token), nil
	}
	return nil
}

// A CertificateLogin returns a TLS configuration with a client certificate, in its Certificates or
// by its GetClientCertificate. It is called for each connection, so that certificates can rotate.
// The mechanism is EXTERNAL: RabbitMQ's plug-in rabbitmq_auth_mechanism_ssl takes the user from the
// certificate. It needs a server with TLS.
type CertificateLogin func() (*tls.Config, error)

func (l CertificateLogin) apply(b *Broker, _ *url.URL) error {
	if l == nil {
		return errors.New("the CertificateLogin is nil")
	}
	b.TLS = func() (*tls.Config, error) {
		settings, err := l()
		if err != nil {
			return nil, err
		}
		if settings == nil || len(settings.Certificates) == 0 && settings.GetClientCertificate == nil {
			return nil, errors.New("the CertificateLogin returned no client certificate")
		}
		return settings, nil
	}
	b.Auth = func(context.Context) (Authentication, error) { return ExternalAuth(), nil }
	return nil
}

// An Authentication is how a connection logs in: a mechanism of SASL and what the client sends to
// the broker. Make it with PlainAuth, TokenAuth, ExternalAuth or NewAuthentication; the zero value
// is refused. Printing it shows nothing secret.
type Authentication struct {
	mechanism string
	response  string
}

// PlainAuth logs in with a user and a password.
func PlainAuth(user, password string) Authentication {
	return Authentication{mechanism: "PLAIN", response: "\x00" + user + "\x00" + password}
}

// TokenAuth logs in with an access token of OAuth 2.0, which RabbitMQ with the plugin
// rabbitmq_auth_backend_oauth2 takes as the password; the token says who the user is. Nothing
// renews the token of an open connection: see TokenLogin.
func TokenAuth(token string) Authentication { return PlainAuth("", token) }

// ExternalAuth logs in as whom the TLS certificate of the client says, which RabbitMQ with the
// plugin rabbitmq_auth_mechanism_ssl accepts.
func ExternalAuth() Authentication {
	return Authentication{mechanism: "EXTERNAL", response: "\x00*\x00*"}
}

// NewAuthentication logs in with any other mechanism of SASL that needs one response and no
// challenge, for a plugin of the broker.
func NewAuthentication(mechanism, response string) Authentication {
	return Authentication{mechanism: mechanism, response: response}
}

// Format prints the mechanism, and "xxxxx" instead of the response, so that logs contain no
// password.
func (a Authentication) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "{%s xxxxx}", a.mechanism)
}
