package runtime

import (
	"crypto/tls"
	"errors"
	"fmt"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func TestBackoff(t *testing.T) {
	for _, test := range []struct {
		name    string
		backoff Backoff
		attempt int
		want    time.Duration
	}{
		{"first of the zero value", Backoff{}, 0, 100 * time.Millisecond},
		{"third of the zero value", Backoff{}, 2, 400 * time.Millisecond},
		{"never beyond Max", Backoff{}, 1000, 30 * time.Second},
		{"own values", Backoff{Min: time.Second, Max: 5 * time.Second, Factor: 3}, 1, 3 * time.Second},
		{"capped", Backoff{Min: time.Second, Max: 5 * time.Second, Factor: 3}, 2, 5 * time.Second},
		{"always the same", Backoff{Min: time.Second, Max: time.Second, Factor: 1}, 9, time.Second},
		{"Min above the default Max", Backoff{Min: time.Hour}, 3, time.Hour},
		{"before the first", Backoff{}, -1, 100 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.backoff.delay(test.attempt); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for range 100 {
				if got := test.backoff.jittered(test.attempt); got < test.want/2 || got > test.want {
					t.Fatalf("with jitter %v, want %v to %v", got, test.want/2, test.want)
				}
			}
		})
	}
}

var (
	errNobody = errors.New("connection refused")
	errLimit  = &amqp.Error{Code: amqp.NotAllowed, Reason: "connection limit (0) is reached", Server: true}
	errWrong  = &RefusedError{Reply: Reply{Code: 403}}
)

// TestDialBackoff follows a supervisor through the results of its dials: the longest wait before
// the next dial.
func TestDialBackoff(t *testing.T) {
	broker := Broker{URL: "amqp://h"}.withDefaults()
	ms := time.Millisecond
	tests := []struct {
		name string
		step func(*dialBackoff)
		want []time.Duration // before the first dial and after each step
	}{
		{"nobody listens", func(b *dialBackoff) { b.noteFailure(errNobody) }, []time.Duration{0, 100 * ms, 200 * ms, 400 * ms, 500 * ms, 500 * ms}},
		{"a limit is reached", func(b *dialBackoff) { b.noteFailure(errLimit) }, []time.Duration{0, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5 * time.Second, 5 * time.Second}},
		{"refused", func(b *dialBackoff) { b.noteFailure(errWrong) }, []time.Duration{0, 30 * time.Second, 30 * time.Second}},
		{"connections die early", func(b *dialBackoff) { b.noteLoss(time.Millisecond) }, []time.Duration{0, 100 * ms, 200 * ms, 400 * ms, 400 * ms, 400 * ms}},
		{"connections live", func(b *dialBackoff) { b.noteLoss(time.Minute) }, []time.Duration{0, 0, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := dialBackoff{broker: &broker}
			for i, want := range test.want {
				if i > 0 {
					test.step(&b)
				}
				checkDialBackoff(t, &b, want)
			}
		})
	}
}

// TestDialBackoffChanges checks that a broker that has booted, and then rejects clients for a
// moment, is dialled again soon, and that the waits start again after a refusal.
func TestDialBackoffChanges(t *testing.T) {
	broker := Broker{URL: "amqp://h"}.withDefaults()
	b := dialBackoff{broker: &broker}
	for range 50 {
		b.noteFailure(errNobody)
	}
	b.noteFailure(errLimit)
	checkDialBackoff(t, &b, 100*time.Millisecond)
	b.noteFailure(errNobody)
	checkDialBackoff(t, &b, 500*time.Millisecond)
	b.noteFailure(errWrong)
	checkDialBackoff(t, &b, 30*time.Second)
	b.noteFailure(errNobody)
	checkDialBackoff(t, &b, 500*time.Millisecond)
	b.noteLoss(time.Minute)
	checkDialBackoff(t, &b, 0)
}

func checkDialBackoff(t *testing.T, b *dialBackoff, want time.Duration) {
	t.Helper()
	if b.failed > 0 && b.longest() != want {
		t.Errorf("after %d dials the longest wait is %v, want %v", b.failed, b.longest(), want)
	}
	if got := b.wait(); got < want/2 || got > want {
		t.Errorf("after %d dials wait %v, want at most %v", b.failed, got, want)
	}
}

func TestIsRejected(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{errNobody, false},
		{errHandshakeLost, false},
		{&amqp.Error{Code: amqp.FrameError, Reason: "EOF"}, false}, // the client library's own error
		{errors.Join(errNobody, fmt.Errorf("connect: %w", errLimit)), true},
		{&authError{errNobody}, true},
		{fmt.Errorf("connect: %w", tls.AlertError(42)), true},
		{&tls.CertificateVerificationError{Err: errNobody}, true},
	} {
		if got := isRejected(test.err); got != test.want {
			t.Errorf("%v: got %v", test.err, got)
		}
	}
}
