package faults_test

import (
	"context"
	"errors"

	"github.com/scampgen/scampgen/runtime"
)

// A topology builds a source on one or two brokers.
type topology struct {
	name        string
	window      int  // how many publishes may be in flight
	connections int  // network connections to the active broker
	pair        bool // leads to two brokers
	build       func(active, passive runtime.Broker, f runtime.Failover) rig
}

// A rig is a source with what must be closed after it.
type rig struct {
	source      runtime.ProducerSource
	pair        *runtime.ProducerPair // nil if it is no pair
	connections []interface{ Close(context.Context) error }
}

func (r rig) close(ctx context.Context) error {
	var errs []error
	for _, c := range r.connections {
		errs = append(errs, c.Close(ctx))
	}
	return errors.Join(errs...)
}

// The names of the topologies, as in the table.
const (
	dedicated          = "1 dedicated"
	channelPool        = "2 channel pool"
	connections        = "3 connection pool"
	activePassive      = "4 active/passive"
	activePassivePools = "4 active/passive of pools"
)

// topologies have about the same number of slots in their windows, so that their duplicates can be
// compared.
var topologies = []topology{
	{dedicated, 128, 1, false, func(b, _ runtime.Broker, _ runtime.Failover) rig {
		c := runtime.DedicatedConnection(b)
		return rig{runtime.DedicatedChannel(c), nil, closers(c)}
	}},
	{channelPool, 4 * 32, 1, false, func(b, _ runtime.Broker, _ runtime.Failover) rig {
		c := runtime.DedicatedConnection(b)
		return rig{runtime.ChannelPool(c, 4, runtime.WithWindow(32)), nil, closers(c)}
	}},
	{connections, 3 * 43, 3, false, func(b, _ runtime.Broker, _ runtime.Failover) rig {
		p := runtime.ConnectionPool(b, 3)
		return rig{runtime.ChannelPerConnection(p, runtime.WithWindow(43)), nil, closers(p)}
	}},
	{activePassive, 128, 1, true, func(a, p runtime.Broker, f runtime.Failover) rig {
		active, passive := runtime.DedicatedConnection(a), runtime.DedicatedConnection(p)
		pair := runtime.ActivePassive(runtime.DedicatedChannel(active), runtime.DedicatedChannel(passive), f)
		return rig{pair, pair.ProducerPair, closers(active, passive)}
	}},
	{activePassivePools, 2 * 64, 2, true, func(a, p runtime.Broker, f runtime.Failover) rig {
		active, passive := runtime.ConnectionPool(a, 2), runtime.ConnectionPool(p, 2)
		window := runtime.WithWindow(64)
		pair := runtime.ActivePassiveProducer(runtime.ChannelPerConnection(active, window), runtime.ChannelPerConnection(passive, window), f)
		return rig{pair, pair, closers(active, passive)}
	}},
}

func closers(c ...interface{ Close(context.Context) error }) []interface{ Close(context.Context) error } {
	return c
}
