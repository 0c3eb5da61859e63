package rabbittest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// behindProxy returns the two ends of a connection through a proxy.
func behindProxy(t *testing.T) (p *rabbittest.Proxy, client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p = rabbittest.NewProxy(t, listener.Addr().String())
	if client, err = net.Dial("tcp", p.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return p, client, server
}

func send(t *testing.T, to io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(to, text); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, from io.Reader, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(from, got); err != nil || string(got) != text {
		t.Fatalf("read %q, %v; want %q", got, err, text)
	}
}

func TestProxyFreezesAndThaws(t *testing.T) {
	p, client, server := behindProxy(t)
	send(t, client, "one")
	expect(t, server, "one")
	p.Freeze()
	send(t, client, "two")
	_ = server.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := server.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Fatalf("a frozen proxy forwarded %d bytes", n)
	}
	_ = server.SetReadDeadline(time.Time{})
	p.Thaw()
	expect(t, server, "two")
	send(t, server, "three")
	expect(t, client, "three")
}

func TestProxyCutsMidFrame(t *testing.T) {
	p, client, server := behindProxy(t)
	p.CutAfter(3)
	send(t, client, "frame")
	if got, _ := io.ReadAll(server); string(got) != "fra" {
		t.Errorf("%q came through, want %q", got, "fra")
	}
}

func TestProxyResets(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		p, client, server := behindProxy(t)
		send(t, client, "hello")
		expect(t, server, "hello")
		if frozen {
			p.Freeze()
			send(t, client, "held back")
		}
		if n := p.Reset(); n != 1 {
			t.Errorf("reset %d connections, want 1", n)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("frozen %v: the client reads %v", frozen, err)
		}
	}
}

func TestProxyRefuses(t *testing.T) {
	p, _, _ := behindProxy(t)
	p.Refuse(true)
	second, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if n, err := second.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("read %d, %v from a proxy that refuses", n, err)
	}
}

func TestProxyIsSlow(t *testing.T) {
	p, client, server := behindProxy(t)
	p.Slow(2000)
	sent := bytes.Repeat([]byte("x"), 300)
	start := time.Now()
	send(t, client, string(sent))
	expect(t, server, string(sent))
	if took := time.Since(start); took < 100*time.Millisecond {
		t.Errorf("300 bytes at 2000 a second took %v", took)
	}
}
