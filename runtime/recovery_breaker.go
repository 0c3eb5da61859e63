package runtime

import (
	"context"
	"sync/atomic"
	"time"
)

// breakerBackoff sets the waits between publishes after the broker has refused one.
var breakerBackoff = Backoff{Min: 2 * time.Second, Max: time.Minute}

// A breaker slows recovery down while the broker refuses what it publishes, for example because the
// user may not write to the default exchange. Each refusal costs a channel, so only one publish at
// a time is tried then, after a wait.
type breaker struct {
	turn     chan struct{} // holds one token
	failures atomic.Int32  // refusals in a row
}

func newBreaker() breaker { return breaker{turn: make(chan struct{}, 1)} }

// publish makes attempt, after the wait that earlier refusals require. If ctx ends first, it makes
// none and returns false.
func (b *breaker) publish(ctx context.Context, attempt func() Settlement) (settlement Settlement, tried bool) {
	if b.failures.Load() == 0 {
		settlement = attempt()
		if isType[*ChannelError](settlement.Err) {
			b.failures.CompareAndSwap(0, 1) // many may have been in flight on the channel
		}
		return settlement, true
	}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return Settlement{}, false
	}
	if n := b.failures.Load(); n > 0 && !sleep(ctx, breakerBackoff.jittered(int(n)-1)) {
		return Settlement{}, false
	}
	settlement = attempt()
	if isType[*ChannelError](settlement.Err) {
		b.failures.Add(1)
	} else if settlement.Outcome != OutcomeNotSent {
		b.failures.Store(0)
	}
	return settlement, true
}
