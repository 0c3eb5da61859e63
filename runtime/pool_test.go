package runtime

import (
	"math"
	"testing"
)

// TestPoolTurnWraps chooses among channels when the count of choices no longer fits into
// an int of 32 bits, and when it begins anew.
func TestPoolTurnWraps(t *testing.T) {
	connection := DedicatedConnection(Broker{})
	p := ChannelPool(connection, 3).(*pool)
	for _, turn := range []uint32{math.MaxInt32 - 1, math.MaxUint32 - 1} {
		p.turn.Store(turn)
		for range 4 {
			if channel, full := p.best(); channel != nil || full {
				t.Errorf("got %v, %v of a pool without channels", channel, full)
			}
		}
	}
}
