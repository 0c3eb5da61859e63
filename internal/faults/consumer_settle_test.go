package faults_test

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// TestSettledAtClose shows, with the plain client library, that a quorum queue can deliver again what was
// acknowledged right before the channel was closed in order.
func TestSettledAtClose(t *testing.T) {
	if !full() {
		t.Skip("shows what a broker does; run with SCAMP_FAULTS=full")
	}
	host := rabbittest.New(t)
	const n = 100
	publish := host.Channel(t)
	if _, err := publish.QueueDeclare("q", true, false, false, false, amqp.Table{"x-queue-type": quorum}); err != nil {
		t.Fatal(err)
	}
	if err := publish.Confirm(false); err != nil {
		t.Fatal(err)
	}
	again := 0
	for range 20 {
		var last *amqp.DeferredConfirmation
		for range n {
			confirm, err := publish.PublishWithDeferredConfirm("", "q", true, false, amqp.Publishing{DeliveryMode: amqp.Persistent})
			if err != nil {
				t.Fatal(err)
			}
			last = confirm
		}
		last.Wait()
		conn, err := amqp.Dial(host.URL)
		if err != nil {
			t.Fatal(err)
		}
		channel, err := conn.Channel()
		if err != nil {
			t.Fatal(err)
		}
		if err := channel.Qos(n, 0, false); err != nil {
			t.Fatal(err)
		}
		deliveries, err := channel.Consume("q", "c", false, false, false, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		received := make([]amqp.Delivery, n)
		for i := range received {
			received[i] = <-deliveries
			if received[i].Redelivered {
				again++
			}
		}
		if err := channel.Cancel("c", false); err != nil {
			t.Fatal(err)
		}
		for _, d := range received {
			if err := d.Ack(false); err != nil {
				t.Fatal(err)
			}
		}
		if err := channel.Close(); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged messages came again", again)
}
