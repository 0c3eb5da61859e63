package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// consumerChannel is an AMQP channel that one consumer owns. A dead channel stays dead: the
// consumer opens another one. Deliveries of the dead one can no longer be answered, because on any
// other channel their tags belong to other deliveries.
//
// The client library consumes and cancels. Deliveries and their answers bypass it: see package
// frame.
type consumerChannel struct {
	channel   *amqp.Channel
	number    uint16
	conn      *conn
	producers ProducerSource

	requestTurn chan struct{} // holds one token: the client library mixes up the answers to two concurrent requests
	tag         string        // of the consumer on the broker; owned by whoever has the turn
	closes      chan *amqp.Error
	cancels     chan string   // from the broker, when the queue is deleted or its node goes down; always read
	ended       chan struct{} // closed when the broker has cancelled the consumer
	done        chan struct{} // closed when the channel is dead; cause is set then
	cause       error         // nil after Close

	cancelled chan struct{} // closed by Cancel
	failed    chan struct{} // closed when a request has failed; failure is set then
	abandoned chan struct{} // closed by a Close that has failed
	released  chan struct{} // closed by Close: nobody reads the deliveries any more
	failure   error

	mu         sync.Mutex
	request    ConsumeRequest       // its Queue is empty before Consume
	wide       <-chan amqp.Delivery // the client library's deliveries of the consumer that Widen started; nil without one
	deliveries chan *Delivery       // buffers the whole prefetch; nil before Consume and after the deliveries have ended
	excess     []*Delivery          // deliveries beyond the prefetch; passOn hands them over
	passedOn   sync.WaitGroup       // waits for passOn
	unacked    unacked
	noWrites   bool   // nothing may be written any more
	scratch    []byte // buffer for the next frame

	arriving arrival // for the reading goroutine only
}

// nodeAddress returns host and port of the node that the channel leads to.
func (c *consumerChannel) nodeAddress() string { return c.conn.address }

// openConsumerChannel opens a channel on c's consumer connection. It makes the declarations d
// first, each time: a consumer opens a channel when something went wrong, and perhaps its queue was
// deleted. What the consumer publishes itself goes through producers. It waits for the broker until
// ctx ends; a refusal that is likely to stay (*RefusedError, *DeclarationError) is returned at
// once.
func openConsumerChannel(ctx context.Context, c *Connection, producers ProducerSource, d *Declarations) (*consumerChannel, error) {
	var failed error // the last attempt
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
		if ctx.Err() != nil {
			return nil, fmt.Errorf("open a channel: %w", withLast(err, failed))
		}
		failed = err
		if isType[*temporaryRefusal](err) { // other refusals are returned, and the caller reports them
			conn.observeRefused(err)
		}
		if err := conn.awaitRetry(ctx, err); err != nil {
			return nil, fmt.Errorf("open a channel: %w", err)
		}
	}
}

// declareAndOpen makes the declarations d, even if that has been done before, and opens channel.
func (c *conn) declareAndOpen(ctx context.Context, d *Declarations, channel *consumerChannel) (opened, error) {
	if d != nil && d.Mode != DeclareAssume {
		call := c.shareDeclare(d, false)
		if err := call.wait(ctx); err != nil {
			return opened{}, err
		}
		if call.err != nil {
			return opened{}, call.err
		}
	}
	return c.openChannel(ctx, channel)
}

func newConsumerChannel(conn *conn, producers ProducerSource) *consumerChannel {
	return &consumerChannel{
		conn: conn, producers: producers,
		requestTurn: make(chan struct{}, 1),
		done:        make(chan struct{}),
		cancelled:   make(chan struct{}),
		ended:       make(chan struct{}),
		failed:      make(chan struct{}),
		abandoned:   make(chan struct{}),
		released:    make(chan struct{}),
	}
}

// adopt takes over the channel that has been opened for c.
func (c *consumerChannel) adopt(o opened) {
	c.channel, c.number = o.channel, o.number
	c.closes = o.channel.NotifyClose(make(chan *amqp.Error, 1))
	c.cancels = o.channel.NotifyCancel(make(chan string, 2))
	go c.watch()
}

// watch waits for the channel's death.
func (c *consumerChannel) watch() {
	for cancels, waiting := c.cancels, true; waiting; {
		waiting = false
		select {
		case _, open := <-cancels: // there may be several: the client library's reader blocks until they are read
			waiting = true
			if !open {
				cancels = nil
			} else if !isClosed(c.ended) {
				close(c.ended)
			}
		case reason := <-c.closes:
			c.cause = c.conn.reasonOf(reason)
			if isType[*ChannelError](c.cause) {
				c.conn.broker.Observer.Observe(context.Background(), ChannelLostEvent{Connection: c.conn.name, Err: c.cause})
			}
		case <-c.conn.done:
			c.cause = c.conn.cause
		case <-c.abandoned:
		}
	}
	if c.cause == nil && isClosed(c.failed) { // this side closed the channel because of the failure
		c.cause = c.failure
	}
	c.StopWriting()
	close(c.done)
}

// reasonOf returns why a channel of c has ended: the broker's reply, or the reason why the whole
// connection ended. It is nil if this side closed the channel.
func (c *conn) reasonOf(closed *amqp.Error) error {
	if closed == nil {
		return nil
	}
	if reason := channelReason(closed); isType[*ChannelError](reason) {
		return reason
	}
	<-c.done // the client library notifies channels first
	return c.cause
}

// Err returns why the channel has died, after Done is closed.
func (c *consumerChannel) Err() error {
	if !isClosed(c.done) {
		return nil
	}
	return c.cause
}

