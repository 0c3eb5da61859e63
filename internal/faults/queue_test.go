package faults_test

import (
	"errors"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// makeQueue declares the queue of the load.
func (x *experiment) makeQueue(t *testing.T, host *rabbittest.VirtualHost) {
	t.Helper()
	if err := dial(t, host, declareQueue); err != nil {
		t.Fatal(err)
	}
}

func declareQueue(channel *amqp.Channel) error {
	_, err := channel.QueueDeclare(publication.RoutingKey, true, false, false, false, nil)
	return err
}

// dial calls use with a channel of the client library on a connection that ends with it.
func dial(t *testing.T, host *rabbittest.VirtualHost, use func(*amqp.Channel) error) error {
	t.Helper()
	return dialWithin(testTimeout, host, use)
}

// dialWithin does the same as dial, and gives up when connecting takes longer than limit.
func dialWithin(limit time.Duration, host *rabbittest.VirtualHost, use func(*amqp.Channel) error) error {
	conn, err := amqp.DialConfig(host.URL, amqp.Config{Dial: amqp.DefaultDial(limit)})
	if err != nil {
		return err
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		return err
	}
	return use(channel)
}

// arrived empties the queues and counts the messages by id.
func (x *experiment) arrived(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, host := range x.used() {
		if err := dial(t, host, func(channel *amqp.Channel) error { return empty(channel, publication.RoutingKey, "", counts) }); err != nil {
			t.Fatalf("empty the queue: %v", err)
		}
	}
	return counts
}

// empty takes all messages out of a queue and counts them by prefix and id. It is empty when the
// broker says so and nothing has come for some time: the broker may still be reading what a lost
// connection had sent.
func empty(channel *amqp.Channel, queue, prefix string, counts map[string]int) error {
	const batch = 500
	if err := channel.Qos(2*batch, 0, false); err != nil {
		return err
	}
	deliveries, err := channel.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for unacknowledged, tag := 0, uint64(0); ; {
		select {
		case d, ok := <-deliveries:
			if !ok {
				return errors.New("the deliveries have ended")
			}
			counts[prefix+d.MessageId]++
			unacknowledged, tag = unacknowledged+1, d.DeliveryTag
			if unacknowledged < batch {
				continue
			}
		case <-time.After(300 * time.Millisecond):
			left, err := channel.QueueDeclarePassive(queue, false, false, false, false, nil)
			if err != nil || left.Messages == 0 && unacknowledged == 0 {
				return err
			}
		}
		if unacknowledged > 0 {
			if err := channel.Ack(tag, true); err != nil {
				return err
			}
			unacknowledged = 0
		}
	}
}
