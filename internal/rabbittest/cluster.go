package rabbittest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// A Cluster is three nodes of one cluster, each with ports of its own. A node that cannot see a
// second one pauses itself (pause_minority), unless the version keeps its definitions in Khepri,
// which has no such setting.
type Cluster struct {
	Nodes [3]*Node
}

// clusterConfig returns what nodes of a cluster have in rabbitmq.conf beside the usual.
func clusterConfig(names []string) string {
	var config strings.Builder
	config.WriteString("cluster_partition_handling = pause_minority\n")
	config.WriteString("cluster_formation.peer_discovery_backend = classic_config\n")
	for i, name := range names {
		fmt.Fprintf(&config, "cluster_formation.classic_config.nodes.%d = %s@localhost\n", i+1, name)
	}
	return config.String()
}

// StartCluster boots a cluster for this test alone. It takes about half a minute on two processors;
// the nodes are killed when the test ends.
func StartCluster(t testing.TB) *Cluster {
	t.Helper()
	l := privateLauncher(t)
	c := &Cluster{}
	names := []string{newName(), newName(), newName()}
	errs := make([]error, len(c.Nodes))
	var booting sync.WaitGroup
	for i, name := range names {
		booting.Go(func() { c.Nodes[i], errs[i] = boot(l, name, clusterConfig(names)) })
	}
	booting.Wait()
	for _, node := range c.Nodes {
		if node != nil {
			t.Cleanup(node.Stop)
		}
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("boot RabbitMQ: %v", err)
	}
	c.WaitComplete(t)
	return c
}

// NewVirtualHost returns a new virtual host that all nodes serve.
func (c *Cluster) NewVirtualHost(t testing.TB) *VirtualHost {
	t.Helper()
	host := c.Nodes[0].NewVirtualHost(t)
	c.WaitServed(t, host)
	return host
}

