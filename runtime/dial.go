package runtime

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	goruntime "runtime"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime/internal/frame"
	"github.com/scampgen/scampgen/runtime/internal/wire"
)

// dialEndpoint connects to one host, through TCP, TLS and the AMQP handshake. It gives up when ctx
// ends or after the broker's DialTimeout.
func dialEndpoint(ctx context.Context, b *Broker, name string, uri amqp.URI) (*conn, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, b.DialTimeout, &dialTimeoutError{b.DialTimeout})
	defer cancel()
	address := net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))
	config, err := connectionConfig(ctx, b, name, uri)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	var dialer net.Dialer
	socket, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	c := &conn{name: name, address: address, broker: b, done: make(chan struct{})}
	c.wire = wire.NewConn(socket, wire.Config{Timeout: b.WriteTimeout, MayStall: c.blocked.Load, OnRoom: c.room.notify})
	c.clearText = isUnencrypted(uri.Scheme, socket.RemoteAddr())
	// The client library's handshake takes no ctx, but it ends with the socket.
	stop := context.AfterFunc(ctx, func() { _ = c.wire.Close() })
	err = c.handshake(ctx, uri, config)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		c.closeFailed()
		return nil, fmt.Errorf("connect to %s: %w", address, withPortHint(uri, dialReason(ctx, err)))
	}
	c.established = time.Now()
	c.dialTime = c.established.Sub(start)
	return c, nil
}

// isUnencrypted reports whether what is sent to an address can be read on the way.
func isUnencrypted(scheme string, to net.Addr) bool {
	tcp, ok := to.(*net.TCPAddr)
	return scheme == "amqp" && ok && !tcp.IP.IsLoopback()
}

// handshake does what follows TCP: TLS if the URL asks for it, then AMQP.
func (c *conn) handshake(ctx context.Context, uri amqp.URI, config amqp.Config) (err error) {
	var network net.Conn = c.wire
	if uri.Scheme == "amqps" {
		settings, err := c.broker.tlsConfig(uri.Host)
		if err != nil {
			return err
		}
		secure := tls.Client(c.wire, settings)
		if err := secure.HandshakeContext(ctx); err != nil {
			return tlsReason(err)
		}
		network = secure
	}
	c.frames = frame.NewConn(network)
	if c.library, err = amqp.Open(c.frames, config); err != nil {
		return handshakeReason(err, c.frames.NotAMQP())
	}
	c.closes = c.library.NotifyClose(make(chan *amqp.Error, 1))
	c.blocks = c.library.NotifyBlocked(make(chan amqp.Blocking, 16))
	c.serverBody = maxBodyOf(c.library.Properties)
	c.bodyFrame = frame.Max - frame.Overhead
	if agreed := c.library.Config.FrameSize; agreed > 0 {
		c.bodyFrame = agreed - frame.Overhead
	}
	return nil
}

// closeFailed closes a connection whose handshake has failed. Closing the socket is not enough to
// end the client library's reader: it may wait until somebody takes what it has read.
func (c *conn) closeFailed() {
	_ = c.wire.Close()
	if c.library != nil {
		_ = c.library.Close()
	}
}

// connectionConfig returns a configuration that no other connection shares: the client library
// writes into it. The library's own recovery stays off, because it acknowledges deliveries of a
// lost channel on the next one.
func connectionConfig(ctx context.Context, b *Broker, name string, uri amqp.URI) (amqp.Config, error) {
	auth := PlainAuth(uri.Username, uri.Password)
	if b.Auth != nil {
		var err error
		if auth, err = b.Auth(ctx); err != nil {
			return amqp.Config{}, &authError{err}
		}
		if auth.mechanism == "" {
			return amqp.Config{}, &authError{errors.New("Broker.Auth returned nothing")}
		}
	}
	properties := amqp.Table{
		"connection_name": name,
		"product":         "scampgen",
		"version":         version,
		"platform":        goruntime.Version(),
	}
	return amqp.Config{
		SASL:       []amqp.Authentication{&login{auth, properties}},
		Vhost:      uri.Vhost,
		Heartbeat:  b.Heartbeat,
		FrameSize:  frame.Max,
		Locale:     "en_US",
		Properties: properties,
	}, nil
}

// authError is an error of Broker.Auth.
type authError struct{ error }

func (e *authError) Error() string { return "authenticate: " + e.error.Error() }
func (e *authError) Unwrap() error { return e.error }

// login gives the client library an Authentication, and asks the broker to say so when it refuses
// it. Otherwise the broker closes the socket after a while without a reason, which looks like a
// network failure.
type login struct {
	auth       Authentication
	properties amqp.Table
}

// Mechanism implements amqp.Authentication.
func (l *login) Mechanism() string { return l.auth.mechanism }

// Response is called after the client library has written its capabilities to properties, and
// before it sends them.
func (l *login) Response() string {
	if capabilities, ok := l.properties["capabilities"].(amqp.Table); ok {
		capabilities["authentication_failure_close"] = true
	}
	return l.auth.response
}

