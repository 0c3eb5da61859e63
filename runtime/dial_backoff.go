package runtime

import (
	"crypto/tls"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A dialBackoff sets the waits between the dials of one supervisor. The first dial after a loss is
// made at once.
//
// The other waits depend on what a dial costs the broker. A dial that nobody answers costs nothing,
// so the waits stay short, and a node that boots is used within Backoff.Max after it begins to
// listen. A dial that times out has taken DialTimeout already, which protects an overloaded broker:
// a supervisor makes one dial at a time. A dial that is rejected for now, because of a limit or a
// certificate, has cost somebody a handshake or a login: those waits grow further.
type dialBackoff struct {
	broker   *Broker
	failed   int // dials in a row without a connection that lived long enough
	rejected int // how many of the last of those were rejected for now
	refused  bool
}

const (
	// minConnAge is the age at which a connection that dies was worth its dial.
	minConnAge = time.Second

	// maxQuickAttempt limits the backoff after connections that died early: the broker is there,
	// but somebody closes connections.
	maxQuickAttempt = 2

	// rejectedFactor is how many times longer than Backoff.Max the waits become while dials are
	// rejected.
	rejectedFactor = 10
)

// wait returns how long to wait before the next dial: none before the first.
func (b *dialBackoff) wait() time.Duration {
	switch {
	case b.refused:
		return b.broker.RefusedDelay
	case b.failed == 0:
		return 0
	}
	backoff, attempt := b.current()
	return backoff.jittered(attempt)
}

// longest returns the longest wait that wait may return.
func (b *dialBackoff) longest() time.Duration {
	if b.refused {
		return b.broker.RefusedDelay
	}
	backoff, attempt := b.current()
	return backoff.delay(attempt)
}

// current returns the backoff that applies now, and the number of the next attempt.
func (b *dialBackoff) current() (backoff Backoff, attempt int) {
	backoff = b.broker.Backoff
	if b.rejected == 0 {
		return backoff, b.failed - 1
	}
	backoff.Max *= rejectedFactor
	return backoff, b.rejected - 1
}

// noteFailure notes that a dial has failed.
func (b *dialBackoff) noteFailure(err error) {
	b.failed++
	b.rejected++
	if !isRejected(err) {
		b.rejected = 0
	}
	b.refused = isRefused(err)
}

// noteLoss notes that a connection has died that lived for so long.
func (b *dialBackoff) noteLoss(lived time.Duration) {
	if lived > minConnAge {
		b.failed = 0
	} else {
		b.failed = min(b.failed, maxQuickAttempt) + 1
	}
	b.rejected, b.refused = 0, false
}

// isRejected reports whether a dial was rejected by somebody: the broker, TLS at either end, a peer
// that speaks another protocol, or the source of the credentials.
func isRejected(err error) bool {
	var reply *amqp.Error
	var alert tls.AlertError
	var certificate *tls.CertificateVerificationError
	var login *authError
	var other *wrongProtocol
	return errors.As(err, &reply) && reply.Server || errors.As(err, &alert) || errors.As(err, &certificate) ||
		errors.As(err, &login) || errors.As(err, &other)
}
