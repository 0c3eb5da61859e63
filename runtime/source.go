package runtime

import "context"

// A ProducerSource is where a producer gets its channels: it is the interface of a topology.
// DedicatedChannel, ChannelPool, ChannelPerConnection, ActivePassive and ActivePassiveProducer
// return one; scamptest.Broker is one; users may write their own.
type ProducerSource interface {
	// ProducerChannel returns a channel that can take a publish now: open and not blocked by the
	// broker. It waits until there is one or ctx ends; the channel's Publish waits for room in its
	// window. Before it returns a channel it has made d on the channel's broker, again after each
	// reconnect; d may be nil. If the broker refuses a declaration, it returns a *DeclarationError.
	//
	// The caller does not own the channel and does not give it back: many goroutines share it. Call
	// ProducerChannel again for each publish; it is cheap.
	ProducerChannel(ctx context.Context, d *Declarations) (ProducerChannel, error)
}

// A ConsumerSource is where a consumer gets its channel.
type ConsumerSource interface {
	// ConsumerChannel opens a channel that belongs to one consumer alone, after it has made d on
	// the broker, each time. It waits until the broker can be reached or ctx ends.
	ConsumerChannel(ctx context.Context, d *Declarations) (ConsumerChannel, error)
}

// A Source serves producers and consumers.
type Source interface {
	ProducerSource
	ConsumerSource
}

// releaser is a source that remembers declarations, and can forget those that no client uses any
// more.
type releaser interface {
	release(d *Declarations)
}

// release makes source forget d, if it is a releaser.
func release(source ProducerSource, d *Declarations) {
	if r, ok := abilityOf[releaser](source); ok {
		r.release(d)
	}
}

// A ProducerChannel is an open channel in confirm mode that pipelines the publishes of many
// goroutines.
type ProducerChannel interface {
	// Publish sends m and calls settle exactly once with the result: when the broker has answered
	// or the channel has died, or some time after ctx has ended (m is then OutcomeUnknown). It
	// waits for room in the channel's window until ctx ends (m is then OutcomeNotSent), but it does
	// not wait for the broker's confirm. A caller that waits for the confirm no longer than ctx
	// watches ctx itself and then takes the result as OutcomeUnknown.
	//
	// settle may be called before Publish returns, on any goroutine, and must not block. m belongs
	// to the channel until settle is called; then the memory of its body is used for other messages.
	// A channel that keeps messages copies them.
	Publish(ctx context.Context, m *Message, settle func(Settlement))

	// Done is closed when the channel is dead. Everything in flight has then been settled.
	Done() <-chan struct{}
}

// A ConsumerChannel is an open channel that one consumer owns.
type ConsumerChannel interface {
	// Consume starts deliveries from queue, at most prefetch of them unacknowledged. The returned
	// channel is closed when the broker cancels the consumer, when Cancel has returned, even with
	// an error, or when the channel dies; in the last case Done is closed first. It may be called
	// once.
	//
	// All deliveries have the same Acknowledger and their tags rise from at least 1. They belong to
	// the caller, who may change them.
	Consume(ctx context.Context, queue string, prefetch int) (<-chan *Delivery, error)

	// Cancel stops the deliveries and waits for the broker's answer. Those that arrived before are
	// still delivered, and can still be acknowledged.
	Cancel(ctx context.Context) error

	// Producer returns a channel with confirms to the same virtual host, for what a consumer must
	// publish itself: dead letters and delayed retries.
	Producer(ctx context.Context, d *Declarations) (ProducerChannel, error)

	// Done is closed when the channel is dead; its deliveries can no longer be acknowledged. If the
	// channel also has a method Err() error, that returns why it has died, and the consumer's event
	// contains it.
	Done() <-chan struct{}

	// Close closes the channel; the broker delivers unacknowledged messages to other consumers. It
	// returns when the channel is closed or ctx ends. Done is closed then, even if the broker has
	// not answered.
	Close(ctx context.Context) error
}

// A NarrowChannel is a ConsumerChannel that can begin with one delivery at a time. Implementing it
// is optional. A consumer needs it to handle messages alone that have been delivered often; without
// it, the consumer begins with its whole prefetch.
type NarrowChannel interface {
	ConsumerChannel

	// ConsumeOne is Consume with a prefetch of 1 until Widen is called.
	ConsumeOne(ctx context.Context, queue string, prefetch int) (<-chan *Delivery, error)

	// Widen allows the prefetch that was passed to ConsumeOne. The delivery that has arrived by
	// then must not have been answered yet, otherwise the order is lost. It does nothing after
	// Cancel.
	Widen(ctx context.Context) error

	// Sync returns when the broker has processed the answers that were sent before.
	Sync(ctx context.Context) error
}

// State is whether a source can take a publish now. The smaller, the better.
type State uint8

// The states of a source.
const (
	StateReady   State = iota // there is a channel with room
	StateFull                 // every channel's window is full: the program is faster than the broker
	StateBlocked              // the broker blocks publishers: it runs out of memory or disk
	StateDown                 // nothing is connected
	StateClosed               // the owner has closed the connections
)

// String returns the state's name in lower case.
func (s State) String() string {
	switch s {
	case StateReady:
		return "ready"
	case StateFull:
		return "full"
	case StateBlocked:
		return "blocked"
	case StateDown:
		return "down"
	case StateClosed:
		return "closed"
	}
	return "unknown"
}

// A StatefulSource is a ProducerSource with a state. Implementing it is optional. A producer needs
// it to know that it is busy before a publish has to wait; ActivePassive needs it to distinguish a
// full window from an outage.
type StatefulSource interface {
	ProducerSource

	// State returns the state and a channel that is closed when the state may have changed. A
	// source that has never been asked for a channel has not connected yet and may say Ready.
	State() (state State, changed <-chan struct{})
}
