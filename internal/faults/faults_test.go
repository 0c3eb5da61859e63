// Package faults_test drives producers and consumers on every topology through everything that can
// go wrong between them and a broker, at full load, and counts what becomes of their messages. make
// faults runs all of it and prints the table in docs/guarantees.md; without it a short form runs
// with the other tests.
package faults_test

import (
	"cmp"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// full reports whether the whole matrix runs.
func full() bool { return os.Getenv("SCAMP_FAULTS") == "full" }

// A scenario is one fault of the matrix.
type scenario struct {
	id          string // as in the table
	fault       string
	short       bool // runs in the short form too
	environment environment
	times       int      // how often the fault happens: each time may duplicate a window of messages
	only        []string // topologies; empty means all
	pools       bool     // runs on a pair of pools too, in the whole matrix: in most rows that would show nothing new
	spare       bool     // no publish of the load may fail

	// strike causes the fault while messages flow, and returns when it is over. What was
	// acknowledged before and after is compared with what arrived.
	strike func(*testing.T, *experiment)
	// play is the whole scenario if a fault needs more than steady load.
	play func(*testing.T, *experiment)
}

// suits reports whether the scenario runs on a topology.
func (s scenario) suits(top topology) bool {
	if len(s.only) > 0 {
		return slices.Contains(s.only, top.name)
	}
	return top.name != activePassivePools || s.short || s.pools
}

// isShort says whether the i-th scenario runs on a topology in the short form. What one client does to
// its neighbours depends little on the topology: such a scenario runs on one of them, on each in turn.
func (s scenario) isShort(i, topology int) bool {
	return s.short && (!s.spare || topology == i%len(topologies))
}

// An environment is what an experiment runs on.
type environment uint8

const (
	shared     environment = iota // virtual hosts of the node that all tests share
	proxied                       // the same, behind proxies
	own                           // two nodes that faults may hit
	ownProxied                    // the same, behind proxies
	scripted                      // two peers that answer as the experiment's script says
)

var scenarios = slices.Concat(connectionScenarios, channelScenarios, blockedScenarios, clientScenarios, networkScenarios, passiveScenarios, encryptionScenarios,
	mistakeScenarios, neighbourScenarios, silenceScenarios)

func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("harms brokers for a minute; run without -short")
	}
	table := producersTable("producers", "faults")
	nodes := sync.OnceValue(func() [2]*rabbittest.Node { return bootTwo(t) })
	defer table.publish(t, func() *rabbittest.Node { return nodes()[0] })
	for i, s := range scenarios {
		for at, top := range topologies {
			if !s.suits(top) || !full() && !s.isShort(i, at) {
				continue
			}
			t.Run(s.id+" "+s.fault+"/"+top.name, func(t *testing.T) {
				x := newExperiment(t, s, top, nodes)
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

// bootTwo boots two nodes, at the same time.
func bootTwo(t *testing.T) (pair [2]*rabbittest.Node) {
	t.Helper()
	var booting sync.WaitGroup
	for i := range pair {
		booting.Go(func() { pair[i] = rabbittest.Start(t) })
	}
	booting.Wait()
	return pair
}

// warmUp is how many messages must be acknowledged before and after a fault.
const warmUp = 300

// A result is a row of the producers' table.
type result struct {
	id, fault, topology string
	published, acked    int
	failed              string // by outcome
	harmed              any    // publishes that failed although nothing was wrong with them; "-" if the fault makes them fail
	lost, duplicated    int
	silence             time.Duration
	outage              time.Duration // how long the node was down; 0 if nobody measured
	switches            int
	goroutines          int
}

func producersTable(name, command string) *table {
	return newTable(name, command, "fault", "topology", "published:", "acked:", "failed", "harmed:", "lost:", "duplicated:", "longest silence:", "node away:", "switches:", "goroutines left:")
}

func (r result) cells() []any {
	return []any{
		r.id + " " + r.fault, r.topology, r.published, r.acked, cmp.Or(r.failed, "0"), r.harmed, r.lost, r.duplicated,
		r.silence, orDash(r.outage), r.switches, r.goroutines,
	}
}

// orDash returns the text of a duration that may not have been measured.
func orDash(d time.Duration) any {
	if d == 0 {
		return "-"
	}
	return d
}
