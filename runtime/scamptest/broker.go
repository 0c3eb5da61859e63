package scamptest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// A Broker is one virtual host of an in-memory RabbitMQ. It is a runtime.Source: use it for a
// producer or a consumer instead of a topology. Its methods may be called from many goroutines.
//
// Its producers share one connection with one channel, like those of runtime.DedicatedChannel, and
// its consumers share another connection; what consumers publish themselves goes through a third.
// [Broker.Pool] gives producers more of both.
type Broker struct {
	mu        sync.Mutex
	changed   chan struct{} // closed when anything has changed, and then replaced
	later     []func()      // what update calls after it has released mu
	exchanges map[string]*exchange
	queues    map[string]*queue
	open      map[*connection]struct{}
	sequence  uint64 // of messages in queues

	closed       bool
	stopped      bool
	blocked      bool
	stateChanged chan struct{} // closed when one of them changes, and then replaced
	faults       []Fault
	delay        time.Duration // of confirms

	producers *Pool
	recovery  *Pool       // of what consumers publish themselves
	consumers *connection // nil until the first consumer, and after a cut
}

var _ runtime.Source = (*Broker)(nil)

// New returns a running broker. It is empty except for the exchanges of every RabbitMQ: the default
// exchange and amq.direct, amq.fanout, amq.topic, amq.headers and amq.match. Only a pair of brokers
// needs closing: see Close.
func New() *Broker {
	b := &Broker{
		changed:      make(chan struct{}),
		stateChanged: make(chan struct{}),
		exchanges:    map[string]*exchange{},
		queues:       map[string]*queue{},
		open:         map[*connection]struct{}{},
	}
	for _, kind := range []string{"direct", "fanout", "topic", "headers"} {
		b.addExchange(runtime.Exchange{Name: "amq." + kind, Type: kind, Durable: true})
	}
	b.addExchange(runtime.Exchange{Name: "amq.match", Type: "headers", Durable: true})
	b.producers, b.recovery = b.Pool(1, 1), b.Pool(1, 1)
	return b
}

// ProducerChannel implements runtime.ProducerSource: all producers share one channel.
func (b *Broker) ProducerChannel(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	return b.producers.ProducerChannel(ctx, request)
}

// Info implements runtime.Source.
func (b *Broker) Info() runtime.SourceInfo {
	return runtime.SourceInfo{State: b.state, Status: b.Status, NoWait: true}
}

// state returns whether a publish could be sent now, and a channel that is closed when that changes.
func (b *Broker) state() (runtime.State, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return runtime.StateClosed, b.stateChanged
	case b.stopped:
		return runtime.StateDown, b.stateChanged
	case b.blocked:
		return runtime.StateBlocked, b.stateChanged
	}
	return runtime.StateReady, b.stateChanged
}

// ConsumerChannel implements runtime.ConsumerSource: each call opens a channel on the connection
// that all consumers share.
func (b *Broker) ConsumerChannel(ctx context.Context, request runtime.ConsumerRequest) (runtime.ConsumerChannel, error) {
	var channel *consumerChannel
	err := b.wait(ctx, "open a channel", func() (bool, error) {
		if b.closed || b.stopped {
			return b.closed, b.errClosed()
		}
		if b.consumers == nil || b.consumers.lost {
			b.consumers = b.connect()
		}
		if err := b.declare(b.consumers, request.Declarations); err != nil {
			return true, err
		}
		channel = newConsumerChannel(b, b.consumers)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return channel, nil
}

// update calls change with the broker locked, wakes all who wait for a change, and then calls what
// change has deferred: the user's functions are never called with the broker locked.
func (b *Broker) update(change func()) {
	b.try(func() bool {
		change()
		return true
	})
}

// wait calls attempt with the broker locked, and again after each change, until it is done or ctx
// ends.
func (b *Broker) wait(ctx context.Context, what string, attempt func() (done bool, err error)) error {
	for {
		var err error
		done, changed := b.try(func() (done bool) {
			done, err = attempt()
			return done
		})
		if done {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("scamptest: %s: %w", what, context.Cause(ctx))
		}
	}
}

// try calls attempt with the broker locked. If attempt is done, it wakes all who wait. If not, the
// next change closes changed.
func (b *Broker) try(attempt func() bool) (done bool, changed <-chan struct{}) {
	b.mu.Lock()
	done = attempt()
	changed = b.changed
	if done {
		close(b.changed)
		b.changed = make(chan struct{})
	}
	later := b.later
	b.later = nil
	b.mu.Unlock()
	for _, call := range later {
		call()
	}
	return done, changed
}
