package runtime

import (
	"bufio"
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

const (
	// tickInterval is how often a channel looks for publishes whose confirm does not come.
	tickInterval = 250 * time.Millisecond

	// overdueTicks is how long a publish may wait for its confirm before it gives its slot back.
	overdueTicks = 4

	// abandonTimeout is how long a publish waits for its confirm if its context does not end: the
	// broker has lost the confirm, or the queue its majority.
	abandonTimeout = 30 * time.Second
	abandonTicks   = uint32(abandonTimeout / tickInterval)
)

// WantsMethod implements frame.Handler: the methods that answer a publish.
func (p *producerChannel) WantsMethod(method frame.Method) bool {
	return method == frame.BasicAck || method == frame.BasicNack || method == frame.BasicReturn
}

// HandleMethod implements frame.Handler.
func (p *producerChannel) HandleMethod(method frame.Method, arguments []byte) error {
	if method == frame.BasicReturn {
		p.returned(arguments)
		return nil
	}
	tag, multiple, err := frame.ParseAck(arguments)
	if err != nil {
		return err
	}
	p.acknowledged(tag, multiple, method == frame.BasicAck)
	return nil
}

// HandleBody implements frame.Handler. The body of a returned message is not needed.
func (p *producerChannel) HandleBody(from *bufio.Reader, size int) error {
	_, err := from.Discard(size)
	return err
}

// acknowledged settles what the broker has answered. A returned message gets its basic.return first
// and then a positive confirm: the return wins.
func (p *producerChannel) acknowledged(tag uint64, multiple, positive bool) {
	p.mu.Lock()
	answered := p.window.take(tag, multiple, p.answered[:0])
	for _, e := range answered {
		p.slots.release(addressOf(e.message), e.overdue)
	}
	p.grantSlots()
	p.mu.Unlock()
	p.pool.slotsFreed()
	for _, e := range answered {
		e.settle(settlementOf(e, positive))
	}
	clear(answered)
	p.answered = answered
}

func settlementOf(e inFlight, positive bool) Settlement {
	switch {
	case e.reply != nil:
		return Settlement{Outcome: OutcomeReturned, Reply: *e.reply}
	case positive:
		return Settlement{Outcome: OutcomeAcked}
	}
	return Settlement{Outcome: OutcomeNacked}
}

// returned notes why a message comes back. The content header that follows says which message it
// is.
func (p *producerChannel) returned(arguments []byte) {
	var err error
	if p.returning, err = frame.ParseReturn(arguments); err != nil {
		p.returning = frame.Return{Text: err.Error()}
	}
	if p.returning.Code == 0 {
		p.returning.Code = amqp.NoRoute // 0 means that no message has come back
	}
}

// HandleHeader implements frame.Handler: it finds the publish of the returned message.
func (p *producerChannel) HandleHeader(payload []byte) error {
	returned := p.returning
	p.returning = frame.Return{}
	if returned.Code == 0 {
		return errUnexpected
	}
	id, err := frame.MessageID(payload)
	if err != nil {
		return err
	}
	if p.config.unconfirmed {
		p.pool.declareAgainFor(address{returned.Exchange, returned.RoutingKey})
		p.conn.broker.Observer.Observe(context.Background(), UnconfirmedReturnedEvent{
			Connection: p.conn.name, MessageID: id,
			Exchange: returned.Exchange, RoutingKey: returned.RoutingKey, Reply: Reply{Code: returned.Code, Text: returned.Text},
		})
		return nil
	}
	p.mu.Lock()
	message, found := p.window.returned(id, returned, payload)
	p.mu.Unlock()
	if found {
		p.pool.declareAgainFor(addressOf(message))
	}
	return nil
}

// StopWriting implements frame.Handler: anything written on this channel's number after the
// library's answer to the broker would end the whole connection.
func (p *producerChannel) StopWriting() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noWrites = true
}

// watch waits until the channel has died and settles what is left on it. Until then it fails the
// publishes that wait for a slot when the broker blocks, and looks for missing confirms.
func (p *producerChannel) watch() {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for {
		changed := p.conn.changed.next()
		if p.conn.blocked.Load() {
			p.failWaiters(errBlocked)
		}
		select {
		case reason := <-p.closes:
			p.cause = channelReason(closeReason(reason))
			p.settleRest()
			return
		case <-changed:
		case <-ticker.C:
			p.tick()
		}
	}
}

func (p *producerChannel) failWaiters(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slots.failAll(err)
	p.grantSlots()
}

// tick takes back the slots of overdue publishes, and settles those that nobody waits for any
// longer. While the broker blocks, no confirm is expected.
func (p *producerChannel) tick() {
	if p.conn.blocked.Load() {
		return
	}
	p.mu.Lock()
	p.ticks++
	var abandoned []inFlight
	p.window.tags(func(tag uint64) bool {
		e := p.window.find(tag)
		age := p.ticks - e.written
		if age < overdueTicks {
			return false
		}
		if !e.overdue {
			p.window.noteOverdue(tag)
			p.slots.overdue(addressOf(e.message), e.probe)
		}
		if e.ctx.Err() != nil || age >= abandonTicks {
			abandoned = append(abandoned, e)
			p.window.remove(tag)
			p.abandonedBefore = max(p.abandonedBefore, e.written+1)
		}
		return true
	})
	p.slots.tick()
	p.grantSlots()
	p.mu.Unlock()
	p.pool.slotsFreed()
	for _, e := range abandoned {
		e.settle(p.abandoned(e))
	}
}

// abandoned returns the settlement of a publish that is no longer waited for. If the broker's
// answer still comes, it is ignored.
func (p *producerChannel) abandoned(e inFlight) Settlement {
	if e.reply != nil {
		return settlementOf(e, true)
	}
	err := cause(e.ctx)
	if err == nil {
		err = fmt.Errorf("no confirm within %v: %w", abandonTimeout, context.DeadlineExceeded)
	}
	return Settlement{Outcome: OutcomeUnknown, Err: fmt.Errorf("connection %q: %w", p.conn.name, err)}
}

// settleRest settles what is in flight on a channel that has died.
func (p *producerChannel) settleRest() {
	close(p.closing)
	p.mu.Lock()
	p.noWrites = true
	p.slots.failAll(errChannelGone)
	rest := p.window.takeAll()
	p.mu.Unlock()
	for i, s := range p.settlementsAfterClose(rest) {
		rest[i].settle(s)
	}
	close(p.done)
}
