package rabbittest_test

import (
	"errors"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// TestClusterIsHarmed does to the nodes of a cluster what the fault matrix does.
func TestClusterIsHarmed(t *testing.T) {
	if testing.Short() {
		t.Skip("boots nodes of its own; run without -short")
	}
	c := rabbittest.StartCluster(t)
	a, b := c.Nodes[0], c.Nodes[1]
	host := c.NewVirtualHost(t)
	declareQuorum(t, host.Channel(t), "q")
	if leader := c.Leader(t, host, "q"); leader != a {
		t.Errorf("led by %s, not by the node that declared it", leader.Addr())
	}
	c.MoveLeader(t, host, "q", b)

	t.Run("virtual host", func(t *testing.T) {
		b.Control(t, "eval", `rabbit_vhost_sup_sup:stop_and_delete_vhost(<<"`+host.Name+`">>).`)
		if _, err := amqp.Dial(b.URL(host.Name)); err == nil {
			t.Error("a node serves a virtual host that it has stopped")
		}
		c.WaitServed(t, host)
	})
	t.Run("drain", func(t *testing.T) {
		lost := watch(t, channelOn(t, c, host, 1))
		b.AwaitQuorum(t)
		b.Drain(t)
		lost()
		for deadline := time.Now().Add(time.Minute); c.Leader(t, host, "q") == b; { // the election may not be over
			if time.Now().After(deadline) {
				t.Fatal("a drained node leads a queue")
			}
		}
		if _, err := amqp.Dial(b.URL(host.Name)); err == nil {
			t.Error("a drained node takes clients")
		}
		b.Shutdown(t)
		c.Restart(t, b)
		c.WaitServed(t, host)
	})
	t.Run("login", func(t *testing.T) {
		b.RefuseLogins(t, true)
		var refusal *amqp.Error
		if _, err := amqp.Dial(b.URL(host.Name)); !errors.As(err, &refusal) || refusal.Code != amqp.AccessRefused {
			t.Errorf("dial: %v", err)
		}
		channelOn(t, c, host, 0)
		b.RefuseLogins(t, false)
		channelOn(t, c, host, 1)
	})
	t.Run("kill", func(t *testing.T) {
		leader := c.Leader(t, host, "q")
		leader.Kill(t)
		if next := c.Leader(t, host, "q"); next == leader {
			t.Error("a killed node leads a queue")
		}
		c.Restart(t, leader)
		c.WaitServed(t, host)
	})
	t.Run("pause", func(t *testing.T) {
		b.Pause(t)
		if _, err := amqp.DialConfig(b.URL(host.Name), amqp.Config{Dial: amqp.DefaultDial(time.Second)}); err == nil {
			t.Error("a paused node takes clients")
		}
		b.Resume(t)
		channelOn(t, c, host, 1)
	})
	t.Run("part", func(t *testing.T) {
		a.Part(t, b)
		a.Unpart(t, b)
	})
}

func declareQuorum(t *testing.T, channel *amqp.Channel, queue string) {
	t.Helper()
	if _, err := channel.QueueDeclare(queue, true, false, false, false, amqp.Table{"x-queue-type": "quorum"}); err != nil {
		t.Fatal(err)
	}
}

// channelOn opens a channel on a node of a cluster.
func channelOn(t *testing.T, c *rabbittest.Cluster, host *rabbittest.VirtualHost, node int) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(c.URLs(host)[node])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return channel
}
