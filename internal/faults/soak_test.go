package faults_test

import (
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// soakTime is how long there are faults.
const soakTime = 5 * time.Minute

// TestSoak runs all topologies at once at full load, while one fault after another happens
// somewhere at random. Neither memory nor goroutines may grow.
func TestSoak(t *testing.T) {
	if !full() {
		t.Skip("harms brokers for minutes; run make soak")
	}
	s := soak{nodes: bootTwo(t)}
	table := producersTable("soak", "soak")
	defer table.publish(t, func() *rabbittest.Node { return s.nodes[0] })
	for _, top := range topologies {
		x := newExperiment(t, scenario{id: "soak", fault: "random faults", environment: ownProxied}, top, func() [2]*rabbittest.Node { return s.nodes })
		s.experiments = append(s.experiments, x)
	}
	for _, node := range s.nodes {
		node.Flush(t)
	}
	s.experiments[0].countGoroutines()
	for _, x := range s.experiments {
		x.start(t)
	}
	s.measureOutage(t)
	before := s.measure(t)
	s.run(t)
	after := s.measure(t)
	for _, x := range s.experiments {
		x.scenario.times = s.struck
		x.close(t)
		_ = x.outageLasted()
	}
	left := s.experiments[0].goroutinesLeft()
	for _, x := range s.experiments {
		r := x.verify(t)
		r.goroutines = left
		table.add(r.cells()...)
	}
	table.remark = fmt.Sprintf("%d faults in %v. Before them: %v. After them: %v. At the end %d goroutines were left.", s.struck, soakTime, before, after, left)
	if after.heap > before.heap+heapSlack {
		t.Errorf("the heap has grown: %v before, %v after", before, after)
	}
	if left > 0 {
		t.Errorf("%d goroutines are left", left)
	}
}

// measureOutage measures how long the active node is down, once for all.
func (s *soak) measureOutage(t *testing.T) {
	t.Helper()
	first := s.experiments[0]
	first.measureOutage(t)
	for _, x := range s.experiments {
		x.outage = first.outage
	}
}

const (
	// heapSlack is by how much the heap at full load may differ between two measurements without a
	// reason: a run acknowledges some hundred thousand messages, so a leak for each of them would
	// be far larger.
	heapSlack = 16 << 20

	// goroutineSlack is the same for goroutines, such as those of timers that fire.
	goroutineSlack = 10
)

// usage is what a program at full load uses.
type usage struct {
	acked      int64
	heap       int // bytes of live objects without what the test remembers
	goroutines int
}

func (u usage) String() string {
	return fmt.Sprintf("%d MiB of heap, %d goroutines, %d messages acknowledged", u.heap>>20, u.goroutines, u.acked)
}

// measure waits until every connection of every topology is up and has published, and until
// short-lived goroutines have ended.
func (s *soak) measure(t *testing.T) usage {
	t.Helper()
	var u usage
	for _, x := range s.experiments {
		x.flow(t, warmUp)
		eventually(t, x.topology.name+": all connections are up", func() bool {
			return x.proxies[0].Connections() == x.topology.connections && (!x.topology.pair || x.proxies[1].Connections() == x.topology.connections)
		})
	}
	u.goroutines = goruntime.NumGoroutine()
	if s.goroutines == 0 {
		s.goroutines = u.goroutines
	}
	eventually(t, fmt.Sprintf("as few goroutines as before: %d", s.goroutines), func() bool {
		u.goroutines = goruntime.NumGoroutine()
		return u.goroutines <= s.goroutines+goroutineSlack
	})
	u.heap = heap()
	for _, x := range s.experiments {
		u.acked += x.load.acks.Load()
		u.heap -= x.load.memory()
	}
	return u
}

// soak is what random faults happen to.
type soak struct {
	nodes       [2]*rabbittest.Node
	experiments []*experiment
	struck      int
	goroutines  int // before the first fault
}

// run causes faults until the time is over, with a pause of a few seconds between them.
func (s *soak) run(t *testing.T) {
	t.Helper()
	// Those that stop a node are rare, because they take long.
	faults := []func(*testing.T, *experiment, *rabbittest.Node){
		closeOne, closeOne, reset, reset, cut, cut, freeze, freeze, slow, slow, alarm, alarm, stopApp, kill,
	}
	over := time.Now().Add(soakTime)
	for time.Now().Before(over) {
		i := rand.IntN(len(faults))
		x := s.experiments[rand.IntN(len(s.experiments))]
		node := s.nodes[rand.IntN(len(s.nodes))]
		faults[i](t, x, node)
		s.struck++
		<-time.After(rand.N(2 * time.Second))
	}
}

func closeOne(t *testing.T, x *experiment, _ *rabbittest.Node) {
	for _, name := range x.hosts[0].Connections(t) {
		x.hosts[0].CloseConnection(t, name)
	}
}

func reset(_ *testing.T, x *experiment, _ *rabbittest.Node) { x.proxies[rand.IntN(2)].Reset() }

func cut(_ *testing.T, x *experiment, _ *rabbittest.Node) {
	x.proxies[rand.IntN(2)].CutAfter(rand.IntN(10000))
}

func freeze(_ *testing.T, x *experiment, _ *rabbittest.Node) {
	x.proxies[0].Freeze()
	<-time.After(rand.N(2 * time.Second))
	x.proxies[0].Thaw()
}

func slow(_ *testing.T, x *experiment, _ *rabbittest.Node) {
	x.proxies[0].Slow(4 << 10)
	<-time.After(rand.N(2 * time.Second))
	x.proxies[0].Slow(0)
}

func alarm(t *testing.T, _ *experiment, node *rabbittest.Node) {
	node.Alarm(t, true)
	<-time.After(rand.N(2 * time.Second))
	node.Alarm(t, false)
}

func stopApp(t *testing.T, _ *experiment, node *rabbittest.Node) {
	node.StopApp(t)
	node.StartApp(t)
}

func kill(t *testing.T, _ *experiment, node *rabbittest.Node) {
	node.Kill(t)
	node.Restart(t)
}

// heap returns the bytes of live objects.
func heap() int {
	var stats goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
