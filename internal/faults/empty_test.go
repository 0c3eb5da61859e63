package faults_test

import (
	"fmt"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// TestEmptyFindsAll takes no time between two deliveries as a sign that a queue is empty: whatever
// is on its way to the consumer then has to be found all the same. A stalled machine does the same
// to a longer time.
func TestEmptyFindsAll(t *testing.T) {
	host := rabbittest.New(t)
	if err := dial(t, host, declareQueue); err != nil {
		t.Fatal(err)
	}
	const messages = 1505 // three times what is acknowledged at once, and a few
	channel := host.Channel(t)
	if err := channel.Confirm(false); err != nil {
		t.Fatal(err)
	}
	for i := range messages {
		confirm, err := channel.PublishWithDeferredConfirm("", publication.RoutingKey, true, false,
			amqp.Publishing{MessageId: fmt.Sprint(i), DeliveryMode: amqp.Persistent})
		if err != nil {
			t.Fatal(err)
		}
		if i == messages-1 && !confirm.Wait() {
			t.Fatal("not confirmed")
		}
	}
	counts := map[string]int{}
	if err := empty(host, publication.RoutingKey, "", counts, 0); err != nil {
		t.Fatal(err)
	}
	if len(counts) != messages {
		t.Errorf("%d of %d messages were found", len(counts), messages)
	}
	for id, n := range counts {
		if n != 1 {
			t.Errorf("message %s was counted %d times", id, n)
		}
	}
}
