package runtime

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// dial connects to the first host that answers. A refusal by one host is a refusal
// by all: they are one cluster.
func dial(ctx context.Context, b *Broker, name string) (*link, error) {
	endpoints, err := b.endpoints()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, uri := range endpoints {
		link, err := dialEndpoint(ctx, b, name, uri)
		if err == nil {
			return link, nil
		}
		if isType[*RefusedError](err) || ctx.Err() != nil {
			return nil, err
		}
		errs = append(errs, err)
	}
	// In the order of their texts: that of the endpoints is another one each time.
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return nil, errors.Join(errs...)
}

// dialEndpoint connects to one host, through TCP, TLS and the AMQP handshake, and
// gives up when ctx ends or the broker's DialTimeout has passed.
func dialEndpoint(ctx context.Context, b *Broker, name string, uri amqp.URI) (*link, error) {
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, b.DialTimeout, &noAnswer{b.DialTimeout})
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
	l := &link{name: name, address: address, broker: b, wire: newWire(socket, b.WriteTimeout), done: make(chan struct{})}
	l.clearText = travelsInClear(uri.Scheme, socket.RemoteAddr())
	l.wire.patient = l.blocked.Load
	// The client library's handshake knows no ctx, but it ends with the socket.
	stop := context.AfterFunc(ctx, func() { _ = l.wire.Close() })
	err = l.handshake(ctx, uri, config)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		l.abandon()
		return nil, fmt.Errorf("connect to %s: %w", address, withPortHint(uri, dialReason(ctx, err)))
	}
	l.born = time.Now()
	l.took = l.born.Sub(begun)
	return l, nil
}

// travelsInClear says whether what is sent to an address can be read on the way.
func travelsInClear(scheme string, to net.Addr) bool {
	tcp, ok := to.(*net.TCPAddr)
	return scheme == "amqp" && ok && !tcp.IP.IsLoopback()
}

// handshake does what comes after TCP: TLS where the URL asks for it, then AMQP.
func (l *link) handshake(ctx context.Context, uri amqp.URI, config amqp.Config) (err error) {
	var network net.Conn = l.wire
	if uri.Scheme == "amqps" {
		settings, err := l.broker.tlsConfig(uri.Host)
		if err != nil {
			return err
		}
		secure := tls.Client(l.wire, settings)
		if err := secure.HandshakeContext(ctx); err != nil {
			return tlsReason(err)
		}
		network = secure
	}
	l.frames = newFrames(network)
	if l.conn, err = amqp.Open(l.frames, config); err != nil {
		return handshakeReason(err, l.frames.foreign.Load())
	}
	l.closes = l.conn.NotifyClose(make(chan *amqp.Error, 1))
	l.blocks = l.conn.NotifyBlocked(make(chan amqp.Blocking, 16))
	l.serverBody = maxBodyOf(l.conn.Properties)
	l.bodyFrame = frameMax - frameOverhead
	if agreed := l.conn.Config.FrameSize; agreed > 0 {
		l.bodyFrame = agreed - frameOverhead
	}
	return nil
}

// abandon ends a link whose handshake has failed. The end of the socket alone does not
// end the client library's reader: it may be waiting for somebody to take what it has read.
func (l *link) abandon() {
	_ = l.wire.Close()
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// connectionConfig makes a configuration that no other connection shares: the
// client library writes into it. Its own recovery stays off, because that
// acknowledges deliveries of a lost channel on the one that follows.
func connectionConfig(ctx context.Context, b *Broker, name string, uri amqp.URI) (amqp.Config, error) {
	auth := amqp.Authentication(uri.PlainAuth())
	if b.Auth != nil {
		var err error
		if auth, err = b.Auth(ctx); err != nil {
			return amqp.Config{}, &noCredentials{err}
		}
		if auth == nil {
			return amqp.Config{}, &noCredentials{errors.New("Broker.Auth returned nothing")}
		}
	}
	properties := amqp.Table{
		"connection_name": name,
		"product":         "scampgen",
		"version":         Version,
		"platform":        goruntime.Version(),
	}
	return amqp.Config{
		SASL:       []amqp.Authentication{&outspoken{auth, properties}},
		Vhost:      uri.Vhost,
		Heartbeat:  b.Heartbeat,
		FrameSize:  frameMax,
		Locale:     "en_US",
		Properties: properties,
	}, nil
}

// noCredentials is the failure of Broker.Auth.
type noCredentials struct{ error }

func (e *noCredentials) Error() string { return "authenticate: " + e.error.Error() }
func (e *noCredentials) Unwrap() error { return e.error }

// outspoken has the broker say so when it refuses a login. Otherwise it closes the
// socket after a while without a word, as a network does that fails.
type outspoken struct {
	amqp.Authentication
	properties amqp.Table
}

// Response is called when the client library has written what it is capable of to
// properties, and before it sends them.
func (o *outspoken) Response() string {
	if capabilities, ok := o.properties["capabilities"].(amqp.Table); ok {
		capabilities["authentication_failure_close"] = true
	}
	return o.Authentication.Response()
}

// tlsConfig returns a configuration of the connection's own for a host.
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
