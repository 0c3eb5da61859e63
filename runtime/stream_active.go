package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RabbitMQ has no single active consumer for streams in AMQP 0-9-1. But it has one for queues, and
// tells with a delivery who is active: so the consumers of a stream consume from a queue beside it,
// the lock. The consumer that receives a message from the lock, a token, consumes the stream for as
// long as its channel on the lock lives. Each consumer publishes a token when it begins; the lock
// keeps some. Tokens have no content, so it does not matter which one is delivered.

// WithSingleActiveConsumer lets one process at a time consume a stream: of all consumers that have
// this option and the same name in WithOffsetStore, the others wait until its channel, connection or
// process ends. They take turns through the quorum queue <stream>.<name>.active, which the consumer
// declares. Ready is closed when this one is the active consumer for the first time; while it waits
// it is healthy, and its status says Standby. As with a broker's single active consumer, a process
// that is cut off may still handle what it has begun when the next one takes over. A queue that is no
// stream has the argument x-single-active-consumer instead.
func WithSingleActiveConsumer() ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.singleActive = true })
}

// lockRenewal is how long a token is held. RabbitMQ ends consumers that hold a message for 30 minutes.
const lockRenewal = 10 * time.Minute

// lockOf returns the declaration of the lock. If nobody has used it for a week it is deleted.
func lockOf(stream, name string) Queue {
	return Queue{Name: stream + "." + name + ".active", Durable: true, Arguments: Headers{
		"x-queue-type": "quorum", singleActive: true, "x-max-length": int64(10), "x-expires": (7 * 24 * time.Hour).Milliseconds(),
	}}
}

// A streamLock is held by the active consumer of a stream, until its channel is closed.
type streamLock struct {
	channel     ConsumerChannel
	queue       string
	consumption Consumption
	token       *Delivery
}

// acquire waits until this consumer is the active one.
func (p *streamProgress) acquire(ctx context.Context, host virtualHost) (*streamLock, error) {
	channel, err := host.open(ctx, p.lock)
	if err != nil {
		return nil, err
	}
	l := &streamLock{channel: channel, queue: p.lock.Queues[0].Name}
	if l.consumption, err = channel.Consume(ctx, ConsumeRequest{Queue: l.queue, Prefetch: 1}); err == nil {
		if err = l.publish(ctx, p.lock); err == nil {
			p.standby.Store(true)
			err = l.await(ctx)
			p.standby.Store(false)
		}
	}
	if err != nil {
		closeChannel(channel)
		return nil, err
	}
	return l, nil
}

func (l *streamLock) publish(ctx context.Context, d *Declarations) error {
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	producer, err := l.channel.Producer(ctx, ProducerRequest{Declarations: d})
	if err != nil {
		return err
	}
	token := &Message{RoutingKey: l.queue, Mandatory: true, Persistent: true, MessageID: newUUID(time.Now())}
	if s := publishOnce(ctx, producer, token); s.Outcome != OutcomeAcked {
		return fmt.Errorf("publish to queue %q: %w", l.queue, s.reason())
	}
	return nil
}

// await waits for a token.
func (l *streamLock) await(ctx context.Context) error {
	select {
	case token, ok := <-l.consumption.Deliveries:
		if !ok {
			return errors.Join(errCancelled, l.channel.Err())
		}
		l.token = token
		return nil
	case <-ctx.Done():
		return cause(ctx)
	}
}

// hold renews the token from time to time, and closes the channel of the session when the lock is
// lost. It returns when the session has finished or its channel is closed.
func (l *streamLock) hold(ctx context.Context, s *session, d *Declarations, finished <-chan struct{}) {
	for {
		select {
		case <-time.After(lockRenewal):
			if l.renew(ctx, d) == nil {
				continue
			}
		case <-l.channel.Done():
		case <-l.consumption.Cancelled:
		case <-s.done:
			return
		case <-finished:
			return
		}
		closeChannel(s.channel)
		return
	}
}

// renew returns the token for another one. While no other can be published, as the broker blocks
// publishers, it keeps the one that it has.
func (l *streamLock) renew(ctx context.Context, d *Declarations) error {
	if l.publish(ctx, d) != nil {
		return nil
	}
	if err := l.token.Ack(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	return l.await(ctx)
}