// Consume implements ConsumerChannel.
func (c *consumerChannel) Consume(ctx context.Context, request ConsumeRequest) (Consumption, error) {
	if request.Tag == "" {
		request.Tag = "scamp-" + rand.Text()
	}
	// Only the second consumer of the same channel can widen: see widen. An exclusive one forbids
	// it.
	request.Narrow = request.Narrow && !request.Exclusive && !request.NoAck
	deliveries, err := c.begin(request)
	if err != nil {
		return Consumption{}, fmt.Errorf("consume from queue %q: %w", request.Queue, err)
	}
	tag, prefetch := request.Tag, request.Prefetch
	if request.Narrow {
		tag, prefetch = request.Tag+narrowSuffix, 1
	}
	err = c.ask(ctx, func() error {
		ended, err := c.start(tag, prefetch)
		if err == nil {
			go c.awaitEnd(ended)
		}
		return err
	})
	if err != nil {
		return Consumption{}, fmt.Errorf("consume from queue %q: %w", request.Queue, err)
	}
	consumption := Consumption{Deliveries: deliveries, Sync: c.sync, Cancelled: c.ended}
	if request.Narrow {
		consumption.Widen = c.widen
	}
	return consumption, nil
}

// narrowSuffix ends the tag of a consumer that takes one delivery at a time, until widen.
const narrowSuffix = "-narrow"

// ask makes a request to the broker when it has the turn. After a failed request, Close is the
// only one left: perhaps the broker has not answered, and then the channel lives on, but further
// requests are impossible.
func (c *consumerChannel) ask(ctx context.Context, question func() error) error {
	err := c.conn.do(ctx, func() error {
		c.requestTurn <- struct{}{}
		defer func() { <-c.requestTurn }()
		return question()
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

// start starts a consumer on the broker. The caller has the turn.
func (c *consumerChannel) start(tag string, prefetch int) (<-chan amqp.Delivery, error) {
	if err := c.channel.Qos(prefetch, 0, false); err != nil {
		return nil, err
	}
	r := &c.request
	deliveries, err := c.channel.Consume(r.Queue, tag, r.NoAck, r.Exclusive, false, false, tableOf(r.Arguments))
	if err == nil {
		c.tag = tag
	}
	return deliveries, err
}

// widen is Consumption.Widen. The prefetch of a consumer is fixed, so widen starts a second
// consumer and cancels the first.
func (c *consumerChannel) widen(ctx context.Context) error {
	err := c.ask(ctx, func() error {
		if isClosed(c.cancelled) {
			return nil
		}
		narrow := c.tag
		ended, err := c.start(c.request.Tag, c.request.Prefetch)
		if err != nil {
			return err
		}
		c.mu.Lock()
		c.wide = ended
		c.mu.Unlock()
		return c.channel.Cancel(narrow, false)
	})
	if err != nil {
		return fmt.Errorf("consume from queue %q: %w", c.request.Queue, err)
	}
	return nil
}

// sync is Consumption.Sync: the broker handles the frames of a channel in order, so its answer to
// any request is enough. The prefetch of this request only affects later consumers.
func (c *consumerChannel) sync(ctx context.Context) error {
	return c.ask(ctx, func() error { return c.channel.Qos(c.request.Prefetch, 0, false) })
}

// begin creates the channel for deliveries. The first delivery may arrive before the broker's
// answer has been seen.
func (c *consumerChannel) begin(request ConsumeRequest) (chan *Delivery, error) {
	if err := request.check(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.request.Queue != "" {
		return nil, errors.New("the channel has been used to consume already")
	}
	c.request, c.deliveries = request, make(chan *Delivery, request.Prefetch)
	return c.deliveries, nil
}

// check returns an error for a request that no broker can fulfil.
func (r *ConsumeRequest) check() error {
	switch {
	case r.Queue == "": // to the broker it would mean the queue that was declared last
		return errors.New("the queue has no name")
	case r.Prefetch < 1 || r.Prefetch > math.MaxUint16: // 0 would mean no limit to the broker
		return fmt.Errorf("prefetch %d: wanted 1 to %d", r.Prefetch, math.MaxUint16)
	case len(r.Tag) > frame.MaxShort-len(narrowSuffix):
		return fmt.Errorf("the consumer tag has %d bytes: at most %d are possible", len(r.Tag), frame.MaxShort-len(narrowSuffix))
	}
	if _, err := frame.TableSize(r.Arguments); err != nil {
		return fmt.Errorf("argument %w", err)
	}
	return nil
}

// awaitEnd closes the deliveries when the client library closes its own, which never hold any:
// after a cancel, or when the channel is dead. In the second case done is closed first. After a
// failed request the client library may never close them.
func (c *consumerChannel) awaitEnd(ended <-chan amqp.Delivery) {
	c.awaitAny(ended)
	c.mu.Lock()
	wide := c.wide
	c.mu.Unlock()
	if wide != nil {
		c.awaitAny(wide)
	}
	select { // the client library closes them before it says why
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

// awaitAny waits until the client library has closed deliveries, or until that no longer matters.
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
	if err := c.ask(ctx, func() error { return c.channel.Cancel(c.tag, false) }); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// Producer implements ConsumerChannel.
func (c *consumerChannel) Producer(ctx context.Context, request ProducerRequest) (ProducerChannel, error) {
	return c.producers.ProducerChannel(ctx, request)
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

// Close implements ConsumerChannel. It does not wait for a request that has failed: an unanswered
// request keeps the turn, and if the broker answers later, it answers in order. Even if the broker
// does not answer, the channel is dead after Close.
func (c *consumerChannel) Close(ctx context.Context) error {
	c.closeOnce(c.released)
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
