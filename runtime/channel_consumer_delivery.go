package runtime

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// arrival is a delivery whose frames are arriving. It is for the reading goroutine only.
type arrival struct {
	delivery *Delivery // nil while there is none
	left     int       // octets of its body that have not arrived yet
	last     uint64    // the tag of the previous delivery
	strings  frame.StringCache
}

const (
	// maxBody limits the body of a delivery: the largest that any RabbitMQ accepts.
	maxBody = 512 << 20

	// bodyAhead limits the memory that is allocated for a body before it has arrived. The buffer of
	// a larger body grows as its frames arrive.
	bodyAhead = 16 << 20
)

var (
	errUnexpected = errors.New("the broker sent a content frame that belongs to no method")
	errTag        = errors.New("the broker sent deliveries whose tags do not rise")
)

// WantsMethod implements frame.Handler.
func (c *consumerChannel) WantsMethod(method frame.Method) bool { return method == frame.BasicDeliver }

// HandleMethod implements frame.Handler: a delivery begins.
func (c *consumerChannel) HandleMethod(_ frame.Method, arguments []byte) error {
	a := &c.arriving
	deliver, err := frame.ParseDeliver(arguments, &a.strings)
	if err != nil {
		return err
	}
	if deliver.Tag <= a.last { // answers are found by the order of tags
		return errTag
	}
	a.last = deliver.Tag
	a.delivery = &Delivery{Tag: deliver.Tag, Redelivered: deliver.Redelivered, Acknowledger: c}
	a.delivery.Exchange, a.delivery.RoutingKey = deliver.Exchange, deliver.RoutingKey
	return nil
}

// HandleHeader implements frame.Handler. Properties that cannot be read make the delivery invalid
// content, but they do not end the connection: somebody published the message like this, and it
// would end every connection that it is delivered to.
func (c *consumerChannel) HandleHeader(payload []byte) error {
	a := &c.arriving
	if a.delivery == nil {
		return errUnexpected
	}
	size, invalid, err := frame.ParseHeader(payload, &a.strings, a.delivery.onWire())
	switch {
	case err != nil:
		return err
	case size > maxBody:
		return fmt.Errorf("the broker sent a body of %d bytes", size)
	case invalid != nil:
		a.delivery.invalid = invalid
	}
	if a.delivery.Redelivered { // otherwise the header was published with the message
		count, _ := integer(a.delivery.Headers["x-delivery-count"])
		a.delivery.DeliveryCount = int(count)
	}
	a.left = int(size)
	a.delivery.Body = make([]byte, 0, min(a.left, bodyAhead))
	return c.arrived()
}

// HandleBody implements frame.Handler.
func (c *consumerChannel) HandleBody(from *bufio.Reader, size int) error {
	a := &c.arriving
	if a.delivery == nil || size > a.left {
		return errUnexpected
	}
	read := a.delivery.Body
	a.delivery.Body = slices.Grow(read, size)[:len(read)+size]
	if _, err := io.ReadFull(from, a.delivery.Body[len(read):]); err != nil {
		return err
	}
	a.left -= size
	return c.arrived()
}

// arrived hands the delivery over when it is complete. After the deliveries have ended it is
// dropped, and the broker keeps it.
func (c *consumerChannel) arrived() error {
	a := &c.arriving
	if a.left > 0 {
		return nil
	}
	delivery := a.delivery
	a.delivery = nil
	delivery.Arrived = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	delivery.Queue = c.request.Queue
	if c.deliveries == nil {
		return nil
	}
	if !c.request.NoAck {
		c.unacked.add(delivery.Tag)
	}
	if len(c.excess) == 0 {
		select {
		case c.deliveries <- delivery:
			return nil
		default:
			deliveries := c.deliveries
			c.passedOn.Go(func() { c.passOn(deliveries) })
		}
	}
	c.excess = append(c.excess, delivery)
	return nil
}

// passOn hands over what the broker has sent beyond the prefetch. The broker does so without
// acknowledgements, and when the connection to the node with the queue breaks: deliveries of that
// node are then no longer counted.
func (c *consumerChannel) passOn(deliveries chan<- *Delivery) {
	useless := c.done // they can no longer be answered
	if c.request.NoAck {
		useless = c.released // until then somebody reads them
	}
	for {
		c.mu.Lock()
		if len(c.excess) == 0 {
			c.mu.Unlock()
			return
		}
		next := c.excess[0]
		c.mu.Unlock()
		select {
		case deliveries <- next:
		case <-useless:
			return
		}
		c.mu.Lock()
		c.excess[0] = nil
		c.excess = c.excess[1:]
		c.mu.Unlock()
	}
}

// StopWriting implements frame.Handler: no answer is written any more, because another channel may
// soon have the same number.
func (c *consumerChannel) StopWriting() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noWrites = true
}

// Ack implements Acknowledger.
func (c *consumerChannel) Ack(tag uint64, multiple bool) error {
	return c.answer(frame.AppendAck, tag, multiple, multiple)
}

// Reject implements Acknowledger.
func (c *consumerChannel) Reject(tag uint64, requeue bool) error {
	return c.answer(frame.AppendReject, tag, requeue, false)
}

// answer writes the answer to a delivery, once.
func (c *consumerChannel) answer(appendTo func([]byte, uint16, uint64, bool) []byte, tag uint64, flag, multiple bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.noWrites {
		return ErrStale
	}
	if err := c.unacked.take(tag, multiple); err != nil {
		return err
	}
	c.scratch = appendTo(c.scratch[:0], c.number, tag, flag)
	if err := c.conn.frames.WriteFrames(c.scratch); err != nil {
		return fmt.Errorf("%w: %w", ErrStale, err)
	}
	return nil
}

// unacked holds the tags of the deliveries of a channel that have no answer yet, in order. The
// broker closes a channel on which a delivery is answered twice.
type unacked []uint64

// add adds a delivery. Tags rise.
func (u *unacked) add(tag uint64) { *u = append(*u, tag) }

// take removes a delivery, and all before it if multiple. If the delivery is not there, it returns
// ErrAnswered and removes none.
func (u *unacked) take(tag uint64, multiple bool) error {
	at, found := slices.BinarySearch(*u, tag)
	if !found {
		return ErrAnswered
	}
	from := at
	if multiple {
		from = 0
	}
	*u = slices.Delete(*u, from, at+1)
	return nil
}
