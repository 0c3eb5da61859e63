package scamptest

import "github.com/scampgen/scampgen/runtime"

// A connection holds channels, and the exclusive queues that end with it. Its fields are guarded by
// the broker's mu.
type connection struct {
	broker    *Broker
	lost      bool
	declared  map[*runtime.Declarations]bool
	producers []*producerChannel
	consumers map[*consumerChannel]struct{}
	exclusive []*queue
}

// connect opens a connection. The broker is locked.
func (b *Broker) connect() *connection {
	c := &connection{
		broker:    b,
		declared:  map[*runtime.Declarations]bool{},
		consumers: map[*consumerChannel]struct{}{},
	}
	b.open[c] = struct{}{}
	return c
}

// cut loses the connection: publishes in flight become OutcomeUnknown, unacknowledged messages go
// back to their queues. The broker is locked.
func (c *connection) cut(reason error) {
	if c.lost {
		return
	}
	c.lost = true
	delete(c.broker.open, c)
	for _, channel := range c.producers {
		channel.die(reason)
	}
	for channel := range c.consumers {
		channel.die(reason)
	}
	for _, q := range c.exclusive {
		c.broker.removeQueue(q)
	}
}
