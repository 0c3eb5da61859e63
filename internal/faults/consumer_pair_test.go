package faults_test

import (
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

var consumerPairScenarios = []consumerScenario{
	{id: "F21", fault: "cut off from the active side twenty times", environment: proxied, times: 20, only: []string{activePassive}, strike: func(t *testing.T, x *consumerExperiment) {
		for range 20 {
			x.cutOff(t)
			x.flow(t, 100)
			x.proxies[0].Refuse(false)
			x.flow(t, 100)
		}
	}},
	{id: "F21", fault: "take-over: cut off from the active side", short: true, environment: proxied, times: 2, only: []string{activePassive}, play: playTakeOver},
}

// cutOff cuts the consumer's connections to the active side and allows no new ones.
func (x *consumerExperiment) cutOff(t *testing.T) {
	t.Helper()
	x.proxies[0].Refuse(true)
	if x.proxies[0].Reset() == 0 {
		eventually(t, "there is something to cut", func() bool { return x.proxies[0].Reset() > 0 || x.proxies[0].Connections() == 0 })
	}
}

// playTakeOver shows what take-over does and what it costs: what a producer leaves on the passive
// side stays there until the consumer is cut off from the active one.
func playTakeOver(t *testing.T, x *consumerExperiment) {
	x.topology.sides = 1
	x.topology.build = func(a, p runtime.Broker) consumerRig {
		return consumerPair(a, p, runtime.Failover{Consumers: runtime.ConsumeTakeOver, MinDwell: 300 * time.Millisecond})
	}
	x.start(t)
	x.flow(t, warmUp)
	passive := startFeeder(t, 7, x.hosts[1].URL)
	x.feeders = append(x.feeders, passive)
	eventually(t, "the producer publishes to the passive side", func() bool { return len(passive.acknowledged()) > 100 })
	passive.end(t)
	x.flow(t, warmUp)
	stranded := x.hosts[1].Messages(t, publication.RoutingKey)
	t.Logf("%d messages are left on the passive side while the consumer has the active one", stranded)
	if stranded != len(passive.acknowledged()) {
		t.Errorf("%d of %d messages are left: the passive side is consumed from", stranded, len(passive.acknowledged()))
	}
	x.cutOff(t)
	x.hosts[1].WaitMessages(t, publication.RoutingKey, 0)
	x.proxies[0].Refuse(false)
	x.flow(t, warmUp)
	eventually(t, "two failovers are observed, there and back", func() bool { return x.events.count("FailedOver") == 2 })
}
