package runtime

import "context"

// DedicatedChannel returns a source with one channel for all who produce, on c's
// producer connection, and one channel for each who consumes, on its consumer
// connection. Publishes keep the order in which they were made as long as none
// is retried.
func DedicatedChannel(c *Connection, options ...ChannelOption) Source {
	p := newPool(options)
	p.add(c)
	return dedicated{pool: p, connection: c}
}

// dedicated is the topology of one channel.
type dedicated struct {
	*pool
	connection *Connection
}

// ConsumerChannel opens a channel that belongs to the caller.
func (s dedicated) ConsumerChannel(ctx context.Context, d *Declarations) (ConsumerChannel, error) {
	return openConsumerChannel(ctx, s.connection, s.pool, d)
}
