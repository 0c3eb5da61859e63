package faults_test

import (
	"context"
	"errors"

	"github.com/scampgen/scampgen/runtime"
)

// A topology builds a source on one or two brokers.
type topology struct {
	name   string
	window int // how many publishes may be in flight
	build  func(active, passive runtime.Broker) rig
}

// A rig is a source with what must be closed after it.
type rig struct {
	source      runtime.ProducerSource
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
	dedicated     = "1 dedicated"
	channelPool   = "2 channel pool"
	connections   = "3 connection pool"
	activePassive = "4 active/passive"
)

// topologies have about the same number of seats in their windows, so that their
// duplicates can be compared.
var topologies = []topology{
	{dedicated, 128, func(b, _ runtime.Broker) rig {
		c := runtime.DedicatedConnection(b)
		return rig{runtime.DedicatedChannel(c), closers(c)}
	}},
	{channelPool, 4 * 32, func(b, _ runtime.Broker) rig {
		c := runtime.DedicatedConnection(b)
		return rig{runtime.ChannelPool(c, 4, runtime.WithWindow(32)), closers(c)}
	}},
	{connections, 3 * 43, func(b, _ runtime.Broker) rig {
		p := runtime.ConnectionPool(b, 3)
		return rig{runtime.ChannelPerConnection(p, runtime.WithWindow(43)), closers(p)}
	}},
	{activePassive, 128, func(a, p runtime.Broker) rig {
		active, passive := runtime.DedicatedConnection(a), runtime.DedicatedConnection(p)
		source := runtime.ActivePassive(runtime.DedicatedChannel(active), runtime.DedicatedChannel(passive), runtime.Failover{})
		return rig{source, closers(active, passive)}
	}},
}

func closers(c ...interface{ Close(context.Context) error }) []interface{ Close(context.Context) error } {
	return c
}
