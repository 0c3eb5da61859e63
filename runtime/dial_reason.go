package runtime

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

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
