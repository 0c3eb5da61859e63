package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// consumerChannel is an AMQP channel that one consumer owns. Nothing on it comes
// back to life: after its death a consumer opens another, and its deliveries can no
// longer be answered, because their tags mean others on any other channel.
//
// The client library consumes and cancels; deliveries and their answers go past it:
// see frames.
type consumerChannel struct {
	channel   *amqp.Channel
	number    uint16
	conn      *conn
	producers ProducerSource

	requestTurn chan struct{} // has room for one: the client library mixes up the answers to two requests at a time
	tag         string        // of the consumer on the broker; for who has the turn
	closes      chan *amqp.Error
	cancels     chan string   // the broker's, when the queue is deleted or its node goes down; always read
	ended       chan struct{} // closed when the first of them has come
	done        chan struct{} // closed when the channel has died; cause then says why
	cause       error         // nil after Close

	cancelled chan struct{} // closed by Cancel
	failed    chan struct{} // closed when a request has failed; failure then says why
	abandoned chan struct{} // closed by a Close that has failed
	failure   error

	mu         sync.Mutex
	started    bool // Consume has been called
	queue      string
	prefetch   int
	wide       <-chan amqp.Delivery // ends with the consumer that Widen has made, if it has
	deliveries chan *Delivery       // has room for the prefetch; nil before Consume and when they have ended
	excess     []*Delivery          // what has come beyond that; passOn hands it over
	passedOn   sync.WaitGroup       // passOn
	unacked    unacked
	noWrites   bool   // nothing may be written any more
	scratch    []byte // a frame that is about to be written

	arriving arrival // for the goroutine that reads
}

// openConsumerChannel opens a channel on c's consumer connection, after it has made
// d there: each time, because a consumer opens a channel when something has gone
// wrong, and that may be that its queue was deleted. What the consumer has to publish
// itself goes through producers. It waits for the broker until ctx ends; a refusal
// that is likely to stay (*RefusedError, *DeclarationError) is returned at once.
func openConsumerChannel(ctx context.Context, c *Connection, producers ProducerSource, d *Declarations) (*consumerChannel, error) {
	for {
		conn, err := c.supervisors[consuming].up(ctx)
		if err != nil {
			return nil, err
		}
		channel := newConsumerChannel(conn, producers)
		opened, err := conn.declareAndOpen(ctx, d, channel)
		if err == nil {
			channel.adopt(opened)
			return channel, nil
		}
		if isType[*temporaryRefusal](err) { // other refusals are returned, and the caller tells
			conn.observeRefused(err)
		}
		if err := conn.awaitRetry(ctx, err); err != nil {
			return nil, fmt.Errorf("open a channel: %w", err)
		}
	}
}

// declareAndOpen makes d, whether or not that has been done before, and opens a
// channel for c.
func (c *conn) declareAndOpen(ctx context.Context, d *Declarations, channel *consumerChannel) (opened, error) {
	if d != nil && d.Mode != Assume {
		if err := c.shareDeclare(d, false).wait(ctx); err != nil {
			return opened{}, err
		}
	}
	return c.openChannel(ctx, channel)
}

func newConsumerChannel(conn *conn, producers ProducerSource) *consumerChannel {
	return &consumerChannel{
		conn: conn, producers: producers,
		tag:         "scamp-" + rand.Text(),
		requestTurn: make(chan struct{}, 1),
		done:        make(chan struct{}),
		cancelled:   make(chan struct{}),
		ended:       make(chan struct{}),
		failed:      make(chan struct{}),
		abandoned:   make(chan struct{}),
	}
}

// adopt begins to use the channel that has been opened for c.
func (c *consumerChannel) adopt(o opened) {
	c.channel, c.number = o.channel, o.number
	c.closes = o.channel.NotifyClose(make(chan *amqp.Error, 1))
	c.cancels = o.channel.NotifyCancel(make(chan string, 2))
	go c.watch()
}

// watch notices the channel's death.
func (c *consumerChannel) watch() {
	for cancels, waiting := c.cancels, true; waiting; {
		waiting = false
		select {
		case _, told := <-cancels: // as often as it likes: the client library's reader waits for us
			waiting = true
			if !told {
				cancels = nil
			} else if !isClosed(c.ended) {
				close(c.ended)
			}
		case reason := <-c.closes:
			c.cause = c.conn.reasonOf(reason)
			if isType[*ChannelError](c.cause) {
				c.conn.broker.Observer.Observe(ChannelLost{Connection: c.conn.name, Err: c.cause})
			}
		case <-c.conn.done:
			c.cause = c.conn.cause
		case <-c.abandoned:
		}
	}
	if c.cause == nil && isClosed(c.failed) { // closed by this side because of that
		c.cause = c.failure
	}
	c.stopWriting()
	close(c.done)
}

// reasonOf returns why a channel of the link has ended: the broker's reply, or what ended
// the whole connection. It is nil if the channel has been closed by this side.
func (c *conn) reasonOf(closed *amqp.Error) error {
	if closed == nil {
		return nil
	}
	if reason := channelReason(closed); isType[*ChannelError](reason) {
		return reason
	}
	<-c.done // the client library tells channels first
	return c.cause
}

// Err returns why the channel has died, once Done is closed.
func (c *consumerChannel) Err() error {
	if !isClosed(c.done) {
		return nil
	}
	return c.cause
}

// Consume implements ConsumerChannel.
func (c *consumerChannel) Consume(ctx context.Context, queue string, prefetch int) (<-chan *Delivery, error) {
	return c.consume(ctx, queue, prefetch, prefetch)
}

