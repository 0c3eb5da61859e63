package runtime

import (
	"crypto/tls"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A Backoff sets the waits between attempts in a row: Min before the first, Factor times longer
// before each further one, never longer than Max. A field that is zero has its default: 100ms, 30s
// and 2.
type Backoff struct {
	Min    time.Duration
	Max    time.Duration
	Factor float64
}

// delay returns the wait before an attempt; attempts are counted from 0.
func (b Backoff) delay(attempt int) time.Duration {
	b = b.withDefaults()
	delay := float64(b.Min) * math.Pow(b.Factor, float64(max(attempt, 0)))
	if delay >= float64(b.Max) {
		return b.Max
	}
	return time.Duration(delay)
}

// jittered returns a random wait between half of delay and delay, so that clients that lost a
// broker together do not come back together.
func (b Backoff) jittered(attempt int) time.Duration {
	delay := b.delay(attempt)
	return delay/2 + rand.N(delay/2+1)
}

func (b Backoff) withDefaults() Backoff {
	if b.Min <= 0 {
		b.Min = 100 * time.Millisecond
	}
	if b.Max <= 0 {
		b.Max = max(30*time.Second, b.Min)
	}
	if b.Factor == 0 {
		b.Factor = 2
	}
	return b
}

// check returns an error if the backoff makes no sense.
func (b Backoff) check() error {
	switch b = b.withDefaults(); {
	case b.Max < b.Min:
		return errors.New("backoff: Max is shorter than Min")
	case b.Factor < 1 || math.IsNaN(b.Factor) || math.IsInf(b.Factor, 0):
		return errors.New("backoff: Factor must be at least 1")
	}
	return nil
}

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
	if !isRejected(err) && !isRefused(err) {
		b.rejected = 0
	}
	b.refused = isRefusedByAll(err)
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
