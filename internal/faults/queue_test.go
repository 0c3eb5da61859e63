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
		if err := empty(host, publication.RoutingKey, "", counts, quiet); err != nil {
			t.Fatalf("empty the queue: %v", err)
		}
	}
	return counts
}

// quiet is how long nothing has come from a queue before it counts as empty: the broker may still be
// reading what a lost connection had sent.
const quiet = 300 * time.Millisecond

// empty takes all messages out of a queue and counts them by prefix and id. When the broker says that
// no message is ready, some may be on their way to a consumer: the answer overtakes them. So only a
// channel without a consumer may conclude that the queue is empty.
func empty(host *rabbittest.VirtualHost, queue, prefix string, counts map[string]int, quiet time.Duration) error {
	for left := 1; left > 0; {
		err := dialWithin(testTimeout, host, func(channel *amqp.Channel) error {
			return takeReady(channel, queue, quiet, func(id string) { counts[prefix+id]++ })
		})
		if err != nil {
			return err
		}
		err = dialWithin(testTimeout, host, func(channel *amqp.Channel) (err error) {
			left, err = ready(channel, queue)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// takeReady takes messages out of a queue until none is ready, and closes the channel. The broker
// answers that after it has put back what is still on its way.
func takeReady(channel *amqp.Channel, queue string, quiet time.Duration, take func(id string)) error {
	const consumer, batch = "drain", 500
	if err := channel.Qos(2*batch, 0, false); err != nil {
		return err
	}
	deliveries, err := channel.Consume(queue, consumer, false, false, false, false, nil)
	if err != nil {
		return err
	}
	taken := deliveryBatch{channel: channel, take: take}
	for left := 1; left > 0; {
		select {
		case d, ok := <-deliveries:
			if !ok {
				return errors.New("the deliveries have ended")
			}
			if taken.add(d); taken.size < batch {
				continue
			}
		case <-time.After(quiet):
			if left, err = ready(channel, queue); err != nil {
				return err
			}
		}
		if err := taken.acknowledge(); err != nil {
			return err
		}
	}
	if err := channel.Cancel(consumer, false); err != nil {
		return err
	}
	for d := range deliveries {
		taken.add(d)
	}
	return errors.Join(taken.acknowledge(), channel.Close())
}

// A deliveryBatch is acknowledged at once.
type deliveryBatch struct {
	channel *amqp.Channel
	take    func(id string)
	size    int
	last    uint64 // delivery tag
}

func (b *deliveryBatch) add(d amqp.Delivery) {
	b.take(d.MessageId)
	b.size, b.last = b.size+1, d.DeliveryTag
}

func (b *deliveryBatch) acknowledge() error {
	if b.size == 0 {
		return nil
	}
	b.size = 0
	return b.channel.Ack(b.last, true)
}

// ready returns how many messages of a queue are on their way to nobody.
func ready(channel *amqp.Channel, queue string) (int, error) {
	found, err := channel.QueueDeclarePassive(queue, false, false, false, false, nil)
	return found.Messages, err
}
