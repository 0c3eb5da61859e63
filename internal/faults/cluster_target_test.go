package faults_test

import (
	"slices"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// A clusterTarget is what a fault of a cluster hits: the queue of the active side, and a client of it.
type clusterTarget struct {
	cluster   *rabbittest.Cluster
	host      *rabbittest.VirtualHost // of the active side
	queueType string
	address   func() string         // of the node that the active side's first connection leads to; empty if none
	flow      func(*testing.T, int) // waits until so many more messages have passed
}

// leader returns the node that leads the active side's queue, or that has it.
func (c *clusterTarget) leader(t *testing.T) *rabbittest.Node {
	t.Helper()
	return c.cluster.Leader(t, c.host, publication.RoutingKey)
}

// follower returns a node that does not: the client's if that is one.
func (c *clusterTarget) follower(t *testing.T) *rabbittest.Node {
	t.Helper()
	leader := c.leader(t)
	if node := c.clientNode(t); node != leader {
		return node
	}
	return c.other(leader)
}

// other returns another node than one.
func (c *clusterTarget) other(one *rabbittest.Node) *rabbittest.Node {
	return c.cluster.Nodes[(slices.Index(c.cluster.Nodes[:], one)+1)%len(c.cluster.Nodes)]
}

// clientNode returns the node that the active side's first connection leads to.
func (c *clusterTarget) clientNode(t *testing.T) *rabbittest.Node {
	t.Helper()
	var address string
	eventually(t, "the client is connected", func() bool {
		address = c.address()
		return address != ""
	})
	i := slices.IndexFunc(c.cluster.Nodes[:], func(n *rabbittest.Node) bool { return n.Addr() == address })
	return c.cluster.Nodes[i]
}

// awaitLoss waits until the active side's first connection no longer leads to a node.
func (c *clusterTarget) awaitLoss(t *testing.T, node *rabbittest.Node) {
	t.Helper()
	eventually(t, "the connection to the node is lost", func() bool { return c.address() != node.Addr() })
}

// kill kills a node and boots it again.
func (c *clusterTarget) kill(t *testing.T, node *rabbittest.Node) {
	t.Helper()
	if c.queueType == classic {
		node.Flush(t) // the queue is younger than Mnesia's last write
	}
	node.Kill(t)
	c.cluster.Restart(t, node)
}
