package runtime

import (
	"slices"
	"time"
)

// A producer's exchanges, queues and bindings may be deleted under it. The broker tells of
// that when it refuses a publish, or returns it: then the link forgets that it has declared them,
// so that whoever publishes next declares them again first.

// declareAgainInterval is how often messages that come back lead to declarations where it is not
// certain that these would have routed them.
const declareAgainInterval = time.Second

// declareAgain has what declares an exchange made again, and says whether anything does.
func (c *conn) declareAgain(exchange string) bool {
	return c.declareAgainIf(func(d *Declarations) bool { return d.declares(exchange) })
}

// declareAgain has what declares an exchange made again on the line's present link.
func (s *connSupervisor) declareAgain(exchange string) bool {
	conn, _, _ := s.current()
	return conn != nil && conn.declareAgain(exchange)
}

// declareAgainFor has made again what leads to the queues of an address, from which a message has come
// back on one of the pool's connections: whichever is used next.
func (p *pool) declareAgainFor(to address) {
	for _, supervisor := range p.supervisors {
		supervisor.connSupervisor.declareAgainFor(to)
	}
}

func (s *connSupervisor) declareAgainFor(to address) {
	if conn, _, _ := s.current(); conn != nil {
		conn.declareAgainFor(to)
	}
}

// declareAgainFor is called by a goroutine that reads, for each message that comes back.
func (c *conn) declareAgainFor(to address) {
	routes, mayRoute := false, false
	for d := range c.declared.all() {
		routes = routes || d.routes(to)
		mayRoute = mayRoute || d.mayRoute(to)
	}
	switch {
	case routes:
		c.declareAgainIf(func(d *Declarations) bool { return d.routes(to) })
	case mayRoute && c.mayDeclareAgain():
		c.declareAgainIf(func(d *Declarations) bool { return d.mayRoute(to) })
	}
}

func (c *conn) mayDeclareAgain() bool {
	now, last := time.Now().UnixNano(), c.lastReturned.Load()
	return now-last >= int64(declareAgainInterval) && c.lastReturned.CompareAndSwap(last, now)
}

func (c *conn) declareAgainIf(match func(*Declarations) bool) (found bool) {
	return c.declared.markLost(func(d *Declarations) bool { return d.Mode == Declare && match(d) })
}

func (d *Declarations) declares(exchange string) bool {
	return slices.ContainsFunc(d.Exchanges, func(e Exchange) bool { return e.Name == exchange })
}

func (d *Declarations) declaresQueue(queue string) bool {
	return slices.ContainsFunc(d.Queues, func(q Queue) bool { return q.Name == queue })
}

// routes says whether a message that is published to an address comes into one of d's queues for
// certain, as long as all that d declares is there.
func (d *Declarations) routes(to address) bool {
	if to.exchange == "" {
		return d.declaresQueue(to.routingKey)
	}
	return slices.ContainsFunc(d.Bindings, func(b Binding) bool {
		return b.Exchange == to.exchange && slices.ContainsFunc(d.Exchanges, func(e Exchange) bool {
			return e.Name == to.exchange && (e.Type == "fanout" || (e.Type == "direct" || e.Type == "topic") && b.RoutingKey == to.routingKey)
		})
	})
}

// mayRoute says whether it may.
func (d *Declarations) mayRoute(to address) bool {
	return d.routes(to) || slices.ContainsFunc(d.Bindings, func(b Binding) bool { return b.Exchange == to.exchange })
}
