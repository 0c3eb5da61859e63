package runtime

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
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
