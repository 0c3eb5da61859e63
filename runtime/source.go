package runtime

import (
	"context"
	"errors"
)

// A ProducerSource is where a producer gets its channels: it is the interface of a topology.
// DedicatedChannel, ChannelPool, ChannelPerConnection, ActivePassive and ActivePassiveProducer
// return one; scamptest.Broker is one; users may write their own.
//
// A source that wraps another one passes on the requests and the Info of the other, changed where
// it does something else. Embedding the interface does that for every method that is not written
// again: struct{ runtime.Source } around any source is equal to it. Requests and SourceInfo may get
// fields in any release, whose zero values mean what they mean today.
type ProducerSource interface {
	// ProducerChannel returns a channel that can take a publish now: open and not blocked by the
	// broker. It waits until there is one or ctx ends; the channel's Publish waits for room in its
	// window. Before it returns a channel it has made the declarations on the channel's broker,
	// again after each reconnect. If the broker refuses one, it returns a *DeclarationError.
	//
	// The caller does not own the channel and does not give it back: many goroutines share it. Call
	// ProducerChannel again for each publish; it is cheap.
	ProducerChannel(ctx context.Context, request ProducerRequest) (ProducerChannel, error)

	// Info returns what the source can do besides. It always returns the same and does not wait;
	// who uses a source calls it once.
	Info() SourceInfo
}

// A ProducerRequest says what a producer's channel is for. The zero value is a request without
// declarations.
type ProducerRequest struct {
	// Declarations are made before the channel is returned. They may be nil.
	Declarations *Declarations
	// NoWait asks for a channel only if there is one now and its broker has the declarations.
	// Otherwise ErrNotReady is returned at once. Only sources whose SourceInfo says NoWait are
	// asked in this way.
	NoWait bool
}

// ErrNotReady is what a source returns if ProducerRequest.NoWait is set and there is no channel.
var ErrNotReady = errors.New("there is no channel now")

// A ConsumerSource is where a consumer gets its channel. What ProducerSource says about wrapping
// holds for it too.
type ConsumerSource interface {
	// ConsumerChannel opens a channel that belongs to one consumer alone, after it has made the
	// declarations on the broker, each time. It waits until the broker can be reached or ctx ends.
	ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error)

	// Info returns what the source can do besides, as that of a ProducerSource.
	Info() SourceInfo
}

// A ConsumerRequest says what a consumer's channel is for. The zero value is a request without
// declarations for the only virtual host.
type ConsumerRequest struct {
	// Declarations are made before the channel is opened. They may be nil.
	Declarations *Declarations
	// VirtualHost is the index of the virtual host, from 0 to one less than
	// SourceInfo.VirtualHosts.
	VirtualHost int
}

// A Source serves producers and consumers.
type Source interface {
	ProducerSource
	ConsumerSource
}

// SourceInfo is what a source can do besides opening channels. Everything is optional: the zero
// value is right for a source that only does that.
type SourceInfo struct {
	// State returns whether the source can take a publish now, and a channel that is closed when
	// that may have changed. A source that has never been asked for a channel has not connected yet
	// and may be StateReady. A producer uses State to know that it is busy before a publish has to
	// wait; ActivePassive uses it to distinguish a full window from an outage. If nil, the source
	// counts as StateReady.
	State func() (state State, changed <-chan struct{})

	// Observer receives what happens on the source's connections, and what its producers and
	// consumers do unless they have an observer of their own. If nil, theirs is the default: see
	// Observer.
	Observer Observer

	// VirtualHosts is how many virtual hosts a consumer consumes from at the same time, with a
	// channel in each. 0 means one. A consumer makes a ConsumerRequest for each.
	VirtualHosts int

	// NoWait says that the source obeys ProducerRequest.NoWait.
	NoWait bool

	// PublishMiddleware sees what all producers of the source publish; the first is outermost. A
	// source that wraps others passes theirs on, each once. See Intercept.
	PublishMiddleware []PublishMiddleware

	// Middleware wraps the handlers of all consumers of the source, outside of their own; the first
	// is outermost. A source that wraps others passes theirs on, each once.
	Middleware []Middleware

	// MaxMessageSize is Broker.MaxMessageSize of the source's connections, in bytes. 0 if it is not
	// known, or not set.
	MaxMessageSize int

	// Status returns what the source is doing now, for Producer.Status. If nil, only State is known.
	Status func() SourceStatus

	// Lazy is Broker.Lazy: constructors of producers, consumers and callers do not wait for the
	// broker.
	Lazy bool

	// Register tells the source of a new client, until unregister is called: when a producer or
	// caller has been closed, or a consumer's Run has returned. Connection.Healthy and
	// Connection.Close do their work with those that are registered. If nil, nobody is told.
	Register func(client Client) (unregister func())

	// refusal returns why the broker has not made d, if it refused that the last time; or nil.
	refusal func(d *Declarations) error

	// turn lets the lazy clients of a connection begin one after the other; nil if there are none.
	turn turn

	mistake error // in the Broker: constructors of lazy clients return it

	// Release makes the source forget declarations that a closed producer does not use any more. If
	// nil, the source remembers none, or for as long as it lives.
	Release func(d *Declarations)
}

// state returns the state, and a channel that is closed when it may have changed. It is nil if
// there is no State.
func (i *SourceInfo) state() (State, <-chan struct{}) {
	if i.State == nil {
		return StateReady, nil
	}
	return i.State()
}

