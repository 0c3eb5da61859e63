package runtime

import (
	"context"
	"sync/atomic"
	"time"
)

// afterRefusal spaces what is published after the broker has refused a publish.
var afterRefusal = Backoff{Min: 2 * time.Second, Max: time.Minute}

// A probation slows recovery down while the broker refuses what it publishes, for example
// because the user may not write to the default exchange. Each refusal costs a channel, so that
// one publish at a time then finds out, after a wait, whether the broker has changed its mind.
type probation struct {
	turn    chan struct{} // has room for one
	refused atomic.Int32  // refusals in a row
}

func newProbation() probation { return probation{turn: make(chan struct{}, 1)} }

// publish makes attempt, after the wait that earlier refusals ask for. When ctx ends first it
// makes none and returns false.
func (p *probation) publish(ctx context.Context, attempt func() Settlement) (settlement Settlement, tried bool) {
	if p.refused.Load() == 0 {
		settlement = attempt()
		if isType[*ChannelError](settlement.Err) {
			p.refused.CompareAndSwap(0, 1) // many may have been in flight on the channel
		}
		return settlement, true
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return Settlement{}, false
	}
	if n := p.refused.Load(); n > 0 && !sleep(ctx, afterRefusal.jittered(int(n)-1)) {
		return Settlement{}, false
	}
	settlement = attempt()
	if isType[*ChannelError](settlement.Err) {
		p.refused.Add(1)
	} else if settlement.Outcome != NotSent {
		p.refused.Store(0)
	}
	return settlement, true
}
