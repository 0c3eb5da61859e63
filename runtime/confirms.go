package runtime

import (
	"context"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	// sweepInterval is how often confirms are looked for behind the oldest one while
	// that does not come: another queue may be faster.
	sweepInterval = 10 * time.Millisecond

	// stallTimeout is how long the oldest publish may wait for its confirm before the
	// channel is given up. The broker has lost the confirm, or the queue its majority.
	stallTimeout = 30 * time.Second
)

var errStalled = errors.New("a confirm has not come")

// enlist enters a publish that has been written into the window.
func (p *producerChannel) enlist(e inFlight) {
	p.mu.Lock()
	p.waiting.add(e)
	alone := p.waiting.len() == 1
	p.mu.Unlock()
	if alone {
		select {
		case p.work <- struct{}{}:
		default:
		}
	}
}

// reportReturns is what settleAll is to a channel without confirms: it tells the
// observer of each message that comes back, until the channel dies.
func (p *producerChannel) reportReturns() {
	for r := range p.returns {
		p.link.broker.Observer.Observe(UnconfirmedReturned{
			Connection: p.link.name, MessageID: r.MessageId,
			Exchange: r.Exchange, RoutingKey: r.RoutingKey, Reply: replyOf(r),
		})
	}
	p.settleRest()
}

// settleAll settles publishes as the broker answers, and what is left when the
// channel dies. It runs on a goroutine of its own and is the only one that
// reads returns.
//
// A returned message's basic.return comes before its confirm, and the client
// library passes both on in that order, so draining the returns after a confirm has
// been seen and before it is settled misses none. There is room for as many returns
// as there are publishes in flight, so that the library never waits.
func (p *producerChannel) settleAll() {
	timer := time.NewTimer(stallTimeout)
	defer timer.Stop()
	for {
		p.mu.Lock()
		first := p.waiting.first()
		p.mu.Unlock()
		if first == nil && !p.awaitWork() {
			break
		}
		if first != nil {
			p.await(first, timer)
			p.settleConfirmed(false)
		}
	}
	p.settleRest()
}

// await waits until the oldest publish is confirmed, and settles younger ones
// meanwhile. When the channel dies the client library answers all confirms with
// false, so this ends.
func (p *producerChannel) await(first *amqp.DeferredConfirmation, timer *time.Timer) {
	if isConfirmed(first) {
		return
	}
	for waited := time.Duration(0); ; waited += sweepInterval {
		timer.Reset(sweepInterval)
		select {
		case <-first.Done():
			return
		case <-timer.C:
		}
		p.settleConfirmed(true)
		if p.link.blocked.Load() {
			waited = 0
		}
		if waited >= stallTimeout {
			p.giveUp()
			waited = 0
		}
	}
}

// awaitWork waits for the first publish of an empty window. It returns false when
// the channel has died.
func (p *producerChannel) awaitWork() bool {
	select {
	case <-p.work:
		return true
	case reason := <-p.closes:
		p.die(reason)
		return false
	}
}

// settleConfirmed settles the publishes that the broker has answered.
func (p *producerChannel) settleConfirmed(deep bool) {
	for {
		e, ok := p.nextConfirmed(deep)
		if !ok {
			return
		}
		p.settle(e)
	}
}

// nextConfirmed takes a confirmed publish out of the window, after all the
// returns that came before its confirm have been matched.
func (p *producerChannel) nextConfirmed(deep bool) (inFlight, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.waiting.confirmed(deep)
	if i < 0 {
		return inFlight{}, false
	}
	for {
		select {
		case r, ok := <-p.returns:
			if ok {
				p.waiting.match(returned{messageID: r.MessageId, reply: replyOf(r)})
				continue
			}
		default:
		}
		return p.waiting.remove(i), true
	}
}

func replyOf(r amqp.Return) Reply { return Reply{Code: r.ReplyCode, Text: r.ReplyText} }

// settle settles one publish. A return wins over the confirm that follows it, which
// is positive. A negative confirm on a dead channel is the library's, not the broker's.
func (p *producerChannel) settle(e inFlight) {
	settlement := Settlement{Outcome: Nacked}
	switch {
	case e.reply.Code != 0:
		settlement = Settlement{Outcome: Returned, Reply: e.reply}
	case e.confirm.Acked():
		settlement = Settlement{Outcome: Acked}
	case p.channel.IsClosed():
		settlement = Settlement{Outcome: Unknown, Err: p.deathCause()}
	}
	p.leave()
	e.settle(settlement)
}

// settleRest settles what is in flight on a channel that has died.
func (p *producerChannel) settleRest() {
	close(p.closing)
	p.deathCause()
	// Whoever is publishing has entered its publish into the window after this, and
	// nobody publishes any more.
	p.writing.Lock()
	defer p.writing.Unlock()
	p.settleConfirmed(true)
	close(p.done)
}

// deathCause waits until the client library says why the channel has died. It is
// for the settling goroutine.
func (p *producerChannel) deathCause() error {
	if p.cause == nil {
		p.die(<-p.closes)
	}
	return p.cause
}

// die notes why the channel has died. The library gives no reason for a channel
// that was closed from this side.
func (p *producerChannel) die(reason *amqp.Error) {
	p.cause = channelReason(closeReason(reason))
	if reason == nil && p.stalled {
		p.cause = errStalled
	}
}

// giveUp closes a channel on which a confirm does not come, and its connection if
// that does not answer either.
func (p *producerChannel) giveUp() {
	p.stalled = true
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), p.link.broker.WriteTimeout)
		defer cancel()
		_, err := request(ctx, func() (struct{}, error) { return struct{}{}, p.channel.Close() }, nil)
		if err != nil {
			_ = p.link.wire.Close()
		}
	}()
}
