package rabbittest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A Proxy is between a client and a broker and behaves like a faulty network. Clients dial URL or
// Addr instead of the broker. Its settings apply to open and to new connections. Its methods may be
// called from many goroutines.
type Proxy struct {
	listener net.Listener
	target   string

	mu          sync.Mutex
	changed     *sync.Cond
	closed      bool
	frozen      bool
	muted       bool
	refusing    bool
	rate        int // bytes per second in each direction; 0 is no limit
	cutAfter    int // bytes that clients may still send before the cut; negative is no cut
	connections map[*tunnel]struct{}
	running     sync.WaitGroup
}

// A tunnel is one client's connection and the one to the broker behind it.
type tunnel struct {
	client, broker net.Conn
	dropped        bool
}

// NewProxy returns a proxy in front of target, a host and port. It ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("proxy: %v", err)
	}
	p := &Proxy{listener: listener, target: target, cutAfter: -1, connections: map[*tunnel]struct{}{}}
	p.changed = sync.NewCond(&p.mu)
	p.running.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr returns the host and port to dial.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns brokerURL with the proxy's address instead of the broker's.
func (p *Proxy) URL(t testing.TB, brokerURL string) string {
	t.Helper()
	u, err := url.Parse(brokerURL)
	if err != nil {
		t.Fatalf("proxy: %v", err)
	}
	u.Host = p.Addr()
	return u.String()
}

// Freeze stops forwarding in both directions and keeps every socket open, as a firewall does that
// drops packets. New clients are accepted and get no answer.
func (p *Proxy) Freeze() { p.set(func() { p.frozen = true }) }

// Thaw undoes Freeze and Mute; what was held back is forwarded.
func (p *Proxy) Thaw() { p.set(func() { p.frozen, p.muted = false, false }) }

// Mute stops forwarding from the broker: the broker hears its clients, but they get no answer.
func (p *Proxy) Mute() { p.set(func() { p.muted = true }) }

// Slow limits each direction of each connection to a number of bytes a second; 0 lifts the limit.
func (p *Proxy) Slow(bytesPerSecond int) { p.set(func() { p.rate = bytesPerSecond }) }

// Refuse closes new clients' connections at once while on.
func (p *Proxy) Refuse(on bool) { p.set(func() { p.refusing = on }) }

// CutAfter closes all connections when clients have sent n more bytes, which leaves the broker with
// part of a frame. It happens once.
func (p *Proxy) CutAfter(n int) { p.set(func() { p.cutAfter = n }) }

// Reset closes all connections with a TCP reset and returns how many there were.
func (p *Proxy) Reset() int { return p.drop(true) }

// Connections returns how many clients are connected.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.connections)
}

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

func (p *Proxy) drop(reset bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	dropped := 0
	for t := range p.connections {
		if !t.dropped {
			t.dropped = true
			t.close(reset)
			dropped++
		}
	}
	p.changed.Broadcast()
	return dropped
}

func (p *Proxy) close() {
	p.set(func() { p.closed = true })
	_ = p.listener.Close()
	p.drop(false)
	p.running.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	if p.isRefusing() {
		return
	}
	broker, err := net.DialTimeout("tcp", p.target, waitLimit)
	if err != nil {
		return
	}
	t := &tunnel{client: client, broker: broker}
	defer t.close(false)
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.connections[t] = struct{}{}
	p.mu.Unlock()
	var copying sync.WaitGroup
	copying.Go(func() { p.forward(t, broker, client, true) })
	copying.Go(func() { p.forward(t, client, broker, false) })
	copying.Wait()
	p.set(func() { delete(p.connections, t) })
}

func (p *Proxy) isRefusing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refusing || p.closed
}

// forward copies one direction until either end closes.
func (p *Proxy) forward(t *tunnel, to io.Writer, from io.Reader, fromClient bool) {
	defer t.close(false)
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		for rest := buffer[:n]; len(rest) > 0; {
			size, pause, last := p.waitToForward(t, len(rest), fromClient)
			if _, err := to.Write(rest[:size]); err != nil {
				return
			}
			if last {
				p.drop(false)
				return
			}
			rest = rest[size:]
			if pause > 0 {
				<-time.After(pause)
			}
		}
	}
}

// waitToForward waits while the proxy holds this direction back. It returns how many of n bytes to
// forward, how long to pause after them, and whether they are the last before a cut.
func (p *Proxy) waitToForward(t *tunnel, n int, fromClient bool) (size int, pause time.Duration, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for (p.frozen || p.muted && !fromClient) && !p.closed && !t.dropped {
		p.changed.Wait()
	}
	if p.rate > 0 {
		n = min(n, max(1, p.rate/20)) // so that bytes trickle
		pause = time.Duration(n) * time.Second / time.Duration(p.rate)
	}
	if !fromClient || p.cutAfter < 0 {
		return n, pause, false
	}
	if n < p.cutAfter {
		p.cutAfter -= n
		return n, pause, false
	}
	n, p.cutAfter = p.cutAfter, -1
	return n, 0, true
}

func (t *tunnel) close(reset bool) {
	for _, conn := range []net.Conn{t.client, t.broker} {
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close() // the other end may have been faster
	}
}
