package runtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	// dialStagger is how long a host may take to complete the handshake before the next one is
	// dialled beside it. A healthy broker is faster, so that it is not given logins for nothing.
	dialStagger = 500 * time.Millisecond

	// maxDials is how many hosts are dialled at the same time for one connection.
	maxDials = 3

	// hostMemory is how long a host is tried after the others because it failed, or because one
	// that was dialled later was faster.
	hostMemory = 10 * time.Second
)

// hosts are the hosts of a Broker. The connections of one Connection, or of one pool, share them, so
// that these spread over the hosts.
type hosts struct {
	err error // the mistake in the Broker, or nil

	mu  sync.Mutex
	all []*host
}

// A host is one address of a Broker. The mu of its hosts guards it.
type host struct {
	uri   amqp.URI
	homes int       // connections whose home it is
	used  int       // connections to it that are open or being opened
	down  time.Time // until when the others come first
}

// newHosts returns the hosts of b.
func newHosts(b *Broker) *hosts {
	endpoints, err := b.endpoints()
	h := &hosts{err: err}
	for _, uri := range endpoints {
		h.all = append(h.all, &host{uri: uri})
	}
	return h
}

// home returns the host for one more connection: that with the fewest. The first is random, so that
// the connections of several processes spread too.
func (h *hosts) home() *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	home := h.best(nil, func(a, b *host) bool { return a.homes < b.homes })
	home.homes++
	return home
}

// take returns the host to dial next, or nil if all have been tried: home if it is not down, then
// those that are not down and have the fewest connections, then those that are down.
func (h *hosts) take(home *host, tried []*attempt) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	next := h.best(tried, func(a, b *host) bool {
		switch aDown, bDown := now.Before(a.down), now.Before(b.down); {
		case aDown && bDown:
			return a.down.Before(b.down) // it has waited for longer
		case aDown || bDown:
			return bDown
		case a == home || b == home:
			return a == home
		}
		return a.used < b.used
	})
	if next != nil {
		next.used++
	}
	return next
}

// best returns the host that comes before all others that have not been tried, or nil. Of those
// that are equal it is a random one.
func (h *hosts) best(tried []*attempt, before func(a, b *host) bool) (best *host) {
	for _, i := range rand.Perm(len(h.all)) {
		candidate := h.all[i]
		isTried := slices.ContainsFunc(tried, func(a *attempt) bool { return a.host == candidate })
		if !isTried && (best == nil || before(candidate, best)) {
			best = candidate
		}
	}
	return best
}

// enter notes that a connection to a host is being opened.
func (h *hosts) enter(host *host) {
	h.mu.Lock()
	defer h.mu.Unlock()
	host.used++
}

// leave notes that a connection to a host has ended, or could not be opened.
func (h *hosts) leave(host *host) {
	h.mu.Lock()
	defer h.mu.Unlock()
	host.used--
}

// remember notes whether a host has answered.
func (h *hosts) remember(host *host, answered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	host.down = time.Time{}
	if !answered {
		host.down = time.Now().Add(hostMemory)
	}
}

// A dialler opens the connections of one supervisor, one at a time.
type dialler struct {
	hosts   *hosts
	broker  *Broker
	name    string
	stagger time.Duration
	home    *host          // nil before the first dial
	running sync.WaitGroup // attempts, also those that another one has overtaken
}

func newDialler(b *Broker, name string, h *hosts) *dialler {
	return &dialler{hosts: h, broker: b, name: name, stagger: dialStagger}
}

// An attempt is the dial of one host.
type attempt struct {
	host  *host
	ended bool
	conn  *conn // nil if it failed
	err   error
}

// dial connects to the host that first completes the handshake. It begins with one, and dials
// another one each time that one has failed or the stagger is over: a host that is silent costs the
// stagger, and not DialTimeout.
func (d *dialler) dial(ctx context.Context) (*conn, error) {
	if d.hosts.err != nil {
		return nil, d.hosts.err
	}
	if d.home == nil {
		d.home = d.hosts.home()
	}
	ctx, cancel := context.WithCancel(ctx)
	race := &race{dialler: d, ended: make(chan *attempt, len(d.hosts.all))}
	defer race.over(cancel)
	race.start(ctx)
	for {
		var overdue <-chan time.Time
		if race.open < maxDials && len(race.attempts) < len(d.hosts.all) {
			overdue = time.After(d.stagger)
		}
		select {
		case <-overdue:
			race.start(ctx)
		case a := <-race.ended:
			switch race.note(a); {
			case a.conn != nil:
				return a.conn, nil
			case ctx.Err() != nil:
				return nil, a.err
			case !race.start(ctx) && race.open == 0:
				return nil, race.failure()
			}
		}
	}
}

// A race is one call of dial.
type race struct {
	dialler  *dialler
	attempts []*attempt    // in the order of their starts
	open     int           // that have not ended
	ended    chan *attempt // has room for all

	mu  sync.Mutex
	won bool // no further connection is wanted; nothing is sent to ended any more
}

// start dials the next host. It returns false if there is none.
func (r *race) start(ctx context.Context) bool {
	d := r.dialler
	next := d.hosts.take(d.home, r.attempts)
	if next == nil {
		return false
	}
	a := &attempt{host: next}
	r.attempts = append(r.attempts, a)
	r.open++
	d.running.Go(func() {
		a.conn, a.err = dialEndpoint(ctx, d.broker, d.name, next.uri)
		r.finish(a)
	})
	return true
}

// finish hands an attempt over, or gives its connection up if nobody wants another one.
func (r *race) finish(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.conn == nil {
		r.dialler.hosts.leave(a.host)
	}
	if r.won {
		r.giveUp(a)
		return
	}
	r.won = a.conn != nil
	r.ended <- a
}

// giveUp closes the connection of an attempt, if it has one.
func (r *race) giveUp(a *attempt) {
	if a.conn != nil {
		a.conn.closeFailed()
		r.dialler.hosts.leave(a.host)
	}
}

// note notes how an attempt has ended. A host that has not answered although it was dialled before
// the one that has is down: it is overloaded at least.
func (r *race) note(a *attempt) {
	a.ended = true
	r.open--
	r.dialler.hosts.remember(a.host, a.conn != nil)
	if a.conn == nil {
		return
	}
	a.conn.host = a.host
	for _, earlier := range r.attempts[:slices.Index(r.attempts, a)] {
		if !earlier.ended {
			r.dialler.hosts.remember(earlier.host, false)
		}
	}
}

// over ends the attempts that still run. Nobody waits for them here: the functions that a Broker
// has for logins may take their time.
func (r *race) over(cancel context.CancelFunc) {
	cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.won = true
	for range len(r.ended) {
		r.giveUp(<-r.ended)
	}
}

// failure returns why all attempts have failed.
func (r *race) failure() error {
	errs := make(hostErrors, len(r.attempts))
	for i, a := range r.attempts {
		errs[i] = a.err
	}
	// Sorted by text: the order of the hosts is random.
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

// hostErrors say of each host of a Broker why it could not be connected to.
type hostErrors []error

func (e hostErrors) Error() string   { return errors.Join(e...).Error() }
func (e hostErrors) Unwrap() []error { return e }

// isRefusedByAll reports whether each host has refused err's dial. If only some have, others may
// accept it when they are back.
func isRefusedByAll(err error) bool {
	var errs hostErrors
	if !errors.As(err, &errs) {
		return isRefused(err)
	}
	return !slices.ContainsFunc(errs, func(err error) bool { return !isRefused(err) })
}
