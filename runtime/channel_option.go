package runtime

// A ChannelOption changes the producer channels of a topology. The defaults are right for most.
type ChannelOption interface {
	applyToChannel(*channelConfig)
}

type channelOption func(*channelConfig)

func (o channelOption) applyToChannel(c *channelConfig) { o(c) }

// WithWindow sets how many publishes of one channel may wait for their confirm at the same time.
// The default, also for n below 1, is 128. A larger window helps with quorum queues, whose confirms
// take longer. After a fault, retries can duplicate up to a window of publishes. Publishes that
// have waited for a second no longer count, so that a queue that does not confirm does not stop the
// others; to its address, one publish at a time goes on.
func WithWindow(n int) ChannelOption {
	return channelOption(func(c *channelConfig) { c.window = n })
}

// WithoutConfirms turns confirms off: a publish settles as OutcomeWritten when the connection has
// accepted it. Nobody notices what the broker or the network do to it afterwards, so expect to lose
// messages with every fault. A message that comes back is only reported to the Broker's Observer,
// as UnconfirmedReturnedEvent.
func WithoutConfirms() ChannelOption {
	return channelOption(func(c *channelConfig) { c.unconfirmed = true })
}

type channelConfig struct {
	window      int
	unconfirmed bool
	isolated    bool // publishes one message at a time: see isolation
	anySize     bool // bodies may have any size: the broker itself delivered them
}

func newChannelConfig(options []ChannelOption) channelConfig {
	var c channelConfig
	for _, option := range options {
		option.applyToChannel(&c)
	}
	c.window = orDefault(c.window, 128)
	return c
}