// observer returns the observer of the source's clients.
func (i *SourceInfo) observer() Observer {
	if i.Observer == nil {
		return &defaultObserver{}
	}
	return i.Observer
}

// virtualHosts returns the number of virtual hosts that a consumer consumes from.
func (i *SourceInfo) virtualHosts() int { return max(i.VirtualHosts, 1) }

// register tells the source of a client.
func (i *SourceInfo) register(client Client) (unregister func()) {
	if i.Register == nil {
		return func() {}
	}
	return i.Register(client)
}

// release makes the source forget d.
func (i *SourceInfo) release(d *Declarations) {
	if i.Release != nil {
		i.Release(d)
	}
}

// A ProducerChannel is an open channel in confirm mode that pipelines the publishes of many
// goroutines.
type ProducerChannel interface {
	// Publish sends request.Message and calls request.Settle exactly once with the result: when the
	// broker has answered or the channel has died, or some time after ctx has ended (the message is
	// then OutcomeUnknown). It waits for room in the channel's window until ctx ends (the message is
	// then OutcomeNotSent), but it does not wait for the broker's confirm. A caller that waits for
	// the confirm no longer than ctx watches ctx itself and then takes the result as OutcomeUnknown.
	Publish(ctx context.Context, request PublishRequest)

	// Done is closed when the channel is dead. Everything in flight has then been settled.
	Done() <-chan struct{}
}

// A PublishRequest is one attempt to publish a message. Both fields are required.
type PublishRequest struct {
	// Message is what is published. It belongs to the channel until Settle is called; then the
	// memory of its body is used for other messages. A channel that keeps messages copies them.
	Message *Message
	// Settle receives the result. It may be called before Publish returns, on any goroutine, and
	// must not block.
	Settle func(Settlement)
}

// nodeOf returns host and port of the node that a channel leads to, if it says so.
func nodeOf(channel any) string {
	if addressed, ok := channel.(interface{ nodeAddress() string }); ok {
		return addressed.nodeAddress()
	}
	return ""
}

// A ConsumerChannel is an open channel that one consumer owns.
type ConsumerChannel interface {
	// Consume starts deliveries as request says. It may be called once.
	Consume(ctx context.Context, request ConsumeRequest) (Consumption, error)

	// Cancel stops the deliveries and waits for the broker's answer. Those that arrived before are
	// still delivered, and can still be acknowledged.
	Cancel(ctx context.Context) error

	// Producer returns a channel with confirms to the same virtual host, for what a consumer must
	// publish itself: dead letters and delayed retries.
	Producer(ctx context.Context, request ProducerRequest) (ProducerChannel, error)

	// Done is closed when the channel is dead; its deliveries can no longer be acknowledged.
	Done() <-chan struct{}

	// Err returns why the channel has died, after Done is closed. It returns nil before that, after
	// Close, and if the reason is not known.
	Err() error

	// Close closes the channel; the broker delivers unacknowledged messages to other consumers. It
	// returns when the channel is closed or ctx ends. Done is closed then, even if the broker has
	// not answered.
	Close(ctx context.Context) error
}

// A ConsumeRequest says what a channel consumes and how. Queue and Prefetch are required.
type ConsumeRequest struct {
	Queue string
	// Prefetch is the largest number of unacknowledged deliveries, from 1 to 65535. Without
	// acknowledgements (NoAck) the broker does not obey it.
	Prefetch int
	// Narrow asks to begin with one delivery at a time, until Consumption.Widen is called. A
	// consumer uses it to handle messages alone that have been delivered often. A channel that
	// cannot do that, or not in an Exclusive consumer, begins with the whole Prefetch and returns
	// no Widen.
	Narrow bool
	// Tag is the consumer's tag, which operators see. If empty, the channel chooses one. It has at
	// most 248 bytes: a channel may add to it.
	Tag string
	// Exclusive asks the broker to refuse the request if the queue has another consumer (403), and
	// all others while this one lives. RabbitMQ does so for classic queues only.
	Exclusive bool
	// NoAck asks the broker to forget each message when it sends it. Answers to the deliveries
	// return ErrAnswered.
	NoAck bool
	// Arguments are those of basic.consume, such as x-priority. May be nil. The channel does not
	// change them.
	Arguments Headers
}

// A Consumption is what Consume has started.
type Consumption struct {
	// Deliveries receives the deliveries. It is closed when the broker cancels the consumer, when
	// Cancel has returned, even with an error, or when the channel dies; in the last case Done is
	// closed first.
	//
	// All deliveries have the same Acknowledger and their tags rise from at least 1. They belong to
	// the caller, who may change them.
	Deliveries <-chan *Delivery

	// Widen allows the whole prefetch. The delivery that has arrived by then must not have been
	// answered yet, otherwise the order is lost. It does nothing after Cancel. It is nil if the
	// deliveries did not begin narrow.
	Widen func(ctx context.Context) error

	// Sync returns when the broker has processed the answers that were sent before. It is nil if the
	// channel cannot tell.
	Sync func(ctx context.Context) error

	// Cancelled is closed when the broker has cancelled the consumer, as Deliveries is, but it can
	// be seen while all workers are busy. It is nil if the channel cannot tell.
	Cancelled <-chan struct{}

	// Passive says that the deliveries come from the passive side of a pair, because the active one
	// cannot be reached.
	Passive bool
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
