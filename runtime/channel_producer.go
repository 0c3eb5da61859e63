package runtime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// A ChannelOption changes the producer channels of a topology. The defaults are right for most.
type ChannelOption interface {
	applyToChannel(*channelConfig)
}

type channelOption func(*channelConfig)

func (o channelOption) applyToChannel(c *channelConfig) { o(c) }

// WithWindow sets how many publishes of one channel may wait for their confirm at the same time.
// The default, also for n below 1, is 128. A larger window helps with quorum queues, whose confirms
// take longer. After a fault, retries can duplicate up to a window of publishes. Publishes that
// have waited for a second no longer count, so that a queue that does not confirm does not stop the
// others; to its address, one publish at a time goes on.
func WithWindow(n int) ChannelOption {
	return channelOption(func(c *channelConfig) { c.window = n })
}

// WithoutConfirms turns confirms off: a publish settles as OutcomeWritten when the connection has
// accepted it. Nobody notices what the broker or the network do to it afterwards, so expect to lose
// messages with every fault. A message that comes back is only reported to the Broker's Observer,
// as UnconfirmedReturnedEvent.
func WithoutConfirms() ChannelOption {
	return channelOption(func(c *channelConfig) { c.unconfirmed = true })
}

type channelConfig struct {
	window      int
	unconfirmed bool
	isolated    bool // publishes one message at a time: see isolation
	anySize     bool // bodies may have any size: the broker itself delivered them
}

func newChannelConfig(options []ChannelOption) channelConfig {
	var c channelConfig
	for _, option := range options {
		option.applyToChannel(&c)
	}
	c.window = orDefault(c.window, 128)
	return c
}

// Why a channel does not accept a publish that another channel may accept.
var (
	errBlocked     = errors.New("the broker blocks publishers")
	errChannelGone = errors.New("the channel is closed")
)

// producerChannel is one channel that many goroutines publish on. They write on their own
// goroutines, one at a time. The reading goroutine settles what the broker answers, and a goroutine
// of the channel settles the rest when the channel dies. See channel_producer_confirms.go for both.
type producerChannel struct {
	channel *amqp.Channel
	number  uint16
	conn    *conn
	config  channelConfig
	pool    *pool // the pool that the channel belongs to

	isolation *isolation // publishes instead what may end the channel; may be nil

	closes  chan *amqp.Error
	closing chan struct{} // closed as soon as the channel accepts no more publishes
	done    chan struct{} // closed when everything has been settled
	cause   error         // why the channel has died; set before done is closed
	load    atomic.Int32  // slots in use, and publishes that wait for one and are not throttled

	mu              sync.Mutex // one publish at a time: the order of tags is the order on the wire
	noWrites        bool       // nothing may be written any more
	slots           slots
	window          window
	ticks           uint32 // ticks since the channel was opened, except while the broker blocked
	abandonedBefore uint32 // publishes written before this tick may have been abandoned; later ones have not
	scratch         []byte // buffer for the next frames

	// For the reading goroutine only.
	answered  []inFlight
	returning frame.Return // its content header has not arrived yet; the code is 0 if there is none
}

// nodeAddress returns host and port of the node that the channel leads to.
func (p *producerChannel) nodeAddress() string { return p.conn.address }

