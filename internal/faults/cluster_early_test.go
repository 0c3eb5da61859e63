package faults_test

import (
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// TestEarlyChannel shows, with the plain client library, what a quorum queue does to a channel that
// published to it after its leader's node had died and before it had another leader: RabbitMQ 3.10
// nacks everything on that channel until the node is back, and accepts it on a later channel.
func TestEarlyChannel(t *testing.T) {
	if !full() {
		t.Skip("kills a node of a cluster; run with SCAMP_FAULTS=full")
	}
	c := rabbittest.StartCluster(t)
	host := c.NewVirtualHost(t)
	through := c.Nodes[1].Through(host)
	_, err := host.Channel(t).QueueDeclare("q", true, false, false, false, amqp.Table{"x-queue-type": quorum})
	if err != nil {
		t.Fatal(err)
	}
	c.Nodes[0].Kill(t)
	early := newPlainPublisher(t, through)
	early.publish(t, "before there is another leader")
	c.Leader(t, through, "q")
	early.publish(t, "after that, the same channel")
	if acks := newPlainPublisher(t, through).publish(t, "after that, another channel"); acks == 0 {
		t.Error("the queue accepts nothing although it has a leader")
	}
	c.Restart(t, c.Nodes[0])
	if acks := early.publish(t, "when the node is back, the first channel"); acks == 0 {
		t.Error("the channel is of no use for good")
	}
}

// A plainPublisher publishes to the queue q without the code under test.
type plainPublisher struct {
	channel  *amqp.Channel
	confirms chan amqp.Confirmation
}

func newPlainPublisher(t *testing.T, host *rabbittest.VirtualHost) plainPublisher {
	t.Helper()
	p := plainPublisher{host.Channel(t), make(chan amqp.Confirmation, 64)}
	if err := p.channel.Confirm(false); err != nil {
		t.Fatal(err)
	}
	p.channel.NotifyPublish(p.confirms)
	return p
}

// publish publishes 20 messages and returns how many are acknowledged.
func (p plainPublisher) publish(t *testing.T, when string) (acks int) {
	t.Helper()
	const n = 20
	for range n {
		if err := p.channel.PublishWithContext(t.Context(), "", "q", true, false, amqp.Publishing{DeliveryMode: amqp.Persistent}); err != nil {
			t.Fatal(err)
		}
	}
	nacks := 0
	for limit := time.After(10 * time.Second); acks+nacks < n; {
		select {
		case confirm := <-p.confirms:
			if confirm.Ack {
				acks++
			} else {
				nacks++
			}
		case <-limit:
			t.Logf("%s: %d without an answer", when, n-acks-nacks)
			return acks
		}
	}
	t.Logf("%s: %d acknowledged, %d nacked", when, acks, nacks)
	return acks
}
