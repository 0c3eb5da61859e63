package runtime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

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
	pool    *pool // that the channel belongs to

	isolation *isolation // where what may cost the channel is published instead; may be nil

	closes  chan *amqp.Error
	closing chan struct{} // closed as soon as the channel takes no more
	done    chan struct{} // closed when everything has been settled
	cause   error         // why the channel has died; set when done is closed
	load    atomic.Int32  // seats that are taken, and publishes that wait for one outside of lanes

	mu      sync.Mutex // one publish at a time: the order of tags is that of the wire
	shut    bool       // nothing may be written any more
	seats   seats
	waiting window
	clock   uint32 // looks since the channel was opened, while the broker did not block
	gaveUp  uint32 // what was written at this clock or later is younger than all that nobody waits for any longer
	scratch []byte // frames that are about to be written

	// For the goroutine that reads.
	answered  []inFlight
	returning basicReturn // its content header has not come yet; the reply's code is 0 if there is none
}

// openProducerChannel opens a channel for slot on link and puts it into confirm mode.
func openProducerChannel(ctx context.Context, link *link, slot *slot) (*producerChannel, error) {
	p := newProducerChannel(link, slot)
	opened, err := link.openChannel(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	p.channel, p.number = opened.channel, opened.number
	p.closes = opened.channel.NotifyClose(make(chan *amqp.Error, 1))
	if !p.config.unconfirmed {
		if err := link.confirm(ctx, opened); err != nil {
			return nil, fmt.Errorf("switch confirms on: %w", err)
		}
	}
	go p.watch()
	return p, nil
}

func newProducerChannel(link *link, slot *slot) *producerChannel {
	pool := slot.pool
	return &producerChannel{
		link: link, pool: pool, config: pool.config, isolation: slot.isolation,
		closing: make(chan struct{}),
		done:    make(chan struct{}),
		seats:   seats{free: pool.config.window},
		waiting: newWindow(pool.config.window),
	}
}

// Publish sends m as ProducerChannel says.
func (p *producerChannel) Publish(ctx context.Context, m *Message, settle func(Settlement)) {
	if p.isolation.wants(ctx, m) {
		p.isolation.Publish(ctx, m, settle)
		return
	}
	most := limits{body: p.link.maxBody(), payload: p.link.bodyFrame}
	if p.config.anySize {
		most.body = math.MaxInt
	}
	err := checkSizes(m, most)
	if err == nil {
		err = p.publish(ctx, m, settle)
	}
	switch {
	case err != nil:
		settle(Settlement{Outcome: NotSent, Err: err})
	case p.config.unconfirmed:
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

// publish takes a seat, waits until the connection has room, and writes m. When it fails,
// the message is not whole on the wire, so that the broker will never have it.
func (p *producerChannel) publish(ctx context.Context, m *Message, settle func(Settlement)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	try, err := p.sit(ctx, addressOf(m))
	if err != nil {
		return err
	}
	err = p.waitForRoom(ctx)
	if err == nil {
		err = p.write(inFlight{ctx: ctx, message: m, settle: settle, written: p.clock, try: try})
	}
	if err != nil || p.config.unconfirmed {
		p.seats.notWritten(addressOf(m), try)
		p.seated()
	}
	return err
}

// sit takes a seat, and waits for it until ctx ends or the broker blocks. Like everything
// below it is called with the lock held, and lets go of it while it waits.
func (p *producerChannel) sit(ctx context.Context, to address) (try bool, err error) {
	switch {
	case p.shut:
		return false, errChannelGone
	case p.link.blocked.Load():
		return false, errBlocked
	}
	if seated, try := p.seats.take(to); seated {
		p.load.Add(1)
		return try, nil
	}
	waiting := p.seats.wait(to)
	defer waiting.done()
	p.seated()
	p.mu.Unlock()
	p.pool.noteLoad()
	told, err := waiting.wait(ctx)
	p.mu.Lock()
	if !told {
		p.seats.withdraw(waiting)
	}
	p.seated()
	return waiting.try, err
}

// seated gives free seats to those who wait, and notes how many are there.
func (p *producerChannel) seated() {
	p.seats.handOut()
	p.load.Store(int32(p.config.window - p.seats.free + p.seats.waiting.n))
}

// waitForRoom waits until the connection has room. Looking at that with the lock held
// keeps what the connection holds to one message for each channel above its bound.
func (p *producerChannel) waitForRoom(ctx context.Context) error {
	for {
		switch {
		case p.shut:
			return errChannelGone
		case !p.link.wire.full():
			return nil
		}
		p.mu.Unlock()
		err := p.link.waitForRoom(ctx, p.closing)
		p.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// waitForRoom waits until the connection may have room.
func (l *link) waitForRoom(ctx context.Context, closing <-chan struct{}) error {
	room, changed := l.wire.room.next(), l.changed.next()
	if l.blocked.Load() {
		return errBlocked
	}
	if !l.wire.full() {
		return nil
	}
	select {
	case <-room:
		return nil
	case <-changed:
		return nil
	case <-closing:
		return errChannelGone
	case <-ctx.Done():
		return cause(ctx)
	}
}

// write enters a publish into the window and hands it to the connection.
func (p *producerChannel) write(e inFlight) error {
	if p.config.unconfirmed {
		return p.send(e.message)
	}
	p.waiting.add(e)
	err := p.send(e.message)
	if err != nil {
		p.waiting.undo()
	}
	return err
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
