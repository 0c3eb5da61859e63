package runtime

import (
	"context"
	"math/rand/v2"
)

// A homeward looks for the home of a connection that is elsewhere.
type homeward struct {
	dialler *dialler
	away    *conn // the connection
	ctx     context.Context
	cancel  context.CancelFunc
	arrived chan struct{} // closed when there is a connection to the home
	stopped chan struct{}
	home    *conn // set before arrived is closed
}

// goHome begins to look for the home of away, unless away is there or should not move.
func (d *dialler) goHome(ctx context.Context, away *conn) *homeward {
	h := &homeward{dialler: d, away: away, arrived: make(chan struct{}), stopped: make(chan struct{})}
	h.ctx, h.cancel = context.WithCancel(ctx)
	if d.broker.Rebalance <= 0 || away.host == d.home {
		close(h.stopped)
	} else {
		go h.run()
	}
	return h
}

// run dials the home from time to time until that succeeds.
func (h *homeward) run() {
	defer close(h.stopped)
	d := h.dialler
	for sleep(h.ctx, d.broker.Rebalance+rand.N(d.broker.Rebalance/2)) {
		if h.away.blocked.Load() {
			continue
		}
		conn, err := d.dialHome(h.ctx)
		if err != nil {
			continue // the connection that is there works
		}
		h.home = conn
		close(h.arrived)
		return
	}
}

// end stops looking and returns the connection to the home, or nil.
func (h *homeward) end() *conn {
	h.cancel()
	<-h.stopped
	return h.home
}

// dialHome connects to the home and to no other host.
func (d *dialler) dialHome(ctx context.Context) (*conn, error) {
	d.hosts.enter(d.home)
	conn, err := dialEndpoint(ctx, d.broker, d.name, d.home.uri)
	if ctx.Err() == nil { // otherwise it was not asked for long enough
		d.hosts.remember(d.home, err == nil)
	}
	if err != nil {
		d.hosts.leave(d.home)
		return nil, err
	}
	conn.host = d.home
	return conn, nil
}