// tlsConfig returns the TLS configuration of one connection to a host.
func (b *Broker) tlsConfig(host string) (*tls.Config, error) {
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if b.TLS != nil {
		given, err := b.TLS()
		if err != nil {
			return nil, fmt.Errorf("prepare TLS: %w", err)
		}
		if given != nil {
			settings = given.Clone()
		}
	}
	if settings.ServerName == "" {
		settings.ServerName = host
	}
	return settings, nil
}

// dialReason separates refusals that are likely to stay from errors that pass. A connection limit
// of the virtual host (530 too) and a forced close pass.
func dialReason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	var reply *amqp.Error
	switch {
	case !errors.As(err, &reply):
		return err
	case reply.Code == amqp.AccessRefused, reply.Code == amqp.NotAllowed && !isLimit(reply.Reason):
		return &RefusedError{Reply: Reply{Code: uint16(reply.Code), Text: reply.Reason}}
	}
	return err
}

// isLimit reports whether a 530 is about a limit: other connections may end.
func isLimit(reason string) bool { return strings.Contains(reason, "limit") }

// dialTimeoutError says that the time for a dial has ended.
type dialTimeoutError struct{ limit time.Duration }

func (e *dialTimeoutError) Error() string { return fmt.Sprintf("no answer within %v", e.limit) }
func (e *dialTimeoutError) Unwrap() error { return context.DeadlineExceeded }

// handshakeReason returns why the AMQP handshake has failed, if the client library does not know
// it: to the library, the end of the socket during the handshake is a refusal. notAMQP is what the
// peer sent instead of a frame, if it did.
func handshakeReason(err error, notAMQP []byte) error {
	var reply *amqp.Error
	switch isReply := errors.As(err, &reply); {
	case notAMQP != nil:
		return protocolMismatch(notAMQP, false)
	case errors.Is(err, amqp.ErrCredentials), errors.Is(err, amqp.ErrVhost):
		return errHandshakeLost
	case isReply && !reply.Server:
		return fmt.Errorf("the peer closed the connection without sending AMQP, as a port for TLS or another protocol does,"+
			" or a proxy without a broker: %s", reply.Reason)
	}
	return err
}

var errHandshakeLost = errors.New("the connection was lost during the handshake")

// tlsReason returns why the TLS handshake has failed, and what to do about the most common reasons.
func tlsReason(err error) error {
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return protocolMismatch(header.RecordHeader[:], true)
	}
	if isType[x509.UnknownAuthorityError](err) {
		return fmt.Errorf("%w (Broker.TLS can trust another authority)", err)
	}
	return fmt.Errorf("TLS handshake: %w", err)
}

// wrongProtocol says that the peer speaks another protocol than the URL says.
type wrongProtocol struct{ text string }

func (e *wrongProtocol) Error() string { return e.text }

// protocolMismatch returns an error that names the protocol of a peer, by the first bytes that it
// sent. A client with TLS gets an AMQP header from a port without TLS; a client without TLS gets an
// alert from a port with TLS.
func protocolMismatch(first []byte, secure bool) error {
	switch amqpHeader := bytes.HasPrefix(first, []byte("AMQP")); {
	case bytes.HasPrefix(first, []byte("HTTP")):
		return &wrongProtocol{"the peer speaks HTTP, as RabbitMQ's management does: AMQP has another port, 5672 by default, or 5671 with TLS"}
	case amqpHeader && secure:
		return &wrongProtocol{"the peer speaks AMQP without TLS: the URL must begin with amqp://, or have the port for TLS, 5671 by default"}
	case amqpHeader:
		return &wrongProtocol{fmt.Sprintf("the peer speaks AMQP %d.%d and not AMQP 0-9-1", first[5], first[6])}
	case !secure && bytes.HasPrefix(first, []byte{0x15, 0x03}):
		return &wrongProtocol{"the peer speaks TLS: the URL must begin with amqps://, or have the port without TLS, 5672 by default"}
	case secure:
		return &wrongProtocol{fmt.Sprintf("the peer does not speak TLS: it began with %q", first)}
	}
	return &wrongProtocol{fmt.Sprintf("the peer does not speak AMQP: it began with %q", first)}
}

// withPortHint adds to err, which ended a handshake, what is unusual about the port. A server that
// expects TLS or HTTP and gets something else may wait or close the connection without a reason.
func withPortHint(uri amqp.URI, err error) error {
	switch {
	case isType[*RefusedError](err), isType[*wrongProtocol](err):
		return err
	case uri.Port == 15672 || uri.Port == 15671:
		return fmt.Errorf("%w (port %d is usually RabbitMQ's management API; AMQP uses 5672, and 5671 with TLS)", err, uri.Port)
	case uri.Port == 5671 && uri.Scheme == "amqp":
		return fmt.Errorf("%w (port 5671 is usually for TLS: then the URL must begin with amqps://)", err)
	case uri.Port == 5672 && uri.Scheme == "amqps":
		return fmt.Errorf("%w (port 5672 is usually without TLS: then the URL must begin with amqp://)", err)
	}
	return err
}
