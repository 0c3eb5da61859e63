package faults_test

import (
	"cmp"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// A clusterScenario is one fault of a cluster of three nodes.
type clusterScenario struct {
	id, fault string
	times     int // how often a connection is lost: each time may duplicate a window of messages, or a prefetch
	configure func(*runtime.Broker)
	followers bool // clients know the hosts of the followers only

	// strike causes the fault while messages flow, and returns when it is over.
	strike func(*testing.T, *clusterTarget)
}

// The types of queues, as in the table.
const (
	classic = "classic"
	quorum  = "quorum"
	stream  = "stream"
)

var clusterScenarios = []clusterScenario{
	{id: "C1", fault: "leader killed", times: 1, strike: func(t *testing.T, c *clusterTarget) {
		c.kill(t, c.leader(t))
	}},
	{id: "C2", fault: "client's follower killed", times: 1, followers: true, strike: func(t *testing.T, c *clusterTarget) {
		c.kill(t, c.follower(t))
	}},
	{id: "C3", fault: "two nodes of three killed", times: 3, strike: func(t *testing.T, c *clusterTarget) {
		gone := []*rabbittest.Node{c.leader(t), c.follower(t)}
		for _, node := range gone {
			node.Kill(t)
		}
		c.cluster.Restart(t, gone...)
	}},
	{id: "C4", fault: "client's node and leader parted for 5 s", times: 2, followers: true, strike: func(t *testing.T, c *clusterTarget) {
		node, leader := c.follower(t), c.leader(t)
		node.Part(t, leader)
		<-time.After(5 * time.Second) // how long they are parted
		node.Unpart(t, leader)
	}},
	{
		id: "C5", fault: "rolling restart, drained first", times: 6,
		configure: func(b *runtime.Broker) { b.Rebalance = time.Second },
		strike: func(t *testing.T, c *clusterTarget) {
			home := c.clientNode(t)
			for _, node := range c.cluster.Nodes {
				node.AwaitQuorum(t)
				node.Drain(t)
				node.Shutdown(t)
				c.cluster.Restart(t, node)
				c.flow(t, warmUp)
			}
			eventually(t, "the client is back on its node", func() bool { return c.address() == home.Addr() })
		},
	},
	{id: "C6", fault: "drained node refuses connections", times: 2, strike: func(t *testing.T, c *clusterTarget) {
		node := c.clientNode(t)
		node.Drain(t)
		defer node.Revive(t)
		c.flow(t, warmUp)
		c.other(node).Through(c.host).CloseConnections(t)
		c.flow(t, warmUp)
	}},
	{id: "C6", fault: "one node refuses logins", times: 2, strike: func(t *testing.T, c *clusterTarget) {
		node := c.clientNode(t)
		node.RefuseLogins(t, true)
		defer node.RefuseLogins(t, false)
		c.other(node).Through(c.host).CloseConnections(t)
		c.flow(t, warmUp)
	}},
	{
		id: "C7", fault: "client's follower hangs, heartbeat 2 s", times: 1, followers: true,
		configure: func(b *runtime.Broker) { b.Heartbeat = 2 * time.Second },
		strike: func(t *testing.T, c *clusterTarget) {
			node := c.follower(t)
			node.Pause(t)
			defer node.Resume(t)
			c.awaitLoss(t, node)
			c.flow(t, warmUp)
		},
	},
}

// TestClusterFaults runs the faults of a cluster. It boots three nodes and takes long, so only the
// whole matrix has it: make cluster-faults.
func TestClusterFaults(t *testing.T) {
	if !full() {
		t.Skip("takes half an hour; run make cluster-faults")
	}
	table := newTable("clusters", "cluster-faults", "fault", "queue", "topology", "published:", "acked:", "failed", "lost:", "duplicated:", "longest silence:", "switches:", "goroutines left:")
	cluster := sync.OnceValue(func() *rabbittest.Cluster { return rabbittest.StartCluster(t) })
	defer table.publish(t, func() *rabbittest.Node { return cluster().Nodes[0] })
	for _, s := range clusterScenarios {
		for _, queueType := range []string{quorum, classic} {
			for _, top := range topologies {
				if top.name == activePassivePools {
					continue // nothing new beside the two that it is made of
				}
				t.Run(s.id+" "+s.fault+"/"+queueType+"/"+top.name, func(t *testing.T) {
					x, target := newClusterExperiment(t, s, queueType, top, cluster())
					x.start(t)
					s.hit(t, target)
					r := x.finish(t)
					t.Logf("%+v", r) // the table comes after half an hour
					table.add(r.id+" "+r.fault, queueType, r.topology, r.published, r.acked, cmp.Or(r.failed, "0"), r.lost, r.duplicated, r.silence, r.switches, r.goroutines)
				})
			}
		}
	}
}

func newClusterExperiment(t *testing.T, s clusterScenario, queueType string, top topology, c *rabbittest.Cluster) (*experiment, *clusterTarget) {
	t.Helper()
	x := s.prepare(t, queueType, top, c)
	x.count = x.arrivedLate
	address := func() string {
		if pool, ok := x.rig.connections[0].(*runtime.Connections); ok {
			return pool.Status()[0].Producing.Address
		}
		return x.rig.connections[0].(*runtime.Connection).Status().Producing.Address
	}
	return x, &clusterTarget{cluster: c, host: x.hosts[0], queueType: queueType, address: address, flow: x.flow}
}

// hit causes the fault in the middle of a flow of messages.
func (s clusterScenario) hit(t *testing.T, c *clusterTarget) {
	t.Helper()
	c.flow(t, warmUp)
	s.strike(t, c)
	c.cluster.WaitComplete(t)
	c.flow(t, warmUp)
}

// prepare makes the queues in two virtual hosts of a cluster, and what tells clients how to connect to
// them. Both sides of a pair are in the same cluster.
func (s clusterScenario) prepare(t *testing.T, queueType string, top topology, c *rabbittest.Cluster) *experiment {
	t.Helper()
	for _, node := range c.Nodes {
		if !node.Running() { // the row before has failed
			c.Restart(t, node)
		}
	}
	c.WaitComplete(t)
	x := &experiment{
		scenario: scenario{id: s.id, fault: s.fault, times: s.times}, topology: top,
		hosts: [2]*rabbittest.VirtualHost{c.NewVirtualHost(t), c.NewVirtualHost(t)}, events: &events{counts: map[string]int{}},
		watched: c.Nodes[:], begun: time.Now(),
	}
	x.configure = func(b *runtime.Broker) {
		known := c.Nodes[:]
		if s.followers {
			known = c.Nodes[1:] // the queues are declared on the first
		}
		for _, node := range known {
			b.URLs = append(b.URLs, withHost(t, b.URL, node.Addr()))
		}
		b.URL = ""
		if s.configure != nil {
			s.configure(b)
		}
	}
	for _, host := range x.hosts {
		err := dial(t, host, func(channel *amqp.Channel) error {
			_, err := channel.QueueDeclare(publication.RoutingKey, true, false, false, false, amqp.Table{"x-queue-type": queueType})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	x.countGoroutines()
	return x
}

// arrivedLate does the same as arrived, and asks again while acknowledged messages are missing: a node
// that has just come back says that a queue is empty before it knows the queue's leader.
func (x *experiment) arrivedLate(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for deadline := time.Now().Add(testTimeout); ; {
		complete := len(lost(x.load.acked, counts)) == 0
		for _, host := range x.used() {
			if err := empty(host, publication.RoutingKey, "", counts, quiet); err != nil {
				t.Logf("empty the queue: %v", err)
				complete = false
			}
		}
		if complete || time.Now().After(deadline) {
			return counts
		}
	}
}
