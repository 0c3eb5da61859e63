package runtime

import (
	"slices"
	"time"
)

// A producer's exchanges, queues and bindings may be deleted while it runs. The broker shows that
// when it refuses a publish, or returns it. Then the connection forgets that it has declared them,
// so that the next publish declares them again first.

// declareAgainInterval limits how often returned messages lead to new declarations if it is not
// certain that the declarations would have routed them.
const declareAgainInterval = time.Second

// declareAgain causes the declarations of an exchange to be made again. It returns whether there
// are any.
func (c *conn) declareAgain(exchange string) bool {
	return c.declareAgainIf(func(d *Declarations) bool { return d.declares(exchange) })
}

// declareAgain causes the declarations of an exchange to be made again on the present connection.
func (s *connSupervisor) declareAgain(exchange string) bool {
	conn, _, _ := s.current()
	return conn != nil && conn.declareAgain(exchange)
}

// declareAgainFor causes the declarations that lead to the queues of an address to be made again,
// on whichever connection of the pool is used next: a message to that address was returned.
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

// declareAgainFor is called on the reading goroutine, for each returned message.
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
	return c.declared.markLost(func(d *Declarations) bool { return d.Mode == DeclareCreate && match(d) })
}

func (d *Declarations) declares(exchange string) bool {
	return slices.ContainsFunc(d.Exchanges, func(e Exchange) bool { return e.Name == exchange })
}

func (d *Declarations) declaresQueue(queue string) bool {
	return slices.ContainsFunc(d.Queues, func(q Queue) bool { return q.Name == queue })
}

// routes reports whether a message to an address certainly reaches one of d's queues, as long as
// everything in d exists.
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

// mayRoute reports whether a message to an address may reach one of d's queues.
func (d *Declarations) mayRoute(to address) bool {
	return d.routes(to) || slices.ContainsFunc(d.Bindings, func(b Binding) bool { return b.Exchange == to.exchange })
}
