package faults_test

import (
	"cmp"
	"slices"
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
	times     int // how often a connection is lost: each time may duplicate a window of messages
	configure func(*runtime.Broker)
	followers bool // clients know the hosts of the followers only

	// strike causes the fault while messages flow, and returns when it is over.
	strike func(*testing.T, *clusterExperiment)
}

// A clusterExperiment is one scenario on one topology with one type of queue. Both sides of a pair are
// virtual hosts of the same cluster.
type clusterExperiment struct {
	*experiment
	cluster   *rabbittest.Cluster
	queueType string
}

// The types of queues, as in the table.
const (
	classic = "classic"
	quorum  = "quorum"
)

var clusterScenarios = []clusterScenario{
	{id: "C1", fault: "leader killed", times: 1, strike: func(t *testing.T, x *clusterExperiment) {
		x.kill(t, x.leader(t))
	}},
	{id: "C2", fault: "client's follower killed", times: 1, followers: true, strike: func(t *testing.T, x *clusterExperiment) {
		x.kill(t, x.follower(t))
	}},
	{id: "C3", fault: "two nodes of three killed", times: 3, strike: func(t *testing.T, x *clusterExperiment) {
		gone := []*rabbittest.Node{x.leader(t), x.follower(t)}
		for _, node := range gone {
			node.Kill(t)
		}
		x.cluster.Restart(t, gone...)
	}},
	{id: "C4", fault: "client's node and leader parted for 5 s", times: 2, followers: true, strike: func(t *testing.T, x *clusterExperiment) {
		node, leader := x.follower(t), x.leader(t)
		node.Part(t, leader)
		<-time.After(5 * time.Second) // how long they are parted
		node.Unpart(t, leader)
	}},
	{
		id: "C5", fault: "rolling restart, drained first", times: 6,
		configure: func(b *runtime.Broker) { b.Rebalance = time.Second },
		strike: func(t *testing.T, x *clusterExperiment) {
			home := x.clientNode(t)
			for _, node := range x.cluster.Nodes {
				node.AwaitQuorum(t)
				node.Drain(t)
				node.Shutdown(t)
				x.cluster.Restart(t, node)
				x.flow(t, warmUp)
			}
			eventually(t, "the client is back on its node", func() bool { return x.clientAddress() == home.Addr() })
		},
	},
	{id: "C6", fault: "drained node refuses connections", times: 2, strike: func(t *testing.T, x *clusterExperiment) {
		node := x.clientNode(t)
		node.Drain(t)
		defer node.Revive(t)
		x.flow(t, warmUp)
		x.other(node).Through(x.hosts[0]).CloseConnections(t)
		x.flow(t, warmUp)
	}},
	{id: "C6", fault: "one node refuses logins", times: 2, strike: func(t *testing.T, x *clusterExperiment) {
		node := x.clientNode(t)
		node.RefuseLogins(t, true)
		defer node.RefuseLogins(t, false)
		x.other(node).Through(x.hosts[0]).CloseConnections(t)
		x.flow(t, warmUp)
	}},
	{
		id: "C7", fault: "client's follower hangs, heartbeat 2 s", times: 1, followers: true,
		configure: func(b *runtime.Broker) { b.Heartbeat = 2 * time.Second },
		strike: func(t *testing.T, x *clusterExperiment) {
			node := x.follower(t)
			node.Pause(t)
			defer node.Resume(t)
			x.awaitLoss(t, node)
			x.flow(t, warmUp)
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
					x := newClusterExperiment(t, s, queueType, top, cluster())
					x.start(t)
					x.flow(t, warmUp)
					s.strike(t, x)
					x.cluster.WaitComplete(t)
					x.flow(t, warmUp)
					r := x.finish(t)
					t.Logf("%+v", r) // the table comes after half an hour
					table.add(r.id+" "+r.fault, queueType, r.topology, r.published, r.acked, cmp.Or(r.failed, "0"), r.lost, r.duplicated, r.silence, r.switches, r.goroutines)
				})
			}
		}
	}
}

func newClusterExperiment(t *testing.T, s clusterScenario, queueType string, top topology, c *rabbittest.Cluster) *clusterExperiment {
	t.Helper()
	for _, node := range c.Nodes {
		if !node.Running() { // the row before has failed
			c.Restart(t, node)
		}
	}
	c.WaitComplete(t)
	first := c.NewVirtualHost(t)
	x := &clusterExperiment{cluster: c, queueType: queueType, experiment: &experiment{
		scenario: scenario{id: s.id, fault: s.fault, times: s.times}, topology: top,
		hosts: [2]*rabbittest.VirtualHost{first, first.Sibling(t)}, events: &events{counts: map[string]int{}},
		watched: c.Nodes[:], begun: time.Now(),
	}}
	x.count = x.arrivedLate
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
func (x *clusterExperiment) arrivedLate(t *testing.T) map[string]int {
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

// leader returns the node that leads the active side's queue, or that has it.
func (x *clusterExperiment) leader(t *testing.T) *rabbittest.Node {
	t.Helper()
	return x.cluster.Leader(t, x.hosts[0], publication.RoutingKey)
}

// follower returns a node that does not: the client's if that is one.
func (x *clusterExperiment) follower(t *testing.T) *rabbittest.Node {
	t.Helper()
	leader := x.leader(t)
	if node := x.clientNode(t); node != leader {
		return node
	}
	return x.other(leader)
}

// other returns another node than one.
func (x *clusterExperiment) other(one *rabbittest.Node) *rabbittest.Node {
	return x.cluster.Nodes[(slices.Index(x.cluster.Nodes[:], one)+1)%len(x.cluster.Nodes)]
}

// clientNode returns the node that the active side's first connection leads to.
func (x *clusterExperiment) clientNode(t *testing.T) *rabbittest.Node {
	t.Helper()
	var address string
	eventually(t, "the client is connected", func() bool {
		address = x.clientAddress()
		return address != ""
	})
	i := slices.IndexFunc(x.cluster.Nodes[:], func(n *rabbittest.Node) bool { return n.Addr() == address })
	return x.cluster.Nodes[i]
}

func (x *clusterExperiment) clientAddress() string {
	if pool, ok := x.rig.connections[0].(*runtime.Connections); ok {
		return pool.Status()[0].Producing.Address
	}
	return x.rig.connections[0].(*runtime.Connection).Status().Producing.Address
}

// awaitLoss waits until the active side's first connection no longer leads to a node.
func (x *clusterExperiment) awaitLoss(t *testing.T, node *rabbittest.Node) {
	t.Helper()
	eventually(t, "the connection to the node is lost", func() bool { return x.clientAddress() != node.Addr() })
}

// kill kills a node and boots it again.
func (x *clusterExperiment) kill(t *testing.T, node *rabbittest.Node) {
	t.Helper()
	if x.queueType == classic {
		node.Flush(t) // the queue is younger than Mnesia's last write
	}
	node.Kill(t)
	x.cluster.Restart(t, node)
}
