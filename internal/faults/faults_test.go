// Package faults_test drives producers on every topology through everything that goes
// wrong between them and a broker, at full load, and counts what becomes of
// their messages. make faults runs all of it and prints the table that stands in
// docs/guarantees.md; without it a short form runs with the other tests.
package faults_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// full says whether the whole matrix runs.
func full() bool { return os.Getenv("SCAMP_FAULTS") == "full" }

// A scenario is one fault of the matrix.
type scenario struct {
	id    string // as in the table
	fault string
	short bool // runs in the short form too
	place place
	times int      // how often it strikes: each may duplicate a window of messages
	only  []string // topologies; empty means all

	// strike does the harm while messages flow, and returns when it is over. What was
	// acknowledged before and after is compared with what arrived.
	strike func(*testing.T, *experiment)
	// play is the whole scenario where a fault needs more than steady load.
	play func(*testing.T, *experiment)
}

// A place is what an experiment stands on.
type place uint8

const (
	shared     place = iota // virtual hosts of the node that all tests share
	proxied                 // the same, behind proxies
	own                     // two nodes that may be harmed
	ownProxied              // the same, behind proxies
)

var scenarios = slices.Concat(connectionScenarios, channelScenarios, blockedScenarios, clientScenarios, networkScenarios, passiveScenarios, encryptionScenarios)

func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("harms brokers for a minute; run without -short")
	}
	var table results
	defer table.print(t)
	nodes := sync.OnceValue(func() [2]*rabbittest.Node { return bootTwo(t) })
	for _, s := range scenarios {
		if !full() && !s.short {
			continue
		}
		for _, top := range topologies {
			if len(s.only) > 0 && !slices.Contains(s.only, top.name) {
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
				table.add(x.finish(t))
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

// A result is a line of the table.
type result struct {
	id, fault, topology string
	published, acked    int
	failed              string // by outcome
	lost, duplicated    int
	silence             time.Duration
	switches            int
	goroutines          int
}

type results struct {
	mu    sync.Mutex
	lines []result
}

func (r *results) add(line result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
}

// print writes the table, in markdown, to the test's log.
func (r *results) print(t *testing.T) {
	t.Helper()
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| fault\t| topology\t| published\t| acked\t| failed\t| lost\t| duplicated\t| longest silence\t| switches\t| goroutines left\t|")
	fmt.Fprintln(w, "|---\t|---\t|---:\t|---:\t|---\t|---:\t|---:\t|---:\t|---:\t|---:\t|")
	for _, l := range r.lines {
		fmt.Fprintf(w, "| %s %s\t| %s\t| %d\t| %d\t| %s\t| %d\t| %d\t| %v\t| %d\t| %d\t|\n", l.id, l.fault, l.topology,
			l.published, l.acked, cmp.Or(l.failed, "0"), l.lost, l.duplicated, l.silence.Round(time.Millisecond), l.switches, l.goroutines)
	}
	w.Flush()
	t.Log("\n" + out.String())
}
