package scamptest

import (
	"context"
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
	prefetch   int
	allowed    int                    // of prefetch: 1 until Widen
	deliveries chan *runtime.Delivery // buffers all that may be unacknowledged
	ended      bool                   // deliveries is closed
	tag        uint64
	unacked    []unacked // in the order of their tags
}

type unacked struct {
	tag   uint64
	queue *queue
	entry *entry
}

func newConsumerChannel(b *Broker, c *connection) *consumerChannel {
	channel := &consumerChannel{broker: b, connection: c, done: make(chan struct{})}
	c.consumers[channel] = struct{}{}
	return channel
}

// Done implements runtime.ConsumerChannel.
func (c *consumerChannel) Done() <-chan struct{} { return c.done }

// Err returns why the channel has died.
func (c *consumerChannel) Err() error {
	c.broker.mu.Lock()
	defer c.broker.mu.Unlock()
	return c.cause
}

// Consume implements runtime.ConsumerChannel.
func (c *consumerChannel) Consume(ctx context.Context, name string, prefetch int) (<-chan *runtime.Delivery, error) {
	return c.consume(ctx, name, prefetch, prefetch)
}

// ConsumeOne implements runtime.NarrowChannel.
func (c *consumerChannel) ConsumeOne(ctx context.Context, name string, prefetch int) (<-chan *runtime.Delivery, error) {
	return c.consume(ctx, name, 1, prefetch)
}

// Widen implements runtime.NarrowChannel.
func (c *consumerChannel) Widen(context.Context) error {
	c.broker.update(func() {
		c.allowed = c.prefetch
		if c.queue != nil && !c.ended {
			c.queue.dispatch()
		}
	})
	return nil
}

// Sync implements runtime.NarrowChannel.
func (c *consumerChannel) Sync(context.Context) error { return nil }

func (c *consumerChannel) consume(ctx context.Context, name string, first, prefetch int) (deliveries <-chan *runtime.Delivery, err error) {
	if prefetch < 1 || prefetch > 65535 {
		return nil, errors.New("scamptest: prefetch must be between 1 and 65535")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.broker.update(func() {
		q := c.broker.queues[name]
		switch {
		case c.dead:
			err = errLost
		case c.deliveries != nil:
			err = errors.New("scamptest: Consume may be called once")
		case q == nil:
			err = c.refused(noQueue(name))
		case q.owner != nil && q.owner != c.connection:
			err = c.refused(locked(name))
		default:
			c.queue, c.allowed, c.prefetch = q, first, prefetch
			c.deliveries = make(chan *runtime.Delivery, prefetch)
			deliveries = c.deliveries
			q.addConsumer(c)
		}
	})
	return deliveries, err
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
func (c *consumerChannel) Producer(ctx context.Context, d *runtime.Declarations) (runtime.ProducerChannel, error) {
	return c.broker.recovery.ProducerChannel(ctx, d)
}

// Close implements runtime.ConsumerChannel.
func (c *consumerChannel) Close(context.Context) error {
	c.broker.update(func() { c.die(nil) })
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
func (c *consumerChannel) hasRoom() bool { return len(c.unacked) < c.allowed }

// deliver delivers a message that its queue has released.
func (c *consumerChannel) deliver(q *queue, e *entry) {
	c.tag++
	c.unacked = append(c.unacked, unacked{c.tag, q, e})
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
		d.Headers["x-delivery-count"] = int64(e.requeued)
	}
	c.deliveries <- d
}

// cancelled ends the deliveries; earlier ones can still be answered.
func (c *consumerChannel) cancelled() {
	if c.deliveries != nil && !c.ended {
		c.ended = true
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