// WaitServed waits until all nodes accept connections to a virtual host. A node that does not is told to
// start it: one that has just joined may miss that a virtual host was made, and nothing would start it
// there later.
func (c *Cluster) WaitServed(t testing.TB, host *VirtualHost) {
	t.Helper()
	for _, node := range c.Nodes {
		err := poll(context.Background(), bootLimit, func(ctx context.Context) error {
			err := node.serves(host.Name)
			if err != nil {
				path := host.path("/api/vhosts") + "/start/" + url.PathEscape(node.fullName())
				_ = node.call(ctx, http.MethodPost, path, nil, nil) // whether it has helped, the next try tells
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// URLs returns the address of a virtual host on each node, in the order of Nodes.
func (c *Cluster) URLs(host *VirtualHost) []string {
	urls := make([]string, len(c.Nodes))
	for i, node := range c.Nodes {
		urls[i] = node.URL(host.Name)
	}
	return urls
}

// Through returns a virtual host of the cluster whose methods ask another node than the one that it
// was made on.
func (n *Node) Through(host *VirtualHost) *VirtualHost {
	return &VirtualHost{Name: host.Name, URL: n.URL(host.Name), broker: n.broker}
}

// Restart boots killed nodes again, at the same time: one alone may wait for the others. It returns
// when all accept clients.
func (c *Cluster) Restart(t testing.TB, nodes ...*Node) {
	t.Helper()
	errs := make([]error, len(nodes))
	var booting sync.WaitGroup
	for i, node := range nodes {
		booting.Go(func() {
			if err := node.start(); err != nil {
				errs[i] = fmt.Errorf("restart: %w\n%s", err, node.lastLog())
			}
		})
	}
	booting.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// WaitComplete waits until all nodes accept clients and each sees the others.
func (c *Cluster) WaitComplete(t testing.TB) {
	t.Helper()
	for _, node := range c.Nodes {
		err := poll(context.Background(), bootLimit, func(ctx context.Context) error {
			var members []struct {
				Name    string
				Running bool
			}
			if err := node.answers(ctx); err != nil {
				return err
			}
			if err := node.call(ctx, http.MethodGet, "/api/nodes", nil, &members); err != nil {
				return err
			}
			if len(members) != len(c.Nodes) {
				return fmt.Errorf("%s sees %d nodes", node.fullName(), len(members))
			}
			for _, member := range members {
				if !member.Running {
					return fmt.Errorf("%s does not see %s", node.fullName(), member.Name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Leader returns the node that a queue's leader is on, or that a classic queue is on. It waits until
// there is one.
func (c *Cluster) Leader(t testing.TB, host *VirtualHost, queue string) *Node {
	t.Helper()
	var leader *Node
	err := poll(context.Background(), waitLimit, func(ctx context.Context) (err error) {
		leader, err = c.leader(ctx, host, queue)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return leader
}

func (c *Cluster) leader(ctx context.Context, host *VirtualHost, queue string) (*Node, error) {
	var found struct{ Leader, Node string }
	path := host.path("/api/queues") + "/" + url.PathEscape(queue)
	var errs []error
	for _, node := range c.Nodes {
		if !node.Running() {
			continue
		}
		if err := node.call(ctx, http.MethodGet, path, nil, &found); err != nil {
			errs = append(errs, err)
			continue
		}
		name := cmp.Or(found.Leader, found.Node)
		for _, leader := range c.Nodes {
			if leader.fullName() == name && leader.Running() {
				return leader, nil
			}
		}
		errs = append(errs, fmt.Errorf("%s is led by %q", queue, name))
	}
	return nil, cmp.Or(errors.Join(errs...), errors.New("no node is running"))
}

// MoveLeader makes a node the leader of a quorum queue. It returns when the management API says so.
func (c *Cluster) MoveLeader(t testing.TB, host *VirtualHost, queue string, to *Node) {
	t.Helper()
	transfer := fmt.Sprintf("{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<%q>>, queue, <<%q>>)),"+
		" rabbit_quorum_queue:transfer_leadership(Q, '%s').", host.Name, queue, to.fullName())
	err := poll(context.Background(), waitLimit, func(ctx context.Context) error {
		leader, err := c.leader(ctx, host, queue)
		if err != nil || leader == to {
			return err
		}
		out, err := to.control(ctx, "eval", transfer) // it may be refused while the node catches up
		return cmp.Or(err, fmt.Errorf("%s is led by %s: %s", queue, leader.name, out))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// AwaitQuorum waits until the cluster stands the loss of a node: each queue of it has more members
// than it needs. A rolling restart waits for that before it stops the node.
func (n *Node) AwaitQuorum(t testing.TB) {
	t.Helper()
	n.eval(t, "rabbit_upgrade_preparation:await_online_quorum_plus_one(60000).", "true")
}

// Drain does what rabbitmq-upgrade drain does: the node accepts no more clients, closes the
// connections it has, and gives the leaders that are on it to other nodes.
func (n *Node) Drain(t testing.TB) {
	t.Helper()
	n.eval(t, "rabbit_maintenance:drain().", "ok")
}

// Revive undoes Drain.
func (n *Node) Revive(t testing.TB) {
	t.Helper()
	n.eval(t, "rabbit_maintenance:revive().", "ok")
}

// RefuseLogins makes the node refuse every login with 403 while on, also to its management API; the
// other nodes accept them.
func (n *Node) RefuseLogins(t testing.TB, on bool) {
	t.Helper()
	backends := "[rabbit_auth_backend_internal]"
	if on {
		backends = "[]"
	}
	n.eval(t, "application:set_env(rabbit, auth_backends, "+backends+").", "ok")
}

// Part makes two nodes unable to reach each other, until Unpart. Both still reach the third.
func (n *Node) Part(t testing.TB, other *Node) {
	t.Helper()
	n.eval(t, fmt.Sprintf("erlang:set_cookie('%[1]s', parted), erlang:disconnect_node('%[1]s'), ok.", other.fullName()), "ok")
}

// Unpart undoes Part.
func (n *Node) Unpart(t testing.TB, other *Node) {
	t.Helper()
	n.eval(t, fmt.Sprintf("erlang:set_cookie('%[1]s', erlang:get_cookie()), net_kernel:connect_node('%[1]s'), ok.", other.fullName()), "ok")
}

// eval runs an expression on the node and fails the test if its value is another. What the node logs
// meanwhile comes first.
func (n *Node) eval(t testing.TB, expression, want string) {
	t.Helper()
	got := n.Control(t, "eval", expression)
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if lines[len(lines)-1] != want {
		t.Fatalf("%s: got %s", expression, got)
	}
}
