package runtime

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// threeHosts returns hosts that nothing is known of.
func threeHosts(t *testing.T) *hosts {
	t.Helper()
	h := newHosts(&Broker{URLs: []string{"amqp://a", "amqp://b", "amqp://c"}})
	if h.err != nil {
		t.Fatal(h.err)
	}
	return h
}

// TestHomesSpread checks that as many connections are at home on each host, and that the first
// home is not always the same.
func TestHomesSpread(t *testing.T) {
	first := map[string]bool{}
	for range 100 {
		h := threeHosts(t)
		first[h.home().uri.Host] = true
		for range 5 {
			h.home()
		}
		for _, host := range h.all {
			if host.homes != 2 {
				t.Fatalf("%s is the home of %d of 6", host.uri.Host, host.homes)
			}
		}
	}
	if len(first) != 3 {
		t.Errorf("in 100 processes the first home was only one of %v", first)
	}
}

// TestOrderOfHosts checks what is dialled before what.
func TestOrderOfHosts(t *testing.T) {
	h := threeHosts(t)
	a, b, c := h.all[0], h.all[1], h.all[2]
	order := func(home *host) (names string) {
		var tried []*attempt
		for {
			next := h.take(home, tried)
			if next == nil {
				return names
			}
			h.leave(next)
			names += next.uri.Host
			tried = append(tried, &attempt{host: next})
		}
	}
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	b.used = 1
	check("the home first, then the one with fewer connections", order(a), "acb")
	check("the home although it has more", order(b)[:1], "b")
	h.remember(a, false)
	check("a home that is down last", order(a), "cba")
	h.remember(c, false)
	check("of two that are down the one that has waited for longer", order(a), "bac")
	a.down = time.Now().Add(-time.Second)
	check("a home that has been down for long enough", order(a), "abc")
	h.remember(c, true)
	check("one that has answered is equal to the others again", order(nil)[2:], "b")
}

// TestHomeIsNotDown: a dial of the home that is stopped says nothing about the home.
func TestHomeIsNotDown(t *testing.T) {
	h := threeHosts(t)
	d := newDialler(&Broker{DialTimeout: time.Minute}, "test", h)
	d.home = h.home()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.dialHome(ctx); err == nil {
		t.Fatal("connected")
	}
	if !d.home.down.IsZero() || d.home.used != 0 {
		t.Errorf("down until %v, %d connections", d.home.down, d.home.used)
	}
}

// silentHosts listens on n addresses, accepts and says nothing. It counts the connections that are
// open at the same time.
func silentHosts(t *testing.T, n int) (urls []string, most *atomic.Int64) {
	t.Helper()
	var open atomic.Int64
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait) // after the listeners have been closed
	most = &atomic.Int64{}
	serve := func(socket net.Conn) {
		defer socket.Close()
		most.Store(max(most.Load(), open.Add(1)))
		_, _ = socket.Read(make([]byte, 8)) // the protocol header
		_, _ = socket.Read(make([]byte, 8)) // until the client closes
		open.Add(-1)
	}
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, "amqp://"+listener.Addr().String())
		serving.Go(func() {
			for {
				socket, err := listener.Accept()
				if err != nil {
					return
				}
				serving.Go(func() { serve(socket) })
			}
		})
		t.Cleanup(func() { _ = listener.Close() })
	}
	return urls, most
}

// TestFewDialsAtOnce dials many silent hosts: there are never more than a few dials at once, each
// host is tried, and none of them is used when all have failed.
func TestFewDialsAtOnce(t *testing.T) {
	b := Broker{DialTimeout: 200 * time.Millisecond}
	var most *atomic.Int64
	b.URLs, most = silentHosts(t, 7)
	b = b.withDefaults()
	d := newDialler(&b, "test", newHosts(&b))
	d.stagger = time.Millisecond
	_, err := d.dial(t.Context())
	d.running.Wait()
	errs, ok := errors.AsType[hostErrors](err)
	if !ok || len(errs) != 7 {
		t.Errorf("got %v", err)
	}
	// The peer may see a new connection before the end of an old one.
	if n := most.Load(); n > 2*maxDials || n < 2 {
		t.Errorf("%d dials at once", n)
	}
	for _, host := range d.hosts.all {
		if host.used != 0 || host.down.IsZero() {
			t.Errorf("%s: %d connections, down until %v", host.uri.Host, host.used, host.down)
		}
	}
}

// TestRefusedByAll checks which refusals are likely to stay.
func TestRefusedByAll(t *testing.T) {
	refused := &RefusedError{Reply: Reply{Code: 403}}
	for _, test := range []struct {
		err  error
		want bool
	}{
		{refused, true},
		{errLost, false},
		{hostErrors{refused, refused}, true},
		{hostErrors{refused, errLost}, false},
		{hostErrors{errLost}, false},
		{brokerConfigError{errLost}, true},
	} {
		if got := isRefusedByAll(test.err); got != test.want {
			t.Errorf("%v: %v", test.err, got)
		}
	}
	backoff := dialBackoff{broker: &Broker{RefusedDelay: time.Hour, Backoff: Backoff{Max: time.Second}}}
	backoff.noteFailure(hostErrors{refused, errLost})
	if backoff.longest() > rejectedFactor*time.Second {
		t.Error("a host that refuses keeps the others from being tried for long")
	}
	if !slices.ContainsFunc([]error{hostErrors{refused, errLost}}, isRefused) {
		t.Error("one refusal is not an error at once")
	}
}
