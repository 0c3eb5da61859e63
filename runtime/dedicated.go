package runtime

import "context"

// DedicatedChannel returns a source with one channel for all who produce, on c's
// producer connection, and one channel for each who consumes, on its consumer
// connection. Publishes keep the order in which they were made as long as none
// is retried.
func DedicatedChannel(c *Connection, options ...ChannelOption) Source {
	p := newPool(options)
	p.add(c.lines[producing], c, c.isolation)
	confirmed := p
	if p.config.unconfirmed {
		confirmed = newPool(nil)
		confirmed.add(c.lines[producing], c, c.isolation)
	}
	return dedicated{pool: p, connection: c, confirmed: confirmed}
}

// dedicated is the topology of one channel.
type dedicated struct {
	*pool
	connection *Connection
	confirmed  *pool // what consumers publish themselves is confirmed whatever the options say
}

// ConsumerChannel opens a channel that belongs to the caller.
func (s dedicated) ConsumerChannel(ctx context.Context, d *Declarations) (ConsumerChannel, error) {
	channel, err := openConsumerChannel(ctx, s.connection, s.confirmed, d)
	if err != nil {
		return nil, err
	}
	return channel, nil
}
