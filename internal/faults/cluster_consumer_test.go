package faults_test

import (
	"context"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestClusterConsumerFaults does to consumers what TestClusterFaults does to producers. What they consume
// is published through all nodes, so that it goes on whenever the cluster lets it.
func TestClusterConsumerFaults(t *testing.T) {
	if !full() {
		t.Skip("takes half an hour; run make cluster-faults")
	}
	table := clusterConsumersTable("consumers on clusters")
	cluster := sync.OnceValue(func() *rabbittest.Cluster { return rabbittest.StartCluster(t) })
	defer table.publish(t, func() *rabbittest.Node { return cluster().Nodes[0] })
	for _, s := range clusterScenarios {
		for _, queueType := range []string{quorum, classic} {
			for _, top := range consumerTopologies {
				t.Run(s.id+" "+s.fault+"/"+queueType+"/"+top.name, func(t *testing.T) {
					s.hitConsumer(t, queueType, top, cluster(), table)
				})
			}
		}
	}
}

// TestClusterStreamFaults does the same to the consumer of a stream, which handles each message in order
// and skips none. Each fault has a cluster of its own: nodes that were parted or have hung may leave the
// stream coordinator of RabbitMQ 4.3 with a member less, and then no node may be drained.
func TestClusterStreamFaults(t *testing.T) {
	if !full() {
		t.Skip("takes a quarter of an hour; run make cluster-faults")
	}
	table := clusterConsumersTable("streams on clusters")
	defer table.publish(t, func() *rabbittest.Node { return rabbittest.Start(t) })
	top := consumerTopologies[0] // a pair is refused: each side has offsets of its own
	for _, s := range clusterScenarios {
		t.Run(s.id+" "+s.fault+"/"+stream+"/"+top.name, func(t *testing.T) {
			s.hitConsumer(t, stream, top, rabbittest.StartCluster(t), table)
		})
	}
}

func clusterConsumersTable(name string) *table {
	return newTable(name, "cluster-faults", "fault", "queue", "topology", "published:", "handled:", "lost:", "dead letters:", "handled again:", "stale answers:", "longest silence:", "goroutines left:")
}

// hitConsumer causes the fault while a consumer handles messages, and adds a row to a table.
func (s clusterScenario) hitConsumer(t *testing.T, queueType string, top consumerTopology, c *rabbittest.Cluster, table *table) {
	t.Helper()
	x, target := newClusterConsumer(t, s, queueType, top, c)
	x.start(t)
	s.hit(t, target)
	r := x.finish(t)
	if n := x.consumer.Count(runtime.EventOffsetGap); n > 0 {
		t.Errorf("%d times the stream had not what comes next", n)
	}
	t.Logf("%+v", r) // the table comes after half an hour
	table.add(r.id+" "+r.fault, queueType, r.topology, r.published, r.handled, r.lost, r.dead, r.again, r.stale, r.silence, r.goroutines)
}

func newClusterConsumer(t *testing.T, s clusterScenario, queueType string, top consumerTopology, c *rabbittest.Cluster) (*consumerExperiment, *clusterTarget) {
	t.Helper()
	base := s.prepare(t, queueType, topology{name: top.name}, c)
	x := consumerExperimentIn(base, consumerScenario{id: s.id, fault: s.fault, times: s.times}, top)
	x.arguments = runtime.Headers{"x-queue-type": queueType}
	x.feedURLs = c.URLs
	if queueType == stream {
		x.inOrder(t)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what has happened:\n%s", x.explain(t, nil))
			x.closeRig(t) // or it connects again and again while the next row runs
		}
	})
	address := func() string { return x.rig.connections[0].(*runtime.Connection).Status().Consuming.Address }
	return x, &clusterTarget{cluster: c, host: x.hosts[0], queueType: queueType, address: address, flow: x.flow}
}

// inOrder makes the consumer one of a stream, from its first message on, with one worker. It fails the
// test when an offset is handled before the one that precedes it.
func (x *consumerExperiment) inOrder(t *testing.T) {
	t.Helper()
	x.options = []runtime.ConsumerOption{runtime.WithStreamOffset(runtime.StreamFirst()), runtime.WithWorkers(1)}
	var mu sync.Mutex
	next := int64(0)
	x.inspect = func(ctx context.Context, _ string) error {
		offset, ok := runtime.DeliveryFrom(ctx).StreamOffset()
		mu.Lock()
		defer mu.Unlock()
		if !ok || offset > next {
			t.Errorf("offset %d is handled when %d is the next (it has one: %v)", offset, next, ok)
		}
		next = max(next, offset+1)
		return nil
	}
}
