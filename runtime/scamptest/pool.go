package scamptest

import (
	"context"

	"github.com/scampgen/scampgen/runtime"
)

// A Pool is a runtime.ProducerSource with several connections to one broker and several channels on
// each: the topologies of a channel pool and of a connection pool.
type Pool struct {
	broker      *Broker
	slots       []*poolConnection
	nextChannel int
}

// poolConnection holds a connection, which is opened again when it is lost.
type poolConnection struct {
	connection *connection
	channels   []*producerChannel
}

var _ runtime.ProducerSource = (*Pool)(nil)

// Pool returns a source with its own connections, each with a number of channels; there is at least
// one of both. Pool(1, n) takes the place of a channel pool on a dedicated connection, Pool(n, 1)
// that of a channel on each of n connections.
func (b *Broker) Pool(connections, channels int) *Pool {
	p := &Pool{broker: b}
	for range max(connections, 1) {
		p.slots = append(p.slots, &poolConnection{channels: make([]*producerChannel, max(channels, 1))})
	}
	return p
}

// Info implements runtime.ProducerSource.
func (p *Pool) Info() runtime.SourceInfo {
	info := p.broker.Info()
	info.Status = p.Status
	return info
}

// state is that of the broker.
func (p *Pool) state() (runtime.State, <-chan struct{}) { return p.broker.state() }

// ProducerChannel implements runtime.ProducerSource. It returns the channel with the fewest
// publishes in flight; if several have as few, the next in turn.
func (p *Pool) ProducerChannel(ctx context.Context, request runtime.ProducerRequest) (runtime.ProducerChannel, error) {
	var channel *producerChannel
	err := p.broker.wait(ctx, "no channel can take a publish", func() (bool, error) {
		switch b := p.broker; {
		case b.closed:
			return true, b.errClosed()
		case (b.stopped || b.blocked) && request.NoWait:
			return true, runtime.ErrNotReady
		case b.stopped || b.blocked:
			return false, nil
		}
		channel = p.leastLoaded()
		return true, p.broker.declareOnce(channel.connection, request.Declarations)
	})
	if err != nil {
		return nil, err
	}
	return channel, nil
}

// leastLoaded opens what is not open and returns the best channel. The broker is locked.
func (p *Pool) leastLoaded() *producerChannel {
	var best *producerChannel
	count := len(p.slots) * len(p.slots[0].channels)
	for i := range count {
		// Channels that are next to each other in turn are on different connections.
		turn := (p.nextChannel + i) % count
		channel := p.slots[turn%len(p.slots)].channel(p.broker, turn/len(p.slots))
		if best == nil || len(channel.pending) < len(best.pending) {
			best = channel
		}
	}
	p.nextChannel++
	return best
}

func (slot *poolConnection) channel(b *Broker, i int) *producerChannel {
	if slot.connection == nil || slot.connection.lost {
		slot.connection = b.connect()
	}
	if c := slot.channels[i]; c == nil || c.dead != nil {
		slot.channels[i] = newProducerChannel(b, slot.connection)
	}
	return slot.channels[i]
}
