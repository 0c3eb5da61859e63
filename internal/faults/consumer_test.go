package faults_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// A consumerScenario is one fault of the consumers' matrix.
type consumerScenario struct {
	id          string // as in the table
	fault       string
	short       bool // runs in the short form too
	environment environment
	times       int      // how often the fault happens: each time, as many messages as the prefetch may be handled twice
	only        []string // topologies; empty means all

	// strike causes the fault while messages flow, and returns when it is over.
	strike func(*testing.T, *consumerExperiment)
	// play is the whole scenario if a fault needs more than that.
	play func(*testing.T, *consumerExperiment)
}

// consumerTopologies are those that consumers may use.
var consumerTopologies = []consumerTopology{
	{dedicated, 1, func(active, _ runtime.Broker) consumerRig {
		c := runtime.DedicatedConnection(active)
		return consumerRig{runtime.DedicatedChannel(c), closers(c)}
	}},
	{activePassive, 2, func(a, p runtime.Broker) consumerRig { return consumerPair(a, p, runtime.Failover{}) }},
}

func consumerPair(a, p runtime.Broker, f runtime.Failover) consumerRig {
	active, passive := runtime.DedicatedConnection(a), runtime.DedicatedConnection(p)
	source := runtime.ActivePassive(runtime.DedicatedChannel(active), runtime.DedicatedChannel(passive), f)
	return consumerRig{source, closers(active, passive)}
}

// A consumerTopology builds a source on one or two brokers.
type consumerTopology struct {
	name  string
	sides int // virtual hosts that are consumed from
	build func(active, passive runtime.Broker) consumerRig
}

// A consumerRig is a source with what must be closed after it.
type consumerRig struct {
	source      runtime.ConsumerSource
	connections []interface{ Close(context.Context) error }
}

func (r consumerRig) close(ctx context.Context) error {
	return rig{connections: r.connections}.close(ctx)
}

var consumerScenarios = slices.Concat(consumerConnectionScenarios, consumerQueueScenarios, consumerHandlerScenarios, consumerPairScenarios, consumerPoisonScenarios)

func TestConsumerFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("harms brokers for a minute; run without -short")
	}
	table := consumersTable("consumers", "faults")
	nodes := sync.OnceValue(func() [2]*rabbittest.Node { return bootTwo(t) })
	defer table.publish(t, func() *rabbittest.Node { return nodes()[0] })
	for _, s := range consumerScenarios {
		if !full() && !s.short {
			continue
		}
		for _, top := range consumerTopologies {
			if len(s.only) > 0 && !slices.Contains(s.only, top.name) {
				continue
			}
			t.Run(s.id+" "+s.fault+"/"+top.name, func(t *testing.T) {
				x := newConsumerExperiment(t, s, top, nodes)
				if s.play != nil {
					s.play(t, x)
				} else {
					x.start(t)
					x.flow(t, warmUp)
					s.strike(t, x)
					x.flow(t, warmUp)
				}
				table.add(x.finish(t).cells()...)
			})
		}
	}
}

// A consumerResult is a row of the consumers' table.
type consumerResult struct {
	id, fault, topology string
	published, handled  int
	lost, dead, again   int
	stale               int64
	silence             time.Duration
	outage              time.Duration // how long the node was down; 0 if nobody measured
	goroutines          int
}

func consumersTable(name, command string) *table {
	return newTable(name, command, "fault", "topology", "published:", "handled:", "lost:", "dead letters:", "handled again:", "stale answers:", "longest silence:", "node away:", "goroutines left:")
}

func (r consumerResult) cells() []any {
	return []any{r.id + " " + r.fault, r.topology, r.published, r.handled, r.lost, r.dead, r.again, r.stale, r.silence, orDash(r.outage), r.goroutines}
}
