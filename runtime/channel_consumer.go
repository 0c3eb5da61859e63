package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// consumerChannel is an AMQP channel that one consumer owns. Nothing on it comes
// back to life: after its death a consumer opens another, and its deliveries can no
// longer be answered, because their tags mean others on any other channel.
type consumerChannel struct {
	channel   *amqp.Channel
	link      *link
	producers ProducerSource
	tag       string

	unanswered unanswered

	requests sync.Mutex // the client library mixes up the answers to two requests at a time
	closes   chan *amqp.Error
	cancels  chan string // the broker's, when the queue is deleted or its node goes down
	done     chan struct{}

	cancelled chan struct{} // closed by Cancel
	once      sync.Once
}

// openConsumerChannel opens a channel on c's consumer connection, after it has made
// d there: each time, because a consumer opens a channel when something has gone
// wrong, and that may be that its queue was deleted. What the consumer has to publish
// itself goes through producers. It waits for the broker until ctx ends; a refusal
// that is likely to stay (*RefusedError, *DeclarationError) is returned at once.
func openConsumerChannel(ctx context.Context, c *Connection, producers ProducerSource, d *Declarations) (*consumerChannel, error) {
	for {
		link, err := c.lines[consuming].up(ctx)
		if err != nil {
			return nil, err
		}
		channel, err := link.declareAndOpen(ctx, d)
		switch {
		case err == nil:
			return newConsumerChannel(channel, link, producers), nil
		case isDeclarationError(err), errors.Is(err, amqp.ErrChannelMax), ctx.Err() != nil:
			return nil, fmt.Errorf("open a channel: %w", err)
		}
		if err := pause(ctx, link.done); err != nil { // it is dying, and says so in a moment
			return nil, err
		}
	}
}

// declareAndOpen makes d, whether or not that has been done before, and opens a
// channel.
func (l *link) declareAndOpen(ctx context.Context, d *Declarations) (*amqp.Channel, error) {
	if d != nil && d.Mode != Assume {
		if err := l.makeDeclarations(ctx, d); err != nil {
			return nil, err
		}
	}
	return l.channel(ctx)
}

func newConsumerChannel(channel *amqp.Channel, link *link, producers ProducerSource) *consumerChannel {
	c := &consumerChannel{
		channel: channel, link: link, producers: producers,
		tag:       "scamp-" + rand.Text(),
		closes:    channel.NotifyClose(make(chan *amqp.Error, 1)),
		cancels:   channel.NotifyCancel(make(chan string, 1)),
		done:      make(chan struct{}),
		cancelled: make(chan struct{}),
	}
	go c.watch()
	return c
}

// watch closes done when the channel has died.
func (c *consumerChannel) watch() {
	defer close(c.done)
	select {
	case reason := <-c.closes:
		if reason != nil && !c.link.dead() {
			c.link.broker.Observer.Observe(ChannelLost{Connection: c.link.name, Err: channelReason(reason)})
		}
	case <-c.link.done:
	}
}

// Consume implements ConsumerChannel.
func (c *consumerChannel) Consume(ctx context.Context, queue string, prefetch int) (<-chan *Delivery, error) {
	received, err := request(ctx, func() (<-chan amqp.Delivery, error) {
		c.requests.Lock()
		defer c.requests.Unlock()
		if err := c.channel.Qos(prefetch, 0, false); err != nil {
			return nil, err
		}
		return c.channel.Consume(queue, c.tag, false, false, false, false, nil)
	}, nil) // the caller closes the channel, and with it what is discarded here
	if err != nil {
		return nil, fmt.Errorf("consume from queue %q: %w", queue, err)
	}
	// There is room for all that the broker may send, so that pass never waits.
	deliveries := make(chan *Delivery, prefetch)
	go c.pass(received, deliveries, queue)
	return deliveries, nil
}

