package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// The reasons for which a channel does not take a publish that another may take.
var (
	errBlocked     = errors.New("the broker blocks publishers")
	errChannelGone = errors.New("the channel is closed")
)

// producerChannel is one channel that many goroutines publish on. They write on their
// own goroutines, one at a time; the goroutine that reads from the broker settles
// what it answers, and one of the channel's own what is left when it dies. See
// channel_producer_confirms.go for both.
type producerChannel struct {
	channel *amqp.Channel
	number  uint16
	link    *link
	config  channelConfig
	freed   func() // called when a seat has become free

	seats   chan struct{} // one for each publish in flight; full when the window is
	closes  chan *amqp.Error
	closing chan struct{} // closed as soon as the channel takes no more
	done    chan struct{} // closed when everything has been settled
	cause   error         // why the channel has died; set when done is closed

	mu      sync.Mutex // one publish at a time: the order of tags is that of the wire
	shut    bool       // nothing may be written any more
	waiting window
	scratch []byte // frames that are about to be written

	// For the goroutine that reads.
	answered  []inFlight
	returning basicReturn // its content header has not come yet; the reply's code is 0 if there is none
}

// openProducerChannel opens a channel on link and puts it into confirm mode. freed
// is called whenever the channel has room for one more publish.
func openProducerChannel(ctx context.Context, link *link, config channelConfig, freed func()) (*producerChannel, error) {
	p := &producerChannel{
		link: link, config: config, freed: freed,
		seats:   make(chan struct{}, config.window),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
		waiting: newWindow(config.window),
	}
	opened, err := link.openChannel(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	p.channel, p.number = opened.channel, opened.number
	p.closes = opened.channel.NotifyClose(make(chan *amqp.Error, 1))
	if !config.unconfirmed {
		if err := link.confirm(ctx, opened); err != nil {
			return nil, fmt.Errorf("switch confirms on: %w", err)
		}
	}
	go p.mind()
	return p, nil
}

// Publish sends m as ProducerChannel says. It does not use m after it has returned.
func (p *producerChannel) Publish(ctx context.Context, m *Message, settle func(Settlement)) {
	err := checkSizes(m, limits{body: p.link.broker.MaxMessageSize, payload: p.link.bodyFrame})
	if err == nil {
		err = p.enter(ctx)
	}
	if err != nil {
		settle(Settlement{Outcome: NotSent, Err: err})
		return
	}
	err = p.write(ctx, m, settle)
	switch {
	case err != nil:
		p.leave()
		settle(Settlement{Outcome: NotSent, Err: err})
	case p.config.unconfirmed:
		p.leave()
		settle(Settlement{Outcome: Written})
	}
}

// Done is closed when the channel is dead and everything on it has settled.
func (p *producerChannel) Done() <-chan struct{} { return p.done }

// isClosing says whether the channel takes no more publishes.
func (p *producerChannel) isClosing() bool { return isClosed(p.closing) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// enter takes a seat in the window, as long as the broker is willing.
func (p *producerChannel) enter(ctx context.Context) error {
	if p.link.blocked.Load() {
		return errBlocked
	}
	select {
	case p.seats <- struct{}{}:
		return nil
	default:
		return p.waitForSeat(ctx)
	}
}

// waitForSeat waits for a seat until ctx ends or the broker blocks.
func (p *producerChannel) waitForSeat(ctx context.Context) error {
	for {
		changed := p.link.changed.next()
		if p.link.blocked.Load() {
			return errBlocked
		}
		select {
		case p.seats <- struct{}{}:
			return nil
		case <-changed:
		case <-p.closing:
			return errChannelGone
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// waitForRoom waits until the connection may have room.
func (p *producerChannel) waitForRoom(ctx context.Context) error {
	room, changed := p.link.wire.room.next(), p.link.changed.next()
	if p.link.blocked.Load() {
		return errBlocked
	}
	if !p.link.wire.full() {
		return nil
	}
	select {
	case <-room:
		return nil
	case <-changed:
		return nil
	case <-p.closing:
		return errChannelGone
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave gives a seat back.
func (p *producerChannel) leave() {
	<-p.seats
	p.freed()
}

// write waits until the connection has room, and writes m. When it fails, the message
// is not whole on the wire, so that the broker will never have it.
func (p *producerChannel) write(ctx context.Context, m *Message, settle func(Settlement)) error {
	for {
		written, err := p.writeIfRoom(m, settle)
		if written || err != nil {
			return err
		}
		if err := p.waitForRoom(ctx); err != nil {
			return err
		}
	}
}

// writeIfRoom enters m into the window and hands it to the connection, unless that is
// full. Looking at that with the lock held keeps what the connection holds to one
// message for each channel above its bound.
func (p *producerChannel) writeIfRoom(m *Message, settle func(Settlement)) (written bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return false, errChannelGone
	}
	if p.link.wire.full() {
		return false, nil
	}
	if p.config.unconfirmed {
		return true, p.send(m)
	}
	p.waiting.add(inFlight{
		settle: settle, exchange: m.Exchange, routingKey: m.RoutingKey, messageID: m.MessageID, mandatory: m.Mandatory,
	})
	if err := p.send(m); err != nil {
		p.waiting.undo()
		return false, err
	}
	return true, nil
}

// send writes m's frames, in one piece if there is only one frame of the body.
func (p *producerChannel) send(m *Message) error {
	out := appendPublish(p.scratch[:0], p.number, m)
	for body := m.Body; ; {
		if len(body) > 0 {
			piece := body[:min(len(body), p.link.bodyFrame)]
			out, body = appendBody(out, p.number, piece), body[len(piece):]
		}
		if _, err := p.link.frames.Conn.Write(out); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		out = out[:0]
		if len(body) == 0 {
			break
		}
	}
	p.scratch = out
	return nil
}
