package scamptest

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// errLost is the error of settlements after a connection was cut.
var errLost = errors.New("scamptest: the connection was cut")

// A producerChannel is a channel in confirm mode. Its fields are guarded by the broker's mu.
type producerChannel struct {
	broker     *Broker
	connection *connection
	dead       error // why it was closed, after it was
	done       chan struct{}
	pending    map[*pending]struct{}
}

// A pending publish waits for its confirm.
type pending struct {
	settle func(runtime.Settlement)
	stop   func() bool // stops watching the context
}

func newProducerChannel(b *Broker, c *connection) *producerChannel {
	channel := &producerChannel{broker: b, connection: c, done: make(chan struct{}), pending: map[*pending]struct{}{}}
	c.producers = append(c.producers, channel)
	return channel
}

// Done implements runtime.ProducerChannel.
func (c *producerChannel) Done() <-chan struct{} { return c.done }

// Publish implements runtime.ProducerChannel. While the broker blocks publishers it waits.
func (c *producerChannel) Publish(ctx context.Context, request runtime.PublishRequest) {
	err := c.broker.wait(ctx, "blocked", func() (bool, error) {
		switch {
		case c.dead != nil:
			return true, c.dead
		case ctx.Err() != nil:
			return true, context.Cause(ctx)
		case c.broker.blocked:
			return false, nil
		}
		c.accept(ctx, request.Message, request.Settle)
		return true, nil
	})
	if err != nil {
		request.Settle(runtime.Settlement{Outcome: runtime.OutcomeNotSent, Err: err})
	}
}

// accept does what the broker does with a message that has arrived, or what the next fault says.
func (c *producerChannel) accept(ctx context.Context, m *runtime.Message, settle func(runtime.Settlement)) {
	p := &pending{settle: settle}
	c.pending[p] = struct{}{}
	p.stop = context.AfterFunc(ctx, func() {
		c.broker.update(func() { c.settle(p, runtime.Settlement{Err: context.Cause(ctx)}) })
	})
	fault := c.broker.nextFault()
	switch fault {
	case Nack:
		c.confirm(p, runtime.Settlement{Outcome: runtime.OutcomeNacked})
		return
	case Return:
		c.confirm(p, runtime.Settlement{Outcome: runtime.OutcomeReturned, Reply: noRoute})
		return
	case LoseMessage:
		c.connection.cut(errLost)
		return
	case LoseConfirm, ForgetConfirm, Succeed:
	}
	settlement, err := c.broker.publish(m)
	switch {
	case err != nil: // the cause is known
		c.settle(p, runtime.Settlement{Outcome: runtime.OutcomeNotSent, Err: err})
		c.die(err)
	case fault == LoseConfirm:
		c.connection.cut(errLost)
	case fault == Succeed:
		c.confirm(p, settlement)
	}
}

// confirm settles p, after some time if confirms are delayed.
func (c *producerChannel) confirm(p *pending, settlement runtime.Settlement) {
	if c.broker.delay <= 0 {
		c.settle(p, settlement)
		return
	}
	time.AfterFunc(c.broker.delay, func() {
		c.broker.update(func() { c.settle(p, settlement) })
	})
}

// settle calls p's settle function, unless that has been done before.
func (c *producerChannel) settle(p *pending, settlement runtime.Settlement) {
	if _, waiting := c.pending[p]; !waiting {
		return
	}
	delete(c.pending, p)
	c.broker.later = append(c.broker.later, func() {
		p.stop()
		p.settle(settlement)
	})
}

// die ends the channel. What is in flight is unknown.
func (c *producerChannel) die(reason error) {
	if c.dead != nil {
		return
	}
	c.dead = reason
	for p := range c.pending {
		c.settle(p, runtime.Settlement{Err: reason})
	}
	// Done means that everything has been settled.
	c.broker.later = append(c.broker.later, func() { close(c.done) })
}

// noRoute is the broker's reply for a mandatory message that no queue takes.
var noRoute = runtime.Reply{Code: 312, Text: "NO_ROUTE"}

// publish routes m into queues and returns the broker's answer. An error closes the channel. The
// broker is locked.
func (b *Broker) publish(m *runtime.Message) (runtime.Settlement, error) {
	if m.Exchange != "" && b.exchanges[m.Exchange] == nil {
		why := noExchange(m.Exchange)
		return runtime.Settlement{}, &runtime.ChannelError{Reply: runtime.Reply(*why)}
	}
	arrived := received(m)
	queues := b.route(arrived)
	if len(queues) == 0 && m.Mandatory {
		return runtime.Settlement{Outcome: runtime.OutcomeReturned, Reply: noRoute}, nil
	}
	delete(arrived.Headers, "BCC")
	outcome := runtime.OutcomeAcked
	for _, q := range queues {
		if !q.push(arrived) {
			outcome = runtime.OutcomeNacked
		}
	}
	return runtime.Settlement{Outcome: outcome}, nil
}

// expirationText returns the expiration property as it is on the wire.
func expirationText(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
