package scamptest

import (
	"context"
	"errors"
	"fmt"

	"github.com/scampgen/scampgen/runtime"
)

// Declare makes d, as a client does when it connects. The error is a *runtime.DeclarationError.
// Exclusive queues would end with the client, so a test cannot declare them.
func (b *Broker) Declare(d *runtime.Declarations) (err error) {
	b.update(func() {
		c := b.connect()
		err = b.declare(c, d)
		c.cut(errLost)
	})
	return err
}

// Publish routes a message by its exchange and routing key and returns what the broker answered.
// Faults do not apply. Only Exchange and RoutingKey are required. The error is a
// *runtime.ChannelError if there is no such exchange.
func (b *Broker) Publish(m runtime.Message) (outcome runtime.Outcome, err error) {
	b.update(func() {
		var settlement runtime.Settlement
		settlement, err = b.publish(&m)
		outcome = settlement.Outcome
	})
	return outcome, err
}

// Messages returns the messages of a queue that are ready for delivery, the next one first, or all of
// a stream. They stay in the queue. It returns nil if there is no such queue.
func (b *Broker) Messages(queue string) []runtime.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.messages(queue)
}

func (b *Broker) messages(name string) []runtime.Message {
	q := b.queues[name]
	if q == nil {
		return nil
	}
	messages := make([]runtime.Message, len(q.ready))
	for i, e := range q.ready {
		messages[i] = delivered(e.message)
	}
	return messages
}

// Unacknowledged returns how many messages of a queue have been delivered and not acknowledged yet.
func (b *Broker) Unacknowledged(queue string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if q := b.queues[queue]; q != nil {
		return q.unacknowledged
	}
	return 0
}

// Consumers returns what the consumers of a queue have asked for: their tags, priorities and so on,
// the one that is served next first. It returns nil if there is no such queue.
func (b *Broker) Consumers(queue string) (requests []runtime.ConsumeRequest) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if q := b.queues[queue]; q != nil {
		for _, c := range q.consumers {
			requests = append(requests, c.request)
		}
	}
	return requests
}

// WaitMessages waits until a queue has n or more messages ready for delivery, and returns them all.
// When ctx ends first, the error says how many there were.
func (b *Broker) WaitMessages(ctx context.Context, queue string, n int) (messages []runtime.Message, err error) {
	err = b.wait(ctx, fmt.Sprintf("wait for %d messages in %q", n, queue), func() (bool, error) {
		messages = b.messages(queue)
		return len(messages) >= n, nil
	})
	if err != nil {
		return messages, fmt.Errorf("%w: there are %d", err, len(messages))
	}
	return messages, nil
}

// WaitEmpty waits until a queue exists and has no message, neither ready nor unacknowledged: until
// its consumers have handled everything. Of a stream it returns an error: that keeps its messages, and
// Consumer.Status says how far its consumer is.
func (b *Broker) WaitEmpty(ctx context.Context, queue string) error {
	left := "no such queue"
	err := b.wait(ctx, fmt.Sprintf("wait until %q is empty", queue), func() (bool, error) {
		q := b.queues[queue]
		if q == nil {
			return false, nil
		}
		if q.isStream() {
			return false, errors.New("it is a stream, which keeps its messages; wait for Consumer.Status().Offset")
		}
		left = fmt.Sprintf("%d are ready, %d unacknowledged", len(q.ready), q.unacknowledged)
		return len(q.ready)+q.unacknowledged == 0, nil
	})
	if err != nil {
		return fmt.Errorf("%w: %s", err, left)
	}
	return nil
}
