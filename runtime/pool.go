package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// DedicatedChannel returns a source with one channel for all producers, on c's producer connection,
// and one channel for each consumer, on its consumer connection. What consumers publish themselves,
// such as dead letters, goes through another channel on the producer connection. Publishes keep
// their order as long as none is retried.
func DedicatedChannel(c *Connection, options ...ChannelOption) Source {
	p, recovery := newPool(options), newPool(nil)
	recovery.config.anySize = true
	p.add(c.supervisors[producing], c, c.isolation)
	recovery.add(c.supervisors[producing], c, c.isolation)
	return dedicated{pool: p, connection: c, recovery: recovery}
}

// dedicated is the topology of one channel.
type dedicated struct {
	*pool
	connection *Connection
	// recovery is the channel for what consumers publish themselves. It has confirms, whatever the
	// options say. The broker closes a channel on which it refuses a publish, so producers must not
	// share this one. It is opened when it is first needed.
	recovery *pool
}

// ConsumerChannel opens a channel that belongs to the caller.
func (s dedicated) ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	channel, err := openConsumerChannel(ctx, s.connection, s.recovery, request.Declarations)
	if err != nil {
		return nil, err
	}
	return channel, nil
}

// ChannelPool returns a source that spreads publishes over n channels of c's producer connection,
// at least one. The channels are shared: a publish goes to the one with the fewest in flight. A
// pool limits the effect of a mistake: a publish to a missing exchange ends its channel but not the
// others.
//
// A pool does not keep the order of publishes and so serves producers only; passing it to a
// consumer does not compile.
func ChannelPool(c *Connection, n int, options ...ChannelOption) ProducerSource {
	p := newPool(options)
	for range max(n, 1) {
		p.add(c.supervisors[producing], c, c.isolation)
	}
	return p
}

// ChannelPerConnection returns a source that spreads publishes over the connections of p, each with
// one channel. A connection that is blocked or down is left out. It serves producers only, like
// ChannelPool.
func ChannelPerConnection(p *Connections, options ...ChannelOption) ProducerSource {
	channels := newPool(options)
	for _, connection := range p.connections {
		channels.add(connection.supervisors[producing], connection, connection.isolation)
	}
	return channels
}

// pool is a number of channels that publishes are spread over.
type pool struct {
	config      channelConfig
	supervisors []*channelSupervisor
	turn        atomic.Uint32 // where the next search begins, so that idle channels share the work

	changed signal      // a channel has opened, died, been blocked or unblocked; or full has changed
	full    atomic.Bool // every window was full, and they are not half empty yet

	start sync.Once

	mu      sync.Mutex
	failed  error // why the last channel could not be opened
	blocked bool  // every channel was blocked, and not all are unblocked yet
}

func newPool(options []ChannelOption) *pool {
	return &pool{config: newChannelConfig(options)}
}

// add adds a channel on one of c's network connections.
func (p *pool) add(supervisor *connSupervisor, c *Connection, isolation *isolation) {
	p.supervisors = append(p.supervisors, &channelSupervisor{connSupervisor: supervisor, connection: c, isolation: isolation, pool: p})
}

// ProducerChannel returns the channel with the fewest publishes in flight.
func (p *pool) ProducerChannel(ctx context.Context, request ProducerRequest) (ProducerChannel, error) {
	d := request.Declarations
	if channel := p.tryProducerChannel(d); channel != nil {
		return channel, nil
	}
	if request.NoWait {
		return nil, ErrNotReady
	}
	for {
		channel, err := p.choose(ctx)
		if err != nil {
			return nil, err
		}
		err = channel.conn.declare(ctx, d)
		if err == nil {
			return channel, nil
		}
		if err := channel.conn.awaitRetry(ctx, err); err != nil {
			return nil, err
		}
	}
}

// tryProducerChannel returns a channel if there is one whose connection has made d, or nil.
func (p *pool) tryProducerChannel(d *Declarations) ProducerChannel {
	channel := p.best()
	if channel == nil || !channel.conn.hasDeclared(d) {
		return nil
	}
	return channel
}

// choose waits for a channel that is open and not blocked.
func (p *pool) choose(ctx context.Context) (*producerChannel, error) {
	if channel := p.best(); channel != nil {
		return channel, nil
	}
	p.start.Do(p.open)
	for {
		changed := p.changed.next()
		if channel := p.best(); channel != nil {
			return channel, nil
		}
		if err := p.permanentError(); err != nil {
			return nil, err
		}
		if err := pause(ctx, changed); err != nil {
			return nil, p.notReady(err)
		}
	}
}

// best returns the channel with the fewest publishes in flight or waiting, of those that are open
// and not blocked.
func (p *pool) best() (best *producerChannel) {
	var least int32
	first := int(p.turn.Add(1) % uint32(len(p.supervisors)))
	for i := range p.supervisors {
		channel := p.supervisors[(first+i)%len(p.supervisors)].channel.Load()
		if channel == nil || channel.isClosing() || channel.conn.blocked.Load() {
			continue
		}
		load := channel.load.Load()
		if best == nil || load < least {
			best, least = channel, load
		}
		if load == 0 {
			break
		}
	}
	return best
}

