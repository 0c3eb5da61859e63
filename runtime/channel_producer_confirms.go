package runtime

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// stallTimeout is how long the oldest publish may wait for its confirm before the
// channel is given up: the broker has lost the confirm, or the queue its majority.
// stallChecks is how often it is looked at meanwhile.
const (
	stallTimeout = 30 * time.Second
	stallChecks  = 6
)

var errStalled = errors.New("a confirm has not come")

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

// body implements frameHandler. That of a message that comes back is of no use.
func (p *producerChannel) body(from *bufio.Reader, size int) error {
	_, err := from.Discard(size)
	return err
}

// acknowledged settles what the broker has answered. A message that came back has
// its basic.return before its confirm, which is positive: the return wins.
func (p *producerChannel) acknowledged(tag uint64, multiple, positive bool) {
	p.mu.Lock()
	answered := p.waiting.take(tag, multiple, p.answered[:0])
	p.mu.Unlock()
	for _, e := range answered {
		switch {
		case e.reply.Code != 0:
			p.settle(e, Settlement{Outcome: Returned, Reply: e.reply})
		case positive:
			p.settle(e, Settlement{Outcome: Acked})
		default:
			p.settle(e, Settlement{Outcome: Nacked})
		}
	}
	clear(answered)
	p.answered = answered
}

func (p *producerChannel) settle(e inFlight, s Settlement) {
	p.leave()
	e.settle(s)
}

// basicReturn is what basic.return says of a message that comes back.
type basicReturn struct {
	exchange, routingKey string
	reply                Reply
}

// returned notes why a message comes back. Which one it is stands in the content
// header that follows.
func (p *producerChannel) returned(arguments []byte) {
	var err error
	if p.returning, err = parseReturn(arguments); err != nil {
		p.returning = basicReturn{reply: Reply{Text: err.Error()}}
	}
	if p.returning.reply.Code == 0 {
		p.returning.reply.Code = amqp.NoRoute // 0 stands for a message that has not come back
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

// header implements frameHandler: it finds the publish of the message that comes back.
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
		p.link.broker.Observer.Observe(UnconfirmedReturned{
			Connection: p.link.name, MessageID: id,
			Exchange: returned.exchange, RoutingKey: returned.routingKey, Reply: returned.reply,
		})
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting.returned(id, returned)
	return nil
}

// stopWriting implements frameHandler: whatever came on this channel's number after the
// library's answer to the broker would cost the whole connection.
func (p *producerChannel) stopWriting() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
}

// mind waits until the channel has died and settles what is left on it. Meanwhile it
// looks for a confirm that does not come.
func (p *producerChannel) mind() {
	ticker := time.NewTicker(stallTimeout / stallChecks)
	defer ticker.Stop()
	stalled := &stall{}
	for {
		select {
		case reason := <-p.closes:
			p.cause = channelReason(closeReason(reason))
			if reason == nil && stalled.over() {
				p.cause = errStalled
			}
			p.settleRest()
			return
		case <-ticker.C:
			if stalled.look(p) {
				p.giveUp()
			}
		}
	}
}

// stall finds out whether the same publish has been the oldest for too long.
type stall struct {
	oldest uint64
	checks int
}

// look returns true the first time that it has.
func (s *stall) look(p *producerChannel) bool {
	p.mu.Lock()
	oldest := p.waiting.first()
	p.mu.Unlock()
	if oldest == 0 || oldest != s.oldest || p.link.blocked.Load() {
		*s = stall{oldest: oldest}
		return false
	}
	s.checks++
	return s.checks == stallChecks
}

func (s *stall) over() bool { return s.checks >= stallChecks }

// giveUp closes a channel on which a confirm does not come, and its connection if
// that does not answer either.
func (p *producerChannel) giveUp() {
	p.stopWriting()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), p.link.broker.WriteTimeout)
		defer cancel()
		if err := p.link.do(ctx, p.channel.Close); err != nil {
			_ = p.link.wire.Close()
		}
	}()
}

// settleRest settles what is in flight on a channel that has died.
func (p *producerChannel) settleRest() {
	close(p.closing)
	p.mu.Lock()
	p.shut = true
	rest := p.waiting.take(p.waiting.last, true, nil)
	p.mu.Unlock()
	for _, e := range rest {
		if e.reply.Code != 0 {
			p.settle(e, Settlement{Outcome: Returned, Reply: e.reply})
		} else {
			p.settle(e, Settlement{Outcome: Unknown, Err: p.cause})
		}
	}
	close(p.done)
}
