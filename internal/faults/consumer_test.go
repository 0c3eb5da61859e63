package faults_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// A consumerScenario is one fault of the matrix as a consumer meets it.
type consumerScenario struct {
	id    string // as in the table
	fault string
	short bool // runs in the short form too
	place place
	times int      // how often it strikes: each may have a prefetch of messages handled twice
	only  []string // topologies; empty means all

	// strike does the harm while messages flow, and returns when it is over.
	strike func(*testing.T, *trial)
	// play is the whole scenario where a fault needs more than that.
	play func(*testing.T, *trial)
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

var consumerScenarios = slices.Concat(consumerConnectionScenarios, consumerQueueScenarios, consumerHandlerScenarios, consumerPairScenarios)

func TestConsumerFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("harms brokers for a minute; run without -short")
	}
	var table consumerResults
	defer table.print(t)
	nodes := sync.OnceValue(func() [2]*rabbittest.Node {
		return [2]*rabbittest.Node{rabbittest.Start(t), rabbittest.Start(t)}
	})
	for _, s := range consumerScenarios {
		if !full() && !s.short {
			continue
		}
		for _, top := range consumerTopologies {
			if len(s.only) > 0 && !slices.Contains(s.only, top.name) {
				continue
			}
			t.Run(s.id+" "+s.fault+"/"+top.name, func(t *testing.T) {
				x := newTrial(t, s, top, nodes)
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

// A consumerResult is a line of the consumers' table.
type consumerResult struct {
	id, fault, topology string
	published, handled  int
	lost, again         int
	stale               uint64
	silence             time.Duration
	goroutines          int
}

type consumerResults struct {
	mu    sync.Mutex
	lines []consumerResult
}

func (r *consumerResults) add(line consumerResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
}

// print writes the table, in markdown, to the test's log.
func (r *consumerResults) print(t *testing.T) {
	t.Helper()
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| fault\t| topology\t| published\t| handled\t| lost\t| handled again\t| stale answers\t| longest silence\t| goroutines left\t|")
	fmt.Fprintln(w, "|---\t|---\t|---:\t|---:\t|---:\t|---:\t|---:\t|---:\t|---:\t|")
	for _, l := range r.lines {
		fmt.Fprintf(w, "| %s %s\t| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %v\t| %d\t|\n", l.id, l.fault, l.topology,
			l.published, l.handled, l.lost, l.again, l.stale, l.silence.Round(time.Millisecond), l.goroutines)
	}
	_ = w.Flush() // into memory
	t.Log("\n" + out.String())
}
