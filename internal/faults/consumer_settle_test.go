package faults_test

import (
	"fmt"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// TestSettledAtClose shows, with the plain client library, why a consumer of the runtime acknowledges few
// messages between the cancel and the close: a quorum queue delivers again what it had not got to
// when the channel was closed, in order. It answers a cancel when it has got to all that came before, and
// gets to 32 that come behind.
func TestSettledAtClose(t *testing.T) {
	if !full() {
		t.Skip("shows what RabbitMQ does; run with SCAMP_FAULTS=full")
	}
	host := rabbittest.New(t)
	for _, trailing := range []int{0, 30, prefetch} {
		again := settle(t, host, trailing)
		t.Logf("%d of %d acknowledgements behind the cancel: %d of %d came again", trailing, prefetch, again, settleRounds*prefetch)
		if again > 0 && trailing < prefetch {
			t.Error("that is none when few are behind it")
		}
	}
}

const settleRounds = 20

// settle publishes, consumes and acknowledges as many messages as the prefetch, in each round on a new
// channel, and returns how many came again. The last acknowledgements follow the cancel.
func settle(t *testing.T, host *rabbittest.VirtualHost, trailing int) (again int) {
	t.Helper()
	queue := fmt.Sprint("trailing-", trailing)
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
		acknowledge := func(deliveries []amqp.Delivery) {
			for _, delivery := range deliveries {
				must(t, delivery.Ack(false))
			}
		}
		acknowledge(received[:prefetch-trailing])
		must(t, channel.Cancel("c", false))
		acknowledge(received[prefetch-trailing:])
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
