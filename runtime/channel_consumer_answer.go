package runtime

import (
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

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
