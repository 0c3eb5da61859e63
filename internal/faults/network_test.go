package faults_test

import (
	"context"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

var networkScenarios = []scenario{
	{id: "F11", fault: "half-open network for 5 s, heartbeat 2 s", environment: proxied, times: 1, play: playHalfOpen},
	{id: "F11", fault: "network of 1 KiB/s for 3 s", environment: proxied, times: 1, strike: func(_ *testing.T, x *experiment) {
		x.proxies[0].Slow(1 << 10)
		<-time.After(3 * time.Second) // how long the network is slow
		x.proxies[0].Slow(0)
	}},
	{id: "F11", fault: "connections reset", short: true, environment: proxied, times: 1, strike: func(t *testing.T, x *experiment) {
		if x.proxies[0].Reset() == 0 {
			t.Error("there was nothing to reset")
		}
	}},
	{id: "F11", fault: "cut in the middle of a frame", short: true, environment: proxied, times: 1, strike: func(t *testing.T, x *experiment) {
		lost := x.events.count("ConnectionLost")
		x.proxies[0].CutAfter(1001)
		eventually(t, "the connection is lost", func() bool { return x.events.count("ConnectionLost") > lost })
	}},
	{id: "F12", fault: "server that accepts and is silent", short: true, environment: proxied, times: 1, play: playSilentServer},
	{id: "F14", fault: "two hosts of three down", short: true, environment: shared, times: 1, play: playHostsDown},
	{id: "F14", fault: "TLS hosts with different names, down in turn", short: true, environment: shared, times: 2, play: playTLSHosts},
}

// playHalfOpen drops all packets for longer than it takes to notice.
func playHalfOpen(t *testing.T, x *experiment) {
	x.configure = func(b *runtime.Broker) { b.Heartbeat, b.DialTimeout = 2*time.Second, time.Second }
	x.start(t)
	x.flow(t, warmUp)
	x.proxies[0].Freeze()
	<-time.After(5 * time.Second) // how long the network is half open
	x.proxies[0].Thaw()
	x.flow(t, warmUp)
}

// playSilentServer dials a server that accepts the connection and sends nothing.
func playSilentServer(t *testing.T, x *experiment) {
	x.configure = func(b *runtime.Broker) { b.DialTimeout = 300 * time.Millisecond }
	x.proxies[0].Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begun := time.Now()
	err := x.connect(t, ctx)
	if took := time.Since(begun); took > time.Second+stall || err == nil && !x.topology.pair {
		t.Errorf("connect to a silent server: %v after %v, its context 1s", err, took)
	}
	if err != nil { // of a pair too, if the machine stalls for longer than that
		if err := x.rig.close(t.Context()); err != nil {
			t.Errorf("close while dialling: %v", err)
		}
	}
	x.proxies[0].Thaw()
	if err != nil {
		if err := x.connect(t, t.Context()); err != nil {
			t.Fatalf("after the silence: %v", err)
		}
	}
	x.load = startLoad(x.producer, x.topology.name)
	x.flow(t, warmUp)
}

// playHostsDown has three hosts, of which one answers.
func playHostsDown(t *testing.T, x *experiment) {
	x.configure = func(b *runtime.Broker) {
		b.URLs = []string{withHost(t, b.URL, deadAddress(t)), withHost(t, b.URL, deadAddress(t))}
	}
	x.start(t)
	x.flow(t, warmUp)
	x.hosts[0].CloseConnections(t)
	x.flow(t, warmUp)
}

// deadAddress returns a loopback address that nothing listens on.
func deadAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// withHost returns address with another host and port.
func withHost(t *testing.T, address, host string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = host
	return u.String()
}
