package runtime_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestSilentHostCostsNoTimeout has two hosts that accept connections and say nothing beside one that
// answers, which is used long before DialTimeout.
func TestSilentHostCostsNoTimeout(t *testing.T) {
	silent := nullbroker.Config{Accept: func(int) bool { return false }}
	server := peer(t, nullbroker.Config{})
	counters := &runtime.Counters{}
	for range 4 { // a connection may begin with the one that answers
		conn := runtime.DedicatedConnection(runtime.Broker{
			URLs:        []string{peer(t, silent).URL(), server.URL(), peer(t, silent).URL()},
			DialTimeout: time.Hour, Observer: counters,
		})
		producer := produce(t, runtime.DedicatedChannel(conn), nil)
		if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	}
	if counts := counters.Counts(); counts.ConnectFailed > 0 {
		t.Errorf("counted %+v", counts)
	}
}

// TestPoolSpreadsOverHosts checks that each host gets a connection of a pool.
func TestPoolSpreadsOverHosts(t *testing.T) {
	broker := runtime.Broker{URLs: []string{
		peer(t, nullbroker.Config{}).URL(), peer(t, nullbroker.Config{}).URL(), peer(t, nullbroker.Config{}).URL(),
	}}
	pool := runtime.ConnectionPool(broker, 6)
	t.Cleanup(func() { _ = pool.Close(testContext(t)) })
	produce(t, runtime.ChannelPerConnection(pool), nil)
	eventually(t, "all are connected", func() bool {
		for _, status := range pool.Status() {
			if !status.Producing.Connected {
				return false
			}
		}
		return true
	})
	addresses := map[string]int{}
	for _, status := range pool.Status() {
		addresses[status.Producing.Address]++
	}
	for address, n := range addresses {
		if n != 2 {
			t.Errorf("%d of 6 connections to %s", n, address)
		}
	}
}

// TestHostThatRefuses has one host that refuses logins, as a node does whose users are in a directory
// that it cannot reach: the other is used. If no other accepts, the refusal is the error at once.
func TestHostThatRefuses(t *testing.T) {
	refuse := func(int) (uint16, string) { return 403, "ACCESS_REFUSED - Login was refused" }
	refusing := peer(t, nullbroker.Config{Refuse: refuse})
	server := peer(t, nullbroker.Config{})
	for range 10 {
		two := runtime.DedicatedConnection(runtime.Broker{URLs: []string{refusing.URL(), server.URL()}, Observer: runtime.NoObserver})
		produce(t, runtime.DedicatedChannel(two), nil)
		if err := two.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	conn := runtime.DedicatedConnection(runtime.Broker{
		URLs: []string{refusing.URL(), "amqp://" + nobody.Addr().String()}, Observer: runtime.NoObserver,
	})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	_, err = runtime.NewProducer(testContext(t), runtime.DedicatedChannel(conn), nil)
	if _, refused := errors.AsType[*runtime.RefusedError](err); !refused {
		t.Errorf("got %v", err)
	}
}
