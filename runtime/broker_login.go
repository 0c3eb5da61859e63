package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
)

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