// pass passes deliveries on until the client library has no more. It knows no reason
// then; the channel's end is waited for if it was not a cancel.
func (c *consumerChannel) pass(received <-chan amqp.Delivery, deliveries chan<- *Delivery, queue string) {
	defer close(deliveries)
	for r := range received {
		c.unanswered.add(r.DeliveryTag)
		deliveries <- newDelivery(&r, queue, c)
	}
	if !isClosed(c.cancelled) && !c.cancelledByBroker() {
		<-c.done
	}
}

// cancelledByBroker says whether the broker has cancelled the consumer. The client
// library tells of that before it ends the deliveries.
func (c *consumerChannel) cancelledByBroker() bool {
	select {
	case _, told := <-c.cancels:
		return told
	default:
		return false
	}
}

// Cancel implements ConsumerChannel.
func (c *consumerChannel) Cancel(ctx context.Context) error {
	c.once.Do(func() { close(c.cancelled) })
	_, err := request(ctx, func() (struct{}, error) {
		c.requests.Lock()
		defer c.requests.Unlock()
		// Asked not to wait, the client library would drop what is under way and
		// the broker would keep it unacknowledged.
		return struct{}{}, c.channel.Cancel(c.tag, false)
	}, nil)
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// Producer implements ConsumerChannel.
func (c *consumerChannel) Producer(ctx context.Context, d *Declarations) (ProducerChannel, error) {
	return c.producers.ProducerChannel(ctx, d)
}

// Done implements ConsumerChannel.
func (c *consumerChannel) Done() <-chan struct{} { return c.done }

// Close implements ConsumerChannel.
func (c *consumerChannel) Close(ctx context.Context) error {
	_, err := request(ctx, func() (struct{}, error) {
		c.requests.Lock()
		defer c.requests.Unlock()
		return struct{}{}, c.channel.Close()
	}, nil)
	if err != nil && !errors.Is(err, amqp.ErrClosed) {
		return fmt.Errorf("close a channel: %w", err)
	}
	return nil
}

// Ack implements Acknowledger.
func (c *consumerChannel) Ack(tag uint64, multiple bool) error {
	return c.answer(tag, multiple, func() error { return c.channel.Ack(tag, multiple) })
}

// Reject implements Acknowledger.
func (c *consumerChannel) Reject(tag uint64, requeue bool) error {
	return c.answer(tag, false, func() error { return c.channel.Reject(tag, requeue) })
}

// answer sends an answer, once for each delivery. The client library refuses to on a
// channel that has been closed, and any other error is the connection's end.
func (c *consumerChannel) answer(tag uint64, multiple bool, send func() error) error {
	if isClosed(c.done) {
		return ErrStale
	}
	if err := c.unanswered.take(tag, multiple); err != nil {
		return err
	}
	if err := send(); err != nil {
		return fmt.Errorf("%w: %w", ErrStale, err)
	}
	return nil
}

// newDelivery returns what the client library received as a Delivery.
func newDelivery(r *amqp.Delivery, queue string, acknowledger Acknowledger) *Delivery {
	d := &Delivery{
		Message: Message{
			Exchange: r.Exchange, RoutingKey: r.RoutingKey,
			MessageID: r.MessageId, CorrelationID: r.CorrelationId, ReplyTo: r.ReplyTo,
			Type: r.Type, ContentType: r.ContentType, ContentEncoding: r.ContentEncoding,
			AppID: r.AppId, UserID: r.UserId,
			Persistent: r.DeliveryMode == amqp.Persistent,
			Priority:   r.Priority,
			Timestamp:  r.Timestamp,
			Headers:    headers(r.Headers),
			Body:       r.Body,
		},
		Queue:        queue,
		Redelivered:  r.Redelivered,
		Tag:          r.DeliveryTag,
		Acknowledger: acknowledger,
	}
	if r.Expiration != "" {
		milliseconds, _ := strconv.ParseInt(r.Expiration, 10, 64) // the broker has refused what is no number
		d.Expiration = time.Duration(milliseconds) * time.Millisecond
	}
	count, _ := integer(d.Headers["x-delivery-count"])
	d.DeliveryCount = int(count)
	return d
}
