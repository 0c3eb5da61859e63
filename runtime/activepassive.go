package runtime

import (
	"context"
	"fmt"
	"time"
)

// Failover sets when an active/passive pair switches. The zero value is right for most.
type Failover struct {
	// Grace is how long the side in use may be down before the other side is used: if a connection
	// is back at once, a switch is not worth it. It is 250 ms if 0.
	Grace time.Duration

	// BlockedGrace is how long the broker of the side in use may block publishers. It is 250 ms if
	// 0. If negative, a blocked side stays in use.
	BlockedGrace time.Duration

	// MinDwell is the minimum time between two switches, so that two unstable sides do not cause
	// many switches. It is 5 s if 0.
	MinDwell time.Duration

	// FailBack is how long the active side must have been usable before it is used again. If 0, the
	// passive side is used until FailBack is called, or until it fails.
	FailBack time.Duration

	// Consumers sets where consumers consume. The default is Both.
	Consumers ConsumeMode

	// Observer receives each switch. The default is the active side's.
	Observer Observer
}

// withDefaults returns a copy of f in which zero fields have their defaults.
func (f Failover) withDefaults(active SourceInfo) Failover {
	f.Grace = orDefault(f.Grace, 250*time.Millisecond)
	if f.BlockedGrace == 0 {
		f.BlockedGrace = 250 * time.Millisecond
	}
	f.MinDwell = orDefault(f.MinDwell, 5*time.Second)
	if f.Observer == nil {
		f.Observer = active.observer()
	}
	return f
}

// ActivePassive returns a source over two others that lead to two virtual hosts, usually of two
// brokers. Both stay connected. Publishes go to the active one, and to the passive one while the
// active one is down or blocked. Those that wait for a confirm at the moment of the switch are
// published again, so they may be in both. Consumers consume from both, or as f.Consumers says.
// Order is not kept across a switch. Declarations are made in both virtual hosts.
func ActivePassive(active, passive Source, f Failover) *Pair {
	p := ActivePassiveProducer(active, passive, f)
	return &Pair{ProducerPair: p, consumers: consumersOf(active, passive, p.failover)}
}

// ActivePassiveProducer is like ActivePassive, for sources that serve producers only, such as pools
// of channels.
func ActivePassiveProducer(active, passive ProducerSource, f Failover) *ProducerPair {
	p := &ProducerPair{}
	for i, source := range []ProducerSource{activeSide: active, passiveSide: passive} {
		p.sides[i].source, p.sides[i].info = source, source.Info()
		p.sides[i].activate()
	}
	p.failover = f.withDefaults(p.sides[activeSide].info)
	return p
}

// A Pair is an active and a passive source. ActivePassive returns one.
type Pair struct {
	*ProducerPair
	consumers []virtualHost
}

// Info implements Source: it says from how many virtual hosts a consumer consumes.
func (p *Pair) Info() SourceInfo {
	info := p.ProducerPair.Info()
	info.VirtualHosts = len(p.consumers)
	return info
}

// ConsumerChannel opens a channel in one of the virtual hosts that a consumer consumes from.
func (p *Pair) ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	if request.VirtualHost < 0 || request.VirtualHost >= len(p.consumers) {
		return nil, fmt.Errorf("open a channel: there is no virtual host %d: consumers consume from %d", request.VirtualHost, len(p.consumers))
	}
	host := p.consumers[request.VirtualHost]
	request.VirtualHost = host.index
	return host.source.ConsumerChannel(ctx, request)
}
