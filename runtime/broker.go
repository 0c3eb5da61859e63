package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A Broker describes how to connect to one virtual host. Only URL or URLs is required. Each
// connection gets its own copy of everything that it could change, so one Broker may be used for
// many connections at once.
type Broker struct {
	// URL is the address: amqp://user:password@host:port/vhost, or amqps:// for TLS. Query
	// parameters are not allowed; the fields below take their place.
	URL string

	// URLs are the addresses of several hosts of one cluster, instead of URL. Each connection has a
	// home among them, to which it connects while that answers: a random one, but the connections
	// of a pool spread evenly. When the home fails, or has not completed the handshake after half a
	// second, another host is dialled beside it, three at most at the same time, and the first to
	// complete the handshake is used. A host that fails is tried after the others for 10 s. A
	// refusal, such as of a login, is an error only when no other host accepts.
	URLs []string

	// Name is the connection's name, as operators see it. The role is added to it: "orders
	// producer". If empty, it is the program's name.
	Name string

	// TLS is called for each amqps connection, so that certificates can rotate. If ServerName is
	// empty, it is the host of the URL. If TLS is nil, or returns nil, the system's certificates
	// are trusted, and the minimum version is TLS 1.2.
	TLS func() (*tls.Config, error)

	// Auth is called for each connection, so that passwords and tokens can rotate: see PlainAuth,
	// TokenAuth and ExternalAuth. If nil, the user and password in the URL are used.
	Auth func(ctx context.Context) (Authentication, error)

	// Heartbeat is the interval between heartbeats: a silent network is noticed after one and a
	// half intervals. It is 10 s if 0, and at least 1 s.
	Heartbeat time.Duration

	// DialTimeout limits the time to connect to one host: TCP, TLS and the AMQP handshake together.
	// It also limits how long the broker may leave a later request unanswered, including the
	// closing handshake of Connection.Close. It is 10 s if 0.
	DialTimeout time.Duration

	// WriteTimeout limits how long the broker may accept no bytes before the connection is given
	// up. While the broker blocks publishers and has said so, this limit does not apply. It is 5 s
	// if 0, and never more than the heartbeat.
	WriteTimeout time.Duration

	// MaxMessageSize is the size in bytes of the largest body that is sent. Larger ones fail before
	// they reach the broker, which would close the channel. If 0, it is the default of the server's
	// version: 16 MiB since RabbitMQ 4.0, 128 MiB before. When a server refuses a body it names its
	// limit, and that is the limit from then on.
	MaxMessageSize int

	// Backoff sets the waits between attempts to connect. Its Max is 500 ms if 0: an attempt that
	// nobody answers costs the broker nothing, and one that the broker is too slow for takes
	// DialTimeout anyway. The first attempt after a loss is made at once. The waits grow up to ten
	// times Max while attempts are rejected for now: by a limit of the broker, because of a
	// certificate, or by an error of Auth.
	Backoff Backoff

	// RefusedDelay is the wait after a refusal that is likely to stay: a wrong password, a missing
	// virtual host, a declaration that differs from what exists. It is also how long messages are
	// published in isolation that are like one for which the broker closed a channel. It is 30 s if
	// 0.
	RefusedDelay time.Duration

	// Rebalance is how often a connection that is not on its home among the URLs looks whether that
	// is back. If it is, the connection moves there: after all nodes of a cluster have been
	// restarted, the connections are spread as before. A move is a reconnect whose new connection is
	// open before the old one is closed: publishes in flight are made again, and so are messages
	// that are being handled. A connection that the broker blocks does not move. If 0, connections
	// stay where they are until they are lost; otherwise it is at least 1 s, and a minute is
	// often enough. The waits vary by half, so that connections do not move together.
	Rebalance time.Duration

	// Lazy makes the constructors of producers, consumers and callers return without waiting for the
	// broker: only mistakes in their options and in the addresses are errors then. They connect and
	// make their declarations in the background, as after a lost connection, so that a program
	// starts, answers probes and stops while the broker is away. Connection.Healthy tells when they
	// are ready, and why they are not. By default the constructors wait until the broker has
	// accepted the declarations.
	Lazy bool

	// Observer receives what happens to connections and channels. If nil, failures and recoveries
	// are logged to slog.Default(); NoObserver is silent.
	Observer Observer

	// PublishMiddleware is called for each message that a producer publishes on the connections:
	// see PublishMiddleware. Of several Brokers behind one source, those of the first are called; of
	// an active/passive pair, those of the active side.
	PublishMiddleware []PublishMiddleware

	// Middleware is called for each delivery that a consumer on the connections handles: see
	// Middleware. Of an active/passive pair those of the active side are called.
	Middleware []Middleware
}

// withDefaults returns a copy of b in which zero fields have their defaults.
func (b Broker) withDefaults() Broker {
	if b.Name == "" {
		b.Name = filepath.Base(os.Args[0])
	}
	b.Heartbeat = max(orDefault(b.Heartbeat, 10*time.Second), time.Second)
	b.DialTimeout = orDefault(b.DialTimeout, 10*time.Second)
	b.WriteTimeout = min(orDefault(b.WriteTimeout, 5*time.Second), b.Heartbeat)
	if b.Backoff.Max <= 0 {
		b.Backoff.Max = max(500*time.Millisecond, b.Backoff.Min)
	}
	if b.Rebalance > 0 {
		b.Rebalance = max(b.Rebalance, time.Second)
	}
	b.RefusedDelay = orDefault(b.RefusedDelay, 30*time.Second)
	if b.Observer == nil {
		b.Observer = &defaultObserver{}
	}
	return b
}

