package scamptest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// A consumerChannel belongs to one consumer. Its fields are guarded by the broker's mu.
type consumerChannel struct {
	broker     *Broker
	connection *connection
	dead       bool
	done       chan struct{}
	cause      error  // why it died; nil after Close
	queue      *queue // nil until Consume
	request    runtime.ConsumeRequest
	priority   int64                  // of the request's arguments
	allowed    int                    // of the prefetch: 1 until widen
	cursor     int                    // the offset of a stream that is delivered next
	deliveries chan *runtime.Delivery // buffers all that may be unacknowledged
	ended      bool                   // no more are added to deliveries
	tag        uint64
	unacked    []unacked // in the order of their tags

	// Without acknowledgements nothing limits the deliveries: passOn hands over those in excess.
	excess   []*runtime.Delivery
	passing  bool          // passOn runs
	closed   bool          // Close has been called
	released chan struct{} // closed by Close: nobody reads deliveries any more
}

type unacked struct {
	tag   uint64
	queue *queue
	entry *entry
}

func newConsumerChannel(b *Broker, c *connection) *consumerChannel {
	channel := &consumerChannel{broker: b, connection: c, done: make(chan struct{}), released: make(chan struct{})}
	c.consumers[channel] = struct{}{}
	return channel
}

// Done implements runtime.ConsumerChannel.
func (c *consumerChannel) Done() <-chan struct{} { return c.done }

// Err implements runtime.ConsumerChannel.
func (c *consumerChannel) Err() error {
	c.broker.mu.Lock()
	defer c.broker.mu.Unlock()
	return c.cause
}

// Consume implements runtime.ConsumerChannel.
func (c *consumerChannel) Consume(ctx context.Context, request runtime.ConsumeRequest) (consumption runtime.Consumption, err error) {
	if request.Prefetch < 1 || request.Prefetch > 65535 {
		return consumption, errors.New("scamptest: prefetch must be between 1 and 65535")
	}
	if len(request.Tag) > 248 {
		return consumption, errors.New("scamptest: the consumer tag must have at most 248 bytes")
	}
	if err := ctx.Err(); err != nil {
		return consumption, err
	}
	if request.Tag == "" {
		request.Tag = "scamp-" + rand.Text()
	}
	request.Narrow = request.Narrow && !request.Exclusive && !request.NoAck
	c.broker.update(func() { err = c.consume(request) })
	if err != nil {
		return consumption, err
	}
	consumption = runtime.Consumption{Deliveries: c.deliveries, Sync: func(context.Context) error { return nil }}
	if request.Narrow {
		consumption.Widen = c.widen
	}
	return consumption, nil
}

// consume adds the consumer to its queue, or closes the channel as the broker does. The broker is
// locked.
func (c *consumerChannel) consume(request runtime.ConsumeRequest) error {
	q := c.broker.queues[request.Queue]
	priority, isNumber := integer(request.Arguments["x-priority"])
	switch {
	case c.dead:
		return errLost
	case c.deliveries != nil:
		return errors.New("scamptest: Consume may be called once")
	case q == nil:
		return c.refused(noQueue(request.Queue))
	case q.owner != nil && q.owner != c.connection:
		return c.refused(locked(request.Queue))
	case request.Arguments["x-priority"] != nil && !isNumber:
		return c.refused(refused(preconditionFailed, "PRECONDITION_FAILED - invalid arg 'x-priority' for queue '%s' in vhost '/'", q.Name))
	case q.isInExclusiveUse() || request.Exclusive && !q.isQuorum() && !q.isStream() && len(q.consumers) > 0:
		return c.refused(refused(accessRefused, "ACCESS_REFUSED - queue '%s' in vhost '/' in exclusive use", q.Name))
	}
	if q.isStream() {
		if err := c.consumeStream(q, request); err != nil {
			return c.refused(err)
		}
	}
	c.queue, c.request, c.priority, c.allowed = q, request, priority, request.Prefetch
	if request.Narrow {
		c.allowed = 1
	}
	c.deliveries = make(chan *runtime.Delivery, request.Prefetch)
	q.addConsumer(c)
	return nil
}

// widen is Consumption.Widen.
func (c *consumerChannel) widen(context.Context) error {
	c.broker.update(func() {
		c.allowed = c.request.Prefetch
		if !c.ended {
			c.queue.dispatch()
		}
	})
	return nil
}

// refused closes the channel, as the broker does when it refuses a request.
func (c *consumerChannel) refused(why *replyError) error {
	err := &runtime.ChannelError{Reply: runtime.Reply(*why)}
	c.die(err)
	return err
}

