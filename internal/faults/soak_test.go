package faults_test

import (
	"math/rand/v2"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// soakTime is how long faults strike.
const soakTime = 2 * time.Minute

// TestSoak runs all topologies at once at full load, while one fault after another strikes
// somewhere at random.
func TestSoak(t *testing.T) {
	if !full() {
		t.Skip("harms brokers for minutes; run make soak")
	}
	s := soak{nodes: bootTwo(t)}
	table := producersTable()
	defer table.print(t)
	for _, top := range topologies {
		x := newExperiment(t, scenario{id: "soak", fault: "random faults", place: ownProxied}, top, func() [2]*rabbittest.Node { return s.nodes })
		s.experiments = append(s.experiments, x)
	}
	s.experiments[0].countGoroutines()
	for _, x := range s.experiments {
		x.start(t)
		x.flow(t, warmUp)
	}
	before, goroutines := heap(), goruntime.NumGoroutine()
	s.run(t)
	acked := s.flow(t)
	after := heap()
	for _, x := range s.experiments {
		x.scenario.times = s.struck
		x.close(t)
	}
	left := s.experiments[0].goroutinesLeft()
	for _, x := range s.experiments {
		r := x.verify(t)
		r.goroutines = left
		table.add(r.cells()...)
	}
	t.Logf("%d faults in %v; heap %d MiB before, %d MiB after %d acknowledged messages; %d goroutines at full load before, %d left at the end",
		s.struck, soakTime, before>>20, after>>20, acked, goroutines, left)
	// What the test itself remembers of each message, and some slack.
	if limit := before + uint64(acked)*100 + 32<<20; after > limit {
		t.Errorf("the heap has grown from %d to %d bytes", before, after)
	}
	if left > 0 {
		t.Errorf("%d goroutines are left", left)
	}
}

// soak is what random faults strike.
type soak struct {
	nodes       [2]*rabbittest.Node
	experiments []*experiment
	struck      int
}

// run strikes until the time is over, with a pause of a few seconds between faults.
func (s *soak) run(t *testing.T) {
	t.Helper()
	// Those that take a node away come seldom, for they take time.
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

// flow waits until every topology publishes again and returns how many messages have been
// acknowledged.
func (s *soak) flow(t *testing.T) (acked int64) {
	t.Helper()
	for _, x := range s.experiments {
		x.flow(t, warmUp)
		acked += x.load.acks.Load()
	}
	return acked
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

// heap returns the bytes of living objects.
func heap() uint64 {
	var stats goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
