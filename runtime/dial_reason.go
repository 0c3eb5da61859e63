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

// dialReason tells refusals that are likely to stay from what passes by itself. A
// virtual host's connection limit (530 too) and a forced close pass.
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

// isLimit says whether a 530 is about a limit: others may go away.
func isLimit(reason string) bool { return strings.Contains(reason, "limit") }

// noAnswer is the end of a dial's time.
type dialTimeoutError struct{ limit time.Duration }

func (e *dialTimeoutError) Error() string { return fmt.Sprintf("no answer within %v", e.limit) }
func (e *dialTimeoutError) Unwrap() error { return context.DeadlineExceeded }

// handshakeReason says why the AMQP handshake has failed, where the client library does not:
// it takes the end of the socket in the middle for a refusal that the broker kept to itself.
// The peer has said foreign instead of a frame, if it has.
func handshakeReason(err error, foreign *[frameHead]byte) error {
	var reply *amqp.Error
	switch isReply := errors.As(err, &reply); {
	case foreign != nil:
		return protocolMismatch(foreign[:], false)
	case errors.Is(err, amqp.ErrCredentials), errors.Is(err, amqp.ErrVhost):
		return errHandshakeLost
	case isReply && !reply.Server:
		return fmt.Errorf("the peer ended the connection without a word of AMQP, as a port for TLS or another protocol does,"+
			" or a proxy without a broker: %s", reply.Reason)
	}
	return err
}

var errHandshakeLost = errors.New("the connection was lost during the handshake")

// tlsReason says why the TLS handshake has failed, and what to do about what programs meet
// most.
func tlsReason(err error) error {
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return protocolMismatch(header.RecordHeader[:], true)
	}
	if isType[x509.UnknownAuthorityError](err) {
		return fmt.Errorf("%w (Broker.TLS can trust another authority)", err)
	}
	return fmt.Errorf("TLS handshake: %w", err)
}

// otherProtocol is a peer's protocol that is not what the URL says.
type wrongProtocol struct{ text string }

func (e *wrongProtocol) Error() string { return e.text }

// spoken tells from the first bytes that a peer says what it speaks. Those who ask for TLS
// get AMQP's own header from a port without it, and those who do not an alert from a port
// that has it.
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

// withPortHint adds to err, which ended a handshake, what is odd about the port. Where TLS or
// HTTP is expected, and the peer gets something else, it may wait or hang up without a word.
func withPortHint(uri amqp.URI, err error) error {
	switch {
	case isType[*RefusedError](err), isType[*wrongProtocol](err):
		return err
	case uri.Port == 15672 || uri.Port == 15671:
		return fmt.Errorf("%w (port %d is mostly RabbitMQ's management; AMQP has 5672, and 5671 with TLS)", err, uri.Port)
	case uri.Port == 5671 && uri.Scheme == "amqp":
		return fmt.Errorf("%w (port 5671 is mostly for TLS: then the URL must begin with amqps://)", err)
	case uri.Port == 5672 && uri.Scheme == "amqps":
		return fmt.Errorf("%w (port 5672 is mostly without TLS: then the URL must begin with amqp://)", err)
	}
	return err
}
