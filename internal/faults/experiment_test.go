package faults_test

import (
	"context"
	"net/url"
	goruntime "runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// An experiment is one scenario on one topology.
type experiment struct {
	scenario scenario
	topology topology
	hosts    [2]*rabbittest.VirtualHost // active and passive
	nodes    [2]*rabbittest.Node        // in the environments own and ownProxied
	watched  []*rabbittest.Node         // whose moments and warnings explain a loss
	proxies  [2]*rabbittest.Proxy       // in the environments proxied and ownProxied
	peers    [2]*peer                   // in the environment scripted, instead of hosts
	events   *events
	before   int       // goroutines
	begun    time.Time // when the experiment was made

	configure func(*runtime.Broker) // may change how the topology connects
	failover  runtime.Failover      // of a pair
	options   []runtime.ProducerOption
	count     func(*testing.T) map[string]int // what is in the queues, by message id
	outage    *outage                         // nil unless the test measures
	rig       rig
	producer  *runtime.Producer
	load      *load
}

func newExperiment(t *testing.T, s scenario, top topology, nodes func() [2]*rabbittest.Node) *experiment {
	t.Helper()
	x := &experiment{scenario: s, topology: top, events: &events{counts: map[string]int{}}, configure: func(*runtime.Broker) {}, begun: time.Now()}
	x.count = x.arrived
	if s.environment == scripted {
		x.peers = [2]*peer{newPeer(t), newPeer(t)}
		x.count = x.taken
		x.countGoroutines()
		return x
	}
	if s.environment >= own {
		x.nodes = nodes()
		x.watched = x.nodes[:]
		x.hosts = [2]*rabbittest.VirtualHost{x.nodes[0].NewVirtualHost(t), x.nodes[1].NewVirtualHost(t)}
	} else {
		first := rabbittest.New(t)
		x.hosts = [2]*rabbittest.VirtualHost{first, first.Sibling(t)}
	}
	if s.environment == proxied || s.environment == ownProxied {
		for i, host := range x.hosts {
			u, err := url.Parse(host.URL)
			if err != nil {
				t.Fatal(err)
			}
			x.proxies[i] = rabbittest.NewProxy(t, u.Host)
		}
	}
	for _, host := range x.hosts {
		x.makeQueue(t, host)
	}
	x.countGoroutines()
	return x
}

// measureOutage measures from now on how long the active node is down.
func (x *experiment) measureOutage(t *testing.T) {
	t.Helper()
	x.outage = measureOutage(t, x.hosts[0])
}

// outageLasted ends that and returns how long it was, or 0 if nobody measured.
func (x *experiment) outageLasted() time.Duration {
	if x.outage == nil {
		return 0
	}
	return x.outage.end()
}

// used returns the virtual hosts that the topology publishes to.
func (x *experiment) used() []*rabbittest.VirtualHost {
	if x.topology.pair {
		return x.hosts[:]
	}
	return x.hosts[:1]
}

// killActive kills the active side's node and boots it again.
func (x *experiment) killActive(t *testing.T) {
	t.Helper()
	x.nodes[0].Flush(t)
	x.measureOutage(t)
	x.nodes[0].Kill(t)
	x.nodes[0].Restart(t)
}

// countGoroutines notes how many goroutines are not the producer's.
func (x *experiment) countGoroutines() { x.before = goruntime.NumGoroutine() }

// broker returns how to connect to the active (0) or the passive (1) virtual host.
func (x *experiment) broker(t *testing.T, i int) runtime.Broker {
	t.Helper()
	b := runtime.Broker{URL: x.address(t, i), Name: "faults", Observer: x.events}
	x.configure(&b)
	return b
}

func (x *experiment) address(t *testing.T, i int) string {
	t.Helper()
	switch {
	case x.peers[i] != nil:
		return x.peers[i].server.URL()
	case x.proxies[i] != nil:
		return x.proxies[i].URL(t, x.hosts[i].URL)
	}
	return x.hosts[i].URL
}

// build creates the topology. Its events are counted only if counted is true.
func (x *experiment) build(t *testing.T, counted bool) rig {
	t.Helper()
	active, passive := x.broker(t, 0), x.broker(t, 1)
	if !counted {
		active.Observer, passive.Observer = runtime.NoObserver, runtime.NoObserver
	}
	return x.topology.build(active, passive, x.failover)
}

// connect creates the topology and a producer on it.
func (x *experiment) connect(t *testing.T, ctx context.Context) error {
	t.Helper()
	x.rig = x.build(t, true)
	var err error
	x.producer, err = runtime.NewProducer(ctx, x.rig.source, nil, x.options...)
	return err
}

// start connects and begins to publish.
func (x *experiment) start(t *testing.T) {
	t.Helper()
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	x.load = startLoad(x.producer, x.topology.name)
}

// flow waits until n more messages have been acknowledged, and forgets the silence of connecting.
func (x *experiment) flow(t *testing.T, n int) {
	t.Helper()
	fresh := x.load.acks.Load() == 0
	x.load.flow(t, n)
	if fresh {
		x.load.resetSilence()
	}
}

// finish ends the load, closes everything, and compares what was acknowledged with what is in the
// queues.
func (x *experiment) finish(t *testing.T) result {
	t.Helper()
	x.close(t)
	_ = x.outageLasted()
	left := x.goroutinesLeft()
	if left > 0 {
		var stacks strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
		t.Errorf("%d goroutines are left among these:\n%s", left, &stacks)
	}
	r := x.verify(t)
	r.goroutines = left
	if x.topology.pair && r.silence > time.Second {
		t.Logf("silent for %v:\n%s", r.silence, x.events.during(x.load.silent.Add(-r.silence), x.load.silent))
	}
	return r
}

// close ends the load and closes the producer and the connections.
func (x *experiment) close(t *testing.T) {
	t.Helper()
	x.load.end()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := x.producer.Close(ctx); err != nil {
		t.Errorf("close producer: %v", err)
	}
	if err := x.rig.close(ctx); err != nil {
		t.Errorf("close connections: %v", err)
	}
}

// verify compares what was acknowledged with what is in the queues.
func (x *experiment) verify(t *testing.T) result {
	t.Helper()
	r := result{
		id: x.scenario.id, fault: x.scenario.fault, topology: x.topology.name,
		published: int(x.load.published.Load()), acked: len(x.load.acked), failed: x.load.failed(), harmed: "-",
		silence: x.load.silence, outage: x.outageLasted(), switches: x.events.count("FailedOver"),
	}
	if n := x.load.failures["other"]; n > 0 {
		t.Errorf("%d publishes failed with errors that say nothing of the message: %v", n, x.load.errs)
	}
	if x.scenario.spare {
		n := x.load.harmed()
		r.harmed = n
		if n > 0 {
			t.Errorf("%d of %d correct publishes failed: %v", n, r.published, x.load.errs)
		}
	}
	arrived := x.count(t)
	lost := lost(x.load.acked, arrived)
	r.lost = len(lost)
	for _, n := range arrived {
		r.duplicated += n - 1
	}
	if r.lost > 0 {
		t.Errorf("%d of %d acknowledged messages are lost:\n%s", r.lost, r.acked, x.explain(t, lost))
	}
	if limit := x.topology.window * x.scenario.times; r.duplicated > limit {
		t.Errorf("%d duplicates, the limit is %d: a window for each fault", r.duplicated, limit)
	}
	return r
}

// goroutinesLeft waits some time for goroutines to end that were not there at first.
func (x *experiment) goroutinesLeft() int {
	deadline := time.Now().Add(testTimeout)
	for {
		left := goruntime.NumGoroutine() - x.before
		if left <= 0 || time.Now().After(deadline) {
			return max(left, 0)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// eventually waits until is returns true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(testTimeout)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("not after %v: %s", testTimeout, what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
