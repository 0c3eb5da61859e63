package runtime

import "context"

// DedicatedChannel returns a source with one channel for all producers, on c's producer connection,
// and one channel for each consumer, on its consumer connection. What consumers publish themselves,
// such as dead letters, goes through another channel on the producer connection. Publishes keep
// their order as long as none is retried.
func DedicatedChannel(c *Connection, options ...ChannelOption) Source {
	p, recovery := newPool(options), newPool(nil)
	recovery.config.anySize = true
	p.add(c.supervisors[producing], c, c.isolation)
	recovery.add(c.supervisors[producing], c, c.isolation)
	return dedicated{pool: p, connection: c, recovery: recovery}
}

// dedicated is the topology of one channel.
type dedicated struct {
	*pool
	connection *Connection
	// recovery is the channel for what consumers publish themselves. It has confirms, whatever the
	// options say. The broker closes a channel on which it refuses a publish, so producers must not
	// share this one. It is opened when it is first needed.
	recovery *pool
}

// ConsumerChannel opens a channel that belongs to the caller.
func (s dedicated) ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	channel, err := openConsumerChannel(ctx, s.connection, s.recovery, request.Declarations)
	if err != nil {
		return nil, err
	}
	return channel, nil
}
