package runtime

import (
	"crypto/tls"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A pace spaces the dials of one line. The first after a loss is made at once.
//
// How long the others wait depends on what a dial costs the broker. One that nobody
// answers costs it nothing, so that the waits stay short and a node that boots is used
// within Backoff.Max of its listening. One that times out has lasted for DialTimeout
// already, which is what spares a broker that is overloaded: a line has one dial at
// a time. One that is turned away for now, because of a limit or a certificate, has cost
// somebody a handshake or a login: those waits grow further.
type dialBackoff struct {
	broker   *Broker
	failed   int // dials in a row without a link that lived for a while
	rejected int // of those, the last ones, which were turned away for now
	refused  bool
}

const (
	// youngLink is the age at which a link that dies has been worth its dial.
	minConnAge = time.Second

	// maxQuickAttempt bounds the backoff after links that were established but died
	// young: the broker is there, only somebody closes connections.
	maxQuickAttempt = 2

	// turnedAwayFactor is how much longer than Backoff.Max the waits become while the
	// client is turned away.
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

// longest returns the longest that wait may return.
func (b *dialBackoff) longest() time.Duration {
	if b.refused {
		return b.broker.RefusedDelay
	}
	backoff, attempt := b.current()
	return backoff.Delay(attempt)
}

// backoff returns what spaces the dials now, and which of its attempts the next one is.
func (b *dialBackoff) current() (backoff Backoff, attempt int) {
	backoff = b.broker.Backoff
	if b.rejected == 0 {
		return backoff, b.failed - 1
	}
	backoff.Max *= rejectedFactor
	return backoff, b.rejected - 1
}

// fail notes that a dial has failed.
func (b *dialBackoff) noteFailure(err error) {
	b.failed++
	b.rejected++
	if !isRejected(err) {
		b.rejected = 0
	}
	b.refused = isRefused(err)
}

// lose notes that a link has died that lived for so long.
func (b *dialBackoff) noteLoss(lived time.Duration) {
	if lived > minConnAge {
		b.failed = 0
	} else {
		b.failed = min(b.failed, maxQuickAttempt) + 1
	}
	b.rejected, b.refused = 0, false
}

// isTurnedAway says whether a dial got as far as somebody who turned it away: the broker,
// either end's TLS, a peer that speaks another protocol, or whoever gives out credentials.
func isRejected(err error) bool {
	var reply *amqp.Error
	var alert tls.AlertError
	var certificate *tls.CertificateVerificationError
	var login *authError
	var other *wrongProtocol
	return errors.As(err, &reply) && reply.Server || errors.As(err, &alert) || errors.As(err, &certificate) ||
		errors.As(err, &login) || errors.As(err, &other)
}
