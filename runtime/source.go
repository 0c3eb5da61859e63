package runtime

import "context"

// A ProducerSource is where a producer finds channels: it is what a topology
// looks like from above. DedicatedChannel, ChannelPool, ChannelPerConnection,
// ActivePassive and ActivePassiveProducer return one; scamptest.Broker is one; users may write
// their own.
type ProducerSource interface {
	// ProducerChannel returns a channel that can take a publish now: open and not
	// blocked by the broker. It waits until there is one or ctx ends; for room in the
	// channel's window, its Publish waits. Before it hands a channel out it has made d on the broker
	// that the channel leads to, again after each reconnect; d may be nil. A
	// declaration that the broker refuses is returned as a *DeclarationError.
	//
	// The caller does not own the channel and does not give it back: many
	// goroutines share it. Ask again for each publish; asking is cheap.
	ProducerChannel(ctx context.Context, d *Declarations) (ProducerChannel, error)
}

// A ConsumerSource is where a consumer finds its channel.
type ConsumerSource interface {
	// ConsumerChannel opens a channel that belongs to one consumer alone, after
	// it has made d on the broker, each time. It waits until the broker can be
	// reached or ctx ends.
	ConsumerChannel(ctx context.Context, d *Declarations) (ConsumerChannel, error)
}

// A Source serves producers and consumers.
type Source interface {
	ProducerSource
	ConsumerSource
}

// releaser is a source that remembers declarations, and forgets those that no client uses any
// more.
type releaser interface {
	release(d *Declarations)
}

// release has source forget d, if it is a releaser.
func release(source ProducerSource, d *Declarations) {
	if r, ok := source.(releaser); ok {
		r.release(d)
	}
}

// A ProducerChannel is an open channel in confirm mode that pipelines the
// publishes of many goroutines.
type ProducerChannel interface {
	// Publish sends m and calls settle exactly once with what became of it: when
	// the broker has answered or the channel has died, or some time after ctx has ended
	// (m is then Unknown). It waits for room in the channel's window until ctx ends (m is
	// then NotSent) and does not wait for the broker's confirm. A caller that wants to wait
	// for that no longer than ctx looks at ctx itself and takes m's fate as Unknown.
	//
	// settle may be called before Publish returns, on any goroutine, and must not
	// block. m belongs to the channel until settle is called; then the memory of its body is
	// used for other messages. A channel that keeps messages copies them.
	Publish(ctx context.Context, m *Message, settle func(Settlement))

	// Done is closed when the channel is dead for good. Everything in flight has
	// then been settled.
	Done() <-chan struct{}
}

// A ConsumerChannel is an open channel that one consumer owns.
type ConsumerChannel interface {
	// Consume starts deliveries from queue, at most prefetch of them
	// unacknowledged. The returned channel is closed when the broker cancels the
	// consumer, when Cancel has returned, with an error too, or when the channel dies; in the last
	// case Done has been closed before. It may be called once.
	//
	// All deliveries have the same Acknowledger and their tags rise from at least 1. They
	// belong to the caller, who may change them.
	Consume(ctx context.Context, queue string, prefetch int) (<-chan *Delivery, error)

	// Cancel asks the broker for no further deliveries and waits until it
	// agrees. Those that arrived before are still delivered, and can still be
	// acknowledged.
	Cancel(ctx context.Context) error

	// Producer returns a channel with confirms to the same virtual host for what a
	// consumer must publish itself: dead letters and delayed retries.
	Producer(ctx context.Context, d *Declarations) (ProducerChannel, error)

	// Done is closed when the channel is dead for good; deliveries that came on
	// it can no longer be acknowledged. A channel that also has a method Err() error says
	// there why it has died, and the consumer's event passes that on.
	Done() <-chan struct{}

	// Close closes the channel; the broker hands what is unacknowledged to
	// other consumers. It returns when the channel is closed or ctx ends, and Done is
	// closed then, also if the broker has not answered.
	Close(ctx context.Context) error
}

// A NarrowChannel is a ConsumerChannel that can begin with one delivery at a time.
// Implementing it is optional. A consumer needs it to keep messages that have been delivered
// often away from others; without, it begins with its whole prefetch.
type NarrowChannel interface {
	ConsumerChannel

	// ConsumeOne is Consume with a prefetch of 1 until Widen is called.
	ConsumeOne(ctx context.Context, queue string, prefetch int) (<-chan *Delivery, error)

	// Widen allows the prefetch that ConsumeOne was given. The delivery that has come by then
	// must not have been answered, or order is lost. It does nothing after Cancel.
	Widen(ctx context.Context) error

	// Sync returns when the broker has seen the answers that were sent before.
	Sync(ctx context.Context) error
}
