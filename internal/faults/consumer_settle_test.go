package faults_test

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// TestSettledAtClose shows, with the plain client library, why a consumer of the runtime cancels behind its
// last acknowledgements and not before them: a quorum queue delivers again what it had not got to when
// the channel was closed, in order, behind them. It answers a cancel when it has got to all.
func TestSettledAtClose(t *testing.T) {
	if !full() {
		t.Skip("shows what RabbitMQ does; run with SCAMP_FAULTS=full")
	}
	host := rabbittest.New(t)
	t.Logf("cancelled before the acknowledgements: %d of %d came again", settle(t, host, "before", true), settleRounds*prefetch)
	if again := settle(t, host, "behind", false); again > 0 {
		t.Errorf("cancelled behind the acknowledgements: %d of %d came again", again, settleRounds*prefetch)
	}
}

const settleRounds = 20

// settle publishes, consumes and acknowledges as many messages as the prefetch, in each round on a new
// channel, and returns how many came again.
func settle(t *testing.T, host *rabbittest.VirtualHost, queue string, cancelFirst bool) (again int) {
	t.Helper()
	_, err := host.Channel(t).QueueDeclare(queue, true, false, false, false, amqp.Table{"x-queue-type": quorum})
	must(t, err)
	for range settleRounds {
		channel := host.Channel(t)
		must(t, channel.Qos(prefetch, 0, false))
		deliveries, err := channel.Consume(queue, "c", false, false, false, false, nil)
		must(t, err)
		for range prefetch {
			must(t, channel.PublishWithContext(t.Context(), "", queue, false, false, amqp.Publishing{DeliveryMode: amqp.Persistent}))
		}
		received := make([]amqp.Delivery, prefetch)
		for i := range received {
			if received[i] = <-deliveries; received[i].Redelivered {
				again++
			}
		}
		if cancelFirst {
			must(t, channel.Cancel("c", false))
		}
		for _, delivery := range received {
			must(t, delivery.Ack(false))
		}
		if !cancelFirst {
			must(t, channel.Cancel("c", false))
		}
		must(t, channel.Close())
	}
	return again
}

// must ends the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
