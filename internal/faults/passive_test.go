package faults_test

import (
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

const failovers = 20

var passiveScenarios = []scenario{
	{id: "F21", fault: "20 failovers and fail-backs", environment: proxied, times: failovers, only: []string{activePassive, activePassivePools}, play: playFailovers},
	{
		id: "F9", fault: "alarm on the passive side at failover", environment: own, times: 2, only: []string{activePassive, activePassivePools},
		play: playAlarmOnPassive,
	},
}

// playFailovers cuts producers off from the active side again and again, and reconnects them.
func playFailovers(t *testing.T, x *experiment) {
	x.failover = runtime.Failover{MinDwell: 100 * time.Millisecond, FailBack: 200 * time.Millisecond}
	x.start(t)
	pair := x.rig.pair
	for range failovers {
		x.flow(t, 100)
		x.proxies[0].Refuse(true)
		x.proxies[0].Reset()
		eventually(t, "the passive side is used", pair.OnPassive)
		x.flow(t, 100)
		x.proxies[0].Refuse(false)
		eventually(t, "the active side is used again", func() bool { return !pair.OnPassive() })
	}
	x.flow(t, 100)
	if n := x.events.count("FailedOver"); n != 2*failovers {
		t.Errorf("%d switches, want %d", n, 2*failovers)
	}
}

// playAlarmOnPassive makes the active side unreachable while the passive one blocks: the pair is
// busy and does not switch back and forth.
func playAlarmOnPassive(t *testing.T, x *experiment) {
	x.nodes[0].Flush(t)
	x.start(t)
	x.flow(t, warmUp)
	x.nodes[1].Alarm(t, true)
	x.nodes[0].Kill(t)
	eventually(t, "the producer is busy", x.producer.Busy)
	x.nodes[0].Restart(t)
	x.flow(t, warmUp)
	x.nodes[1].Alarm(t, false)
	x.flow(t, warmUp)
	if n := x.events.count("FailedOver"); n > 4 {
		t.Errorf("%d switches between a dead and a blocked side", n)
	}
}