// Cancel implements runtime.ConsumerChannel.
func (c *consumerChannel) Cancel(context.Context) error {
	c.broker.update(func() {
		if c.queue != nil && !c.ended {
			c.queue.removeConsumer(c)
			c.cancelled()
		}
	})
	return nil
}

// Producer implements runtime.ConsumerChannel.
func (c *consumerChannel) Producer(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	return c.broker.recovery.ProducerChannel(ctx, request)
}

// Close implements runtime.ConsumerChannel.
func (c *consumerChannel) Close(context.Context) error {
	c.broker.update(func() {
		c.die(nil)
		if !c.closed {
			c.closed = true
			close(c.released)
		}
	})
	return nil
}

// Ack implements runtime.Acknowledger.
func (c *consumerChannel) Ack(tag uint64, multiple bool) error {
	return c.answer(tag, multiple, func(a unacked) { a.queue.unacknowledged-- })
}

// Reject implements runtime.Acknowledger.
func (c *consumerChannel) Reject(tag uint64, requeue bool) error {
	return c.answer(tag, false, func(a unacked) {
		if requeue {
			a.queue.requeue(a.entry)
		} else {
			a.queue.reject(a.entry)
		}
	})
}

// answer removes the deliveries that an answer covers from the list and settles them.
func (c *consumerChannel) answer(tag uint64, multiple bool, end func(unacked)) (err error) {
	c.broker.update(func() {
		if c.dead {
			err = runtime.ErrStale
			return
		}
		first := slices.IndexFunc(c.unacked, func(a unacked) bool { return a.tag == tag })
		if first < 0 {
			err = runtime.ErrAnswered
			return
		}
		last := first + 1
		if multiple {
			first = 0
		}
		answered := slices.Clone(c.unacked[first:last])
		c.unacked = slices.Delete(c.unacked, first, last)
		for _, a := range answered {
			end(a)
		}
		c.queue.dispatch()
	})
	return err
}

// hasRoom reports whether one more delivery is within the prefetch.
func (c *consumerChannel) hasRoom() bool { return c.request.NoAck || len(c.unacked) < c.allowed }

// deliver delivers a message that its queue has released.
func (c *consumerChannel) deliver(q *queue, e *entry) {
	c.tag++
	d := &runtime.Delivery{
		Message:      delivered(e.message),
		Queue:        q.Name,
		Redelivered:  e.redelivered,
		Arrived:      time.Now(),
		Tag:          c.tag,
		Acknowledger: c,
	}
	if q.isQuorum() && e.requeued > 0 {
		d.DeliveryCount = e.requeued
		if d.Headers == nil {
			d.Headers = runtime.Headers{}
		}
		d.Headers["x-delivery-count"], d.Headers["x-acquired-count"] = int64(e.requeued), int64(e.requeued)
	}
	if q.isStream() {
		if d.Headers == nil {
			d.Headers = runtime.Headers{}
		}
		d.Headers["x-stream-offset"] = int64(c.cursor)
	}
	if c.request.NoAck {
		q.unacknowledged--
		c.passLater(d)
		return
	}
	c.unacked = append(c.unacked, unacked{c.tag, q, e})
	c.deliveries <- d
}

// passLater adds a delivery to those that passOn hands over.
func (c *consumerChannel) passLater(d *runtime.Delivery) {
	c.excess = append(c.excess, d)
	if !c.passing {
		c.passing = true
		go c.passOn()
	}
}

// passOn hands over what is in excess, even after the channel has died, until Close.
func (c *consumerChannel) passOn() {
	for {
		c.broker.mu.Lock()
		if len(c.excess) == 0 || c.closed {
			c.passing = false
			if c.ended {
				close(c.deliveries)
			}
			c.broker.mu.Unlock()
			return
		}
		next := c.excess[0]
		c.excess = c.excess[1:]
		c.broker.mu.Unlock()
		select {
		case c.deliveries <- next:
		case <-c.released:
		}
	}
}

// cancelled ends the deliveries; earlier ones can still be answered.
func (c *consumerChannel) cancelled() {
	if c.deliveries == nil || c.ended {
		return
	}
	c.ended = true
	if !c.passing {
		close(c.deliveries)
	}
}

// die ends the channel and requeues what was not answered.
func (c *consumerChannel) die(cause error) {
	if c.dead {
		return
	}
	c.dead, c.cause = true, cause
	delete(c.connection.consumers, c)
	close(c.done)
	c.cancelled()
	if c.queue == nil {
		return
	}
	given := c.unacked
	c.unacked = nil
	for _, a := range given {
		a.queue.requeue(a.entry)
	}
	c.queue.removeConsumer(c)
	c.queue.dispatch()
}
