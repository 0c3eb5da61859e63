package runtime

import (
	"crypto/tls"
	"errors"
	"fmt"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

var (
	errNobody = errors.New("connection refused")
	errLimit  = &amqp.Error{Code: amqp.NotAllowed, Reason: "connection limit (0) is reached", Server: true}
	errWrong  = &RefusedError{Reply: Reply{Code: 403}}
)

// TestPace follows a line through what its dials meet: the longest wait before the next.
func TestPace(t *testing.T) {
	b := Broker{URL: "amqp://h"}.withDefaults()
	ms := time.Millisecond
	tests := []struct {
		name string
		step func(*pace)
		want []time.Duration // before the first dial and after each step
	}{
		{"nobody listens", func(p *pace) { p.fail(errNobody) }, []time.Duration{0, 100 * ms, 200 * ms, 400 * ms, 500 * ms, 500 * ms}},
		{"a limit is reached", func(p *pace) { p.fail(errLimit) }, []time.Duration{0, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 5 * time.Second, 5 * time.Second}},
		{"refused", func(p *pace) { p.fail(errWrong) }, []time.Duration{0, 30 * time.Second, 30 * time.Second}},
		{"links die young", func(p *pace) { p.lose(time.Millisecond) }, []time.Duration{0, 100 * ms, 200 * ms, 400 * ms, 400 * ms, 400 * ms}},
		{"links live", func(p *pace) { p.lose(time.Minute) }, []time.Duration{0, 0, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := pace{broker: &b}
			for i, want := range test.want {
				if i > 0 {
					test.step(&p)
				}
				checkPace(t, &p, want)
			}
		})
	}
}

// TestPaceChanges checks that a broker which has booted, and then turns clients away for
// a moment, is asked again soon, and that what comes after a refusal starts anew.
func TestPaceChanges(t *testing.T) {
	b := Broker{URL: "amqp://h"}.withDefaults()
	p := pace{broker: &b}
	for range 50 {
		p.fail(errNobody)
	}
	p.fail(errLimit)
	checkPace(t, &p, 100*time.Millisecond)
	p.fail(errNobody)
	checkPace(t, &p, 500*time.Millisecond)
	p.fail(errWrong)
	checkPace(t, &p, 30*time.Second)
	p.fail(errNobody)
	checkPace(t, &p, 500*time.Millisecond)
	p.lose(time.Minute)
	checkPace(t, &p, 0)
}

func checkPace(t *testing.T, p *pace, want time.Duration) {
	t.Helper()
	if p.failed > 0 && p.longest() != want {
		t.Errorf("after %d dials the longest wait is %v, want %v", p.failed, p.longest(), want)
	}
	if got := p.wait(); got < want/2 || got > want {
		t.Errorf("after %d dials wait %v, want at most %v", p.failed, got, want)
	}
}

func TestTurnedAway(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{errNobody, false},
		{errHandshakeLost, false},
		{&amqp.Error{Code: amqp.FrameError, Reason: "EOF"}, false}, // the client library's own word
		{errors.Join(errNobody, fmt.Errorf("connect: %w", errLimit)), true},
		{&noCredentials{errNobody}, true},
		{fmt.Errorf("connect: %w", tls.AlertError(42)), true},
		{&tls.CertificateVerificationError{Err: errNobody}, true},
	} {
		if got := isTurnedAway(test.err); got != test.want {
			t.Errorf("%v: got %v", test.err, got)
		}
	}
}