// openProducerChannel opens a channel for supervisor on conn and turns confirms on.
func openProducerChannel(ctx context.Context, conn *conn, supervisor *channelSupervisor) (*producerChannel, error) {
	p := newProducerChannel(conn, supervisor)
	opened, err := conn.openChannel(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	p.channel, p.number = opened.channel, opened.number
	p.closes = opened.channel.NotifyClose(make(chan *amqp.Error, 1))
	if !p.config.unconfirmed {
		if err := conn.confirm(ctx, opened); err != nil {
			return nil, fmt.Errorf("turn confirms on: %w", err)
		}
	}
	go p.watch()
	return p, nil
}

func newProducerChannel(conn *conn, supervisor *channelSupervisor) *producerChannel {
	pool := supervisor.pool
	return &producerChannel{
		conn: conn, pool: pool, config: pool.config, isolation: supervisor.isolation,
		closing: make(chan struct{}),
		done:    make(chan struct{}),
		slots:   slots{free: pool.config.window},
		window:  newWindow(pool.config.window),
	}
}

// Publish implements ProducerChannel.
func (p *producerChannel) Publish(ctx context.Context, request PublishRequest) {
	m, settle := request.Message, request.Settle
	if p.isolation.applies(ctx, m) {
		p.isolation.publish(ctx, request)
		return
	}
	limit := limits{body: p.conn.maxBody(), payload: p.conn.bodyFrame}
	if p.config.anySize {
		limit.body = math.MaxInt
	}
	err := checkMessage(m, limit)
	if err == nil {
		err = p.publish(ctx, m, settle)
	}
	switch {
	case err != nil:
		settle(Settlement{Outcome: OutcomeNotSent, Err: err})
	case p.config.unconfirmed:
		settle(Settlement{Outcome: OutcomeWritten})
	}
}

// Done is closed when the channel is dead and everything on it has settled.
func (p *producerChannel) Done() <-chan struct{} { return p.done }

// isClosing reports whether the channel accepts no more publishes.
func (p *producerChannel) isClosing() bool { return isClosed(p.closing) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// publish acquires a slot, waits until the connection has room, and writes m. When it fails, the
// message has not been written completely, so that the broker will never have it.
func (p *producerChannel) publish(ctx context.Context, m *Message, settle func(Settlement)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	probe, err := p.acquireSlot(ctx, addressOf(m))
	if err != nil {
		return err
	}
	err = p.waitForRoom(ctx)
	if err == nil {
		err = p.write(inFlight{ctx: ctx, message: m, settle: settle, written: p.ticks, probe: probe})
	}
	if err != nil || p.config.unconfirmed {
		p.slots.undo(addressOf(m), probe)
		p.grantSlots()
	}
	return err
}

// acquireSlot acquires a slot. It waits for one until ctx ends or the broker blocks. The caller
// holds mu, here and in the functions below; mu is released during waits.
func (p *producerChannel) acquireSlot(ctx context.Context, to address) (probe bool, err error) {
	switch {
	case p.noWrites:
		return false, errChannelGone
	case p.conn.blocked.Load():
		return false, errBlocked
	}
	if acquired, probe := p.slots.acquire(to); acquired {
		p.load.Add(1)
		return probe, nil
	}
	waiter := p.slots.enqueue(to)
	defer waiter.free()
	p.grantSlots()
	p.mu.Unlock()
	p.pool.noteLoad()
	done, err := waiter.wait(ctx)
	p.mu.Lock()
	if !done {
		p.slots.cancel(waiter)
	}
	p.grantSlots()
	return waiter.probe, err
}

// grantSlots gives free slots to waiting publishes, and updates the load.
func (p *producerChannel) grantSlots() {
	p.slots.grant()
	p.load.Store(int32(p.config.window - p.slots.free + p.slots.waiting.len))
}

// waitForRoom waits until the connection has room. This is checked with mu held, so that the
// connection exceeds its limit by one message for each channel at most.
func (p *producerChannel) waitForRoom(ctx context.Context) error {
	for {
		switch {
		case p.noWrites:
			return errChannelGone
		case !p.conn.wire.Full():
			return nil
		}
		p.mu.Unlock()
		err := p.conn.waitForRoom(ctx, p.closing)
		p.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// waitForRoom waits until the connection may have room.
func (c *conn) waitForRoom(ctx context.Context, closing <-chan struct{}) error {
	room, changed := c.room.next(), c.changed.next()
	if c.blocked.Load() {
		return errBlocked
	}
	if !c.wire.Full() {
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

// write adds a publish to the window and hands it to the connection.
func (p *producerChannel) write(e inFlight) error {
	if p.config.unconfirmed {
		return p.send(e.message)
	}
	p.window.add(e)
	err := p.send(e.message)
	if err != nil {
		p.window.undo()
	}
	return err
}

// send writes m's frames. If the body fits into one frame, that is one write.
func (p *producerChannel) send(m *Message) error {
	out := frame.AppendPublish(p.scratch[:0], p.number, m.onWire())
	for body := m.Body; ; {
		if len(body) > 0 {
			piece := body[:min(len(body), p.conn.bodyFrame)]
			out, body = frame.AppendBody(out, p.number, piece), body[len(piece):]
		}
		if err := p.conn.frames.WriteFrames(out); err != nil {
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