// ConsumeOne implements NarrowChannel.
func (c *consumerChannel) ConsumeOne(ctx context.Context, queue string, prefetch int) (<-chan *Delivery, error) {
	return c.consume(ctx, queue, 1, prefetch)
}

// consume consumes with a prefetch of first, which Widen makes prefetch.
func (c *consumerChannel) consume(ctx context.Context, queue string, first, prefetch int) (<-chan *Delivery, error) {
	deliveries, err := c.begin(queue, prefetch)
	if err != nil {
		return nil, err
	}
	err = c.request(ctx, func() error {
		ended, err := c.start(c.tag, first)
		if err == nil {
			go c.awaitEnd(ended)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("consume from queue %q: %w", queue, err)
	}
	return deliveries, nil
}

// request makes requests to the broker when it is their turn. One that has failed is the channel's last but for Close:
// perhaps the broker has not answered, and then the channel lives on, but nothing more can be asked for on it.
func (c *consumerChannel) request(ctx context.Context, ask func() error) error {
	err := c.conn.do(ctx, func() error {
		c.requestTurn <- struct{}{}
		defer func() { <-c.requestTurn }()
		return ask()
	})
	if err != nil {
		c.fail(err)
	}
	return err
}

// fail ends the deliveries because a request has failed.
func (c *consumerChannel) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isClosed(c.failed) {
		c.failure = err
		close(c.failed)
	}
}

// start makes a consumer on the broker. It is for who has the turn.
func (c *consumerChannel) start(tag string, prefetch int) (<-chan amqp.Delivery, error) {
	if err := c.channel.Qos(prefetch, 0, false); err != nil {
		return nil, err
	}
	return c.channel.Consume(c.queue, tag, false, false, false, false, nil)
}

// Widen implements NarrowChannel. A consumer keeps the prefetch that it began with, so that
// another takes its place on the broker.
func (c *consumerChannel) Widen(ctx context.Context) error {
	err := c.request(ctx, func() error {
		if isClosed(c.cancelled) {
			return nil
		}
		narrow := c.tag
		ended, err := c.start(narrow+"-wide", c.prefetch)
		if err != nil {
			return err
		}
		c.tag = narrow + "-wide"
		c.mu.Lock()
		c.wide = ended
		c.mu.Unlock()
		return c.channel.Cancel(narrow, false)
	})
	if err != nil {
		return fmt.Errorf("consume from queue %q: %w", c.queue, err)
	}
	return nil
}

// Sync implements NarrowChannel: the broker deals with what comes on a channel in its order. The
// prefetch that it asks for holds for further consumers only.
func (c *consumerChannel) Sync(ctx context.Context) error {
	return c.request(ctx, func() error { return c.channel.Qos(c.prefetch, 0, false) })
}

// begin makes room for the deliveries: the first may come before the broker's answer has been
// seen.
func (c *consumerChannel) begin(queue string, prefetch int) (chan *Delivery, error) {
	if prefetch < 1 || prefetch > math.MaxUint16 { // to the broker 0 means without bounds
		return nil, fmt.Errorf("consume from queue %q: prefetch %d: wanted 1 to %d", queue, prefetch, math.MaxUint16)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started {
		return nil, fmt.Errorf("consume from queue %q: the channel has been used to consume already", queue)
	}
	c.started, c.queue, c.prefetch, c.deliveries = true, queue, prefetch, make(chan *Delivery, prefetch)
	return c.deliveries, nil
}

// awaitEnd ends the deliveries when the client library ends its own, which never has
// any: after a cancel, or when the channel has died. In the latter case done comes first. After a
// request that has failed the client library may have them go on.
func (c *consumerChannel) awaitEnd(ended <-chan amqp.Delivery) {
	c.awaitAny(ended)
	c.mu.Lock()
	wide := c.wide
	c.mu.Unlock()
	if wide != nil {
		c.awaitAny(wide)
	}
	select { // the client library tells why in another way than that it has ended them
	case <-c.cancelled:
	case <-c.ended:
	case <-c.done:
	}
	c.mu.Lock()
	deliveries := c.deliveries
	c.deliveries = nil
	c.mu.Unlock()
	c.passedOn.Wait()
	close(deliveries)
}

// awaitAny waits until the client library has ended deliveries, or nobody waits for that any longer.
func (c *consumerChannel) awaitAny(ended <-chan amqp.Delivery) {
	select {
	case <-ended:
	case <-c.failed:
	case <-c.done:
	}
}

// Cancel implements ConsumerChannel.
func (c *consumerChannel) Cancel(ctx context.Context) error {
	c.closeOnce(c.cancelled)
	if err := c.request(ctx, func() error { return c.channel.Cancel(c.tag, false) }); err != nil {
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

func (c *consumerChannel) closeOnce(channel chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isClosed(channel) {
		close(channel)
	}
}

// Close implements ConsumerChannel. It does not wait for a request that has failed: who was not answered keeps the
// turn, and the broker answers in order if it does so later. Whether or not it agrees, the channel is dead then.
func (c *consumerChannel) Close(ctx context.Context) error {
	err := c.conn.do(ctx, func() error {
		select {
		case c.requestTurn <- struct{}{}:
			defer func() { <-c.requestTurn }()
		case <-c.failed:
		}
		return c.channel.Close()
	})
	if err == nil || errors.Is(err, amqp.ErrClosed) {
		return nil
	}
	c.fail(err)
	c.closeOnce(c.abandoned)
	<-c.done
	return fmt.Errorf("close a channel: %w", err)
}