// open starts the supervisors. That of a closed connection does not run, so whoever waits for a
// change of the state is notified here.
func (p *pool) open() {
	for _, supervisor := range p.supervisors {
		if !supervisor.connection.goBackground(supervisor.run) {
			p.notify()
		}
	}
}

// permanentError returns an error if waiting for a channel makes no sense: every connection has
// been closed, or is refused by the broker.
func (p *pool) permanentError() error {
	var errs []error
	for _, supervisor := range p.supervisors {
		supervisor := supervisor.connSupervisor
		switch _, failed, closing := supervisor.current(); {
		case closing:
			errs = append(errs, fmt.Errorf("connection %q: %w", supervisor.name, ErrClosed))
		case isRefused(failed):
			errs = append(errs, fmt.Errorf("connection %q: %w", supervisor.name, failed))
		default:
			return nil
		}
	}
	return errs[0]
}

// notReady adds to err, which ended a wait, what was waited for.
func (p *pool) notReady(err error) error {
	if state, _ := p.State(); state < StateDown {
		return fmt.Errorf("wait for a channel: %w (the source is %s)", err, state)
	}
	p.mu.Lock()
	failed := p.failed
	p.mu.Unlock()
	if failed != nil {
		return fmt.Errorf("wait for a channel: %w", withLast(err, failed))
	}
	return p.supervisors[0].connSupervisor.describeWait(err)
}

// State returns the best state of all channels. See SourceInfo.
//
// An alarm ends for one connection after the other, and the first may be full before the next is
// unblocked. The pool is StateBlocked until all are unblocked, so that the end of the alarm is
// reported once.
func (p *pool) State() (State, <-chan struct{}) {
	changed := p.changed.next()
	p.mu.Lock()
	defer p.mu.Unlock()
	best, blocked := StateClosed, false
	for _, supervisor := range p.supervisors {
		state := supervisor.state()
		best = min(best, state)
		blocked = blocked || state == StateBlocked
	}
	switch {
	case !blocked:
		p.blocked = false
	case best == StateBlocked:
		p.blocked = true
	}
	switch {
	case best != StateReady:
		return best, changed
	case p.blocked:
		return StateBlocked, changed
	case p.full.Load():
		return StateFull, changed
	}
	return StateReady, changed
}

// noteLoad notes if every window is full.
func (p *pool) noteLoad() {
	load, capacity := p.load()
	if load >= capacity && !p.full.Swap(true) {
		p.notify()
	}
}

// slotsFreed notes that slots have become free.
func (p *pool) slotsFreed() {
	if !p.full.Load() {
		return
	}
	if load, capacity := p.load(); load <= capacity/2 && p.full.Swap(false) {
		p.notify()
	}
}

// load returns the publishes of the channels that accept some, and how many there could be.
func (p *pool) load() (load, capacity int) {
	for _, supervisor := range p.supervisors {
		if channel := supervisor.channel.Load(); channel != nil && !channel.conn.blocked.Load() {
			load += int(channel.load.Load())
			capacity += p.config.window
		}
	}
	return load, capacity
}

// Info implements ProducerSource. The observer is that of the pool's first broker.
func (p *pool) Info() SourceInfo {
	broker := p.supervisors[0].connection.broker
	return SourceInfo{
		State:             p.State,
		Status:            p.Status,
		Observer:          broker.Observer,
		PublishMiddleware: broker.PublishMiddleware,
		Middleware:        broker.Middleware,
		MaxMessageSize:    broker.MaxMessageSize,
		NoWait:            true,
		Lazy:              broker.Lazy,
		turn:              p.supervisors[0].connection.turn,
		mistake:           p.supervisors[0].connection.supervisors[producing].hosts.err,
		Register:          p.register,
		Release:           p.release,
		refusal:           p.refusal,
	}
}

// refusal returns why the broker of one of the connections has not made d, if it refused that the
// last time.
func (p *pool) refusal(d *Declarations) error {
	for _, supervisor := range p.supervisors {
		if err := supervisor.connSupervisor.refused.last(d); err != nil {
			return err
		}
	}
	return nil
}

// register adds a client to each of the pool's connections, so that none of them is closed before
// the client has been drained.
func (p *pool) register(client Client) (unregister func()) {
	var all []func()
	for i, supervisor := range p.supervisors {
		if i == 0 || supervisor.connection != p.supervisors[i-1].connection {
			all = append(all, supervisor.connection.clients.register(client))
		}
	}
	return func() {
		for _, unregister := range all {
			unregister()
		}
	}
}

// release makes the connections forget d.
func (p *pool) release(d *Declarations) {
	for _, supervisor := range p.supervisors {
		supervisor.connSupervisor.release(d)
	}
}

func (p *pool) notify() { p.changed.notify() }

// fail notes why a channel could not be opened.
func (p *pool) fail(err error) {
	if errors.Is(err, ErrClosed) {
		return
	}
	p.mu.Lock()
	p.failed = err
	p.mu.Unlock()
	p.notify()
}
