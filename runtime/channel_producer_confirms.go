package runtime

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
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

// wants implements frameHandler: the methods that answer a publish.
func (p *producerChannel) wants(method uint32) bool {
	return method == methodBasicAck || method == methodBasicNack || method == methodBasicReturn
}

// method implements frameHandler.
func (p *producerChannel) method(id uint32, arguments []byte) error {
	if id == methodBasicReturn {
		p.returned(arguments)
		return nil
	}
	if len(arguments) < 9 {
		return errShort
	}
	tag, bits := binary.BigEndian.Uint64(arguments), arguments[8]
	p.acknowledged(tag, bits&1 != 0, id == methodBasicAck)
	return nil
}

// body implements frameHandler. The body of a returned message is not needed.
func (p *producerChannel) body(from *bufio.Reader, size int) error {
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

// basicReturn holds the arguments of basic.return.
type basicReturn struct {
	exchange, routingKey string
	reply                Reply
}

// returned notes why a message comes back. The content header that follows says which message it
// is.
func (p *producerChannel) returned(arguments []byte) {
	var err error
	if p.returning, err = parseReturn(arguments); err != nil {
		p.returning = basicReturn{reply: Reply{Text: err.Error()}}
	}
	if p.returning.reply.Code == 0 {
		p.returning.reply.Code = amqp.NoRoute // 0 means that no message has come back
	}
}

func parseReturn(arguments []byte) (c basicReturn, err error) {
	if len(arguments) < 2 {
		return c, errShort
	}
	c.reply.Code = binary.BigEndian.Uint16(arguments)
	rest := arguments[2:]
	for _, field := range []*string{&c.reply.Text, &c.exchange, &c.routingKey} {
		if *field, rest, err = cutShort(rest); err != nil {
			return c, err
		}
	}
	return c, nil
}

// header implements frameHandler: it finds the publish of the returned message.
func (p *producerChannel) header(payload []byte) error {
	returned := p.returning
	p.returning = basicReturn{}
	if returned.reply.Code == 0 {
		return errUnexpected
	}
	id, err := messageID(payload)
	if err != nil {
		return err
	}
	if p.config.unconfirmed {
		p.pool.declareAgainFor(address{returned.exchange, returned.routingKey})
		p.conn.broker.Observer.Observe(context.Background(), UnconfirmedReturnedEvent{
			Connection: p.conn.name, MessageID: id,
			Exchange: returned.exchange, RoutingKey: returned.routingKey, Reply: returned.reply,
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

// stopWriting implements frameHandler: anything written on this channel's number after the
// library's answer to the broker would end the whole connection.
func (p *producerChannel) stopWriting() {
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