// endpoints checks b and parses the URLs.
func (b Broker) endpoints() ([]amqp.URI, error) {
	if b.URL == "" && len(b.URLs) == 0 {
		return nil, brokerConfigError{errors.New("runtime: Broker has no URL: it needs one such as amqp://user:password@host:5672/vhost")}
	}
	if err := b.Backoff.check(); err != nil {
		return nil, brokerConfigError{fmt.Errorf("runtime: Broker: %w", err)}
	}
	var endpoints []amqp.URI
	add := func(field, text string) error {
		parsed, err := parseEndpoint(text)
		if err != nil {
			return brokerConfigError{fmt.Errorf("runtime: Broker.%s %w", field, err)}
		}
		endpoints = append(endpoints, parsed)
		return nil
	}
	if b.URL != "" {
		if err := add("URL", b.URL); err != nil {
			return nil, err
		}
	}
	for i, text := range b.URLs {
		if err := add(fmt.Sprintf("URLs[%d]", i), text); err != nil {
			return nil, err
		}
	}
	return endpoints, nil
}

// brokerConfigError is a mistake in a Broker. No attempt to connect can fix it.
type brokerConfigError struct{ error }

// orDefault returns value, or fallback when value is not positive.
func orDefault[T ~int | ~int64](value, fallback T) T {
	if value <= 0 {
		return fallback
	}
	return value
}

// parseEndpoint parses the URL of one host. Its errors continue a sentence that begins with the
// name of the field. They quote nothing of the URL: if one character is wrong, any part of the text
// may belong to the password.
func parseEndpoint(text string) (amqp.URI, error) {
	if err := checkURLText(text); err != nil {
		return amqp.URI{}, err
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return amqp.URI{}, errors.New("has no scheme: it must begin with amqp://, or with amqps:// for TLS")
	}
	if scheme = strings.ToLower(scheme); scheme != "amqp" && scheme != "amqps" {
		return amqp.URI{}, errors.New("has a scheme that is not AMQP's: it must begin with amqp://, or with amqps:// for TLS")
	}
	authority, tail := rest, ""
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, tail = rest[:end], rest[end:]
	}
	if err := checkURLTail(tail); err != nil {
		return amqp.URI{}, err
	}
	if err := checkURLHost(authority[strings.LastIndexByte(authority, '@')+1:]); err != nil {
		return amqp.URI{}, err
	}
	uri, err := amqp.ParseURI(text)
	if err != nil {
		return amqp.URI{}, errors.New("cannot be parsed: " + escapeHint)
	}
	return uri, nil
}

// escapeHint says what to do about a character that has another meaning in a URL.
const escapeHint = "in the user, the password and the virtual host, reserved characters must be percent-encoded" +
	" (/ as %2F, ? as %3F, # as %23, @ as %40, % as %25)"

// checkURLText checks for characters that no URL may contain.
func checkURLText(text string) error {
	switch {
	case text == "":
		return errors.New("is empty: it must look like amqp://user:password@host:5672/vhost")
	case strings.TrimSpace(text) != text:
		return errors.New("begins or ends with a space or a line break: remove it (strings.TrimSpace)")
	case strings.Trim(text, "\"'`") != text:
		return errors.New("is in quotation marks: remove them")
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return errors.New("contains a space or a control character: it must be percent-encoded (a space as %20)")
	}
	return nil
}

// checkURLTail checks what comes after the host: only a virtual host is allowed.
func checkURLTail(tail string) error {
	switch {
	case strings.Contains(tail, "@"):
		return errors.New("has an @ after its host, or a user or password that ends early: " + escapeHint)
	case strings.Contains(tail, "#"):
		return errors.New("has a fragment, which begins with #: " + escapeHint)
	case strings.Contains(tail, "?"):
		return errors.New("has query parameters: set the fields of Broker instead")
	}
	return nil
}

// checkURLHost checks the host and the port.
func checkURLHost(address string) error {
	parsed, err := url.Parse("amqp://" + address)
	switch {
	case strings.Contains(address, ","):
		return errors.New("has several hosts: set Broker.URLs to one URL for each")
	case err != nil, strings.Contains(parsed.Hostname(), ":") && address[0] != '[':
		return errors.New("has a host or a port that cannot be parsed: the port must be a number, an IPv6 address must be in [ ], and " + escapeHint)
	case parsed.Hostname() == "":
		return errors.New("has no host: write localhost if you mean that")
	case parsed.Port() == "":
		return nil
	}
	if port, err := strconv.Atoi(parsed.Port()); err != nil || port < 1 || port > 65535 {
		return errors.New("has a port that is not between 1 and 65535")
	}
	return nil
}

// Format prints the Broker as package fmt does, but with "xxxxx" instead of each password, so that
// logs contain none.
func (b Broker) Format(state fmt.State, verb rune) {
	type plain Broker // without this method
	b.URL = withoutPassword(b.URL)
	b.URLs = slices.Clone(b.URLs)
	for i, address := range b.URLs {
		b.URLs[i] = withoutPassword(address)
	}
	fmt.Fprintf(state, fmt.FormatString(state, verb), plain(b))
}

// withoutPassword returns an address without its password. If the address cannot be parsed, it
// returns "xxxxx": the password could be anywhere.
func withoutPassword(address string) string {
	if address == "" {
		return ""
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Opaque != "" || parsed.Host == "" {
		return "xxxxx"
	}
	return parsed.Redacted()
}
