package faults_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

var connectionScenarios = []scenario{
	{id: "F1", fault: "connections closed by the broker", short: true, times: 1, strike: func(t *testing.T, x *experiment) {
		x.hosts[0].CloseConnections(t)
	}},
	{id: "F1", fault: "closed ten times", times: 10, pools: true, strike: func(t *testing.T, x *experiment) {
		for range 10 {
			x.hosts[0].CloseConnections(t)
			x.flow(t, 100)
		}
	}},
	{id: "F2", fault: "closed during Close", short: true, times: 1, play: playClosedDuringClose},
	{id: "F10", fault: "node killed and restarted", environment: own, times: 1, pools: true, strike: func(t *testing.T, x *experiment) {
		x.killActive(t)
	}},
	{id: "F10", fault: "nodes stopped in turn", environment: own, times: 2, strike: func(t *testing.T, x *experiment) {
		x.measureOutage(t)
		nodes := x.nodes[:1]
		if x.topology.pair {
			nodes = x.nodes[:]
		}
		for _, node := range nodes {
			node.StopApp(t)
			node.StartApp(t)
			x.flow(t, warmUp)
		}
	}},
	{id: "F13", fault: "virtual host deleted and made again", environment: shared, times: 1, play: playVirtualHostDeleted},
	{id: "F13", fault: "refused: password, virtual host, limit", short: true, environment: shared, times: 1, play: playRefused},
	{id: "F20", fault: "password changed between connections", short: true, environment: shared, times: 1, play: playPasswordChanged},
}

// playClosedDuringClose lets the broker close the connections while the client closes them, under
// load: whatever is in flight settles, and Close obeys its context.
func playClosedDuringClose(t *testing.T, x *experiment) {
	x.start(t)
	x.flow(t, warmUp)
	x.hosts[0].WaitConnections(t, x.topology.connections)
	var closing sync.WaitGroup
	for _, name := range x.hosts[0].Connections(t) { // a faster client has none left
		closing.Go(func() { x.hosts[0].CloseConnection(t, name) })
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	begun := time.Now()
	_ = x.producer.Close(ctx) // the load continues, so there may be something in flight
	_ = x.rig.close(ctx)
	if took := time.Since(begun); took > 2*time.Second+stall {
		t.Errorf("Close took %v, its context 2s", took)
	}
	closing.Wait()
}

// playVirtualHostDeleted deletes the virtual host under load. Its messages are deleted on purpose,
// so only later ones are compared.
func playVirtualHostDeleted(t *testing.T, x *experiment) {
	x.configure = func(b *runtime.Broker) { b.RefusedDelay = 200 * time.Millisecond }
	x.start(t)
	x.flow(t, warmUp)
	lost := x.events.count("ConnectionLost")
	x.hosts[0].Delete(t)
	eventually(t, "the connection is lost", func() bool { return x.events.count("ConnectionLost") > lost })
	x.load.end()
	x.hosts[0].Create(t)
	x.makeQueue(t, x.hosts[0])
	x.load = startLoad(x.producer, "after")
	x.flow(t, warmUp)
}

// playRefused connects in ways that the broker refuses: each has its own error, at once. Then a
// limit that passes is waited for.
func playRefused(t *testing.T, x *experiment) {
	user := x.hosts[0].Name + "-user"
	good := x.hosts[0].AddUser(t, user, "right")
	for name, c := range map[string]struct {
		broker runtime.Broker
		reply  string
	}{
		"password":     {runtime.Broker{URL: good, Auth: plain(user, "wrong")}, "403 ACCESS_REFUSED - Login was refused"},
		"virtual host": {runtime.Broker{URL: x.hosts[0].URL + "-missing"}, "530 NOT_ALLOWED"},
	} {
		if x.topology.pair {
			break // a pair has another side to connect to
		}
		refused := x.topology.build(c.broker, c.broker, x.failover)
		ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
		_, err := runtime.NewProducer(ctx, refused.source, nil)
		var refusal *runtime.RefusedError
		if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Reply.String(), c.reply) {
			t.Errorf("%s: %v, want a refusal with %s", name, err, c.reply)
		}
		if err := refused.close(ctx); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
		cancel()
	}
	x.hosts[0].SetConnectionLimit(t, 0)
	connected := make(chan error, 1)
	go func() { connected <- x.connect(t, t.Context()) }()
	if !x.topology.pair {
		select {
		case err := <-connected:
			t.Fatalf("connected over the limit: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
	}
	x.hosts[0].SetConnectionLimit(t, -1)
	if err := <-connected; err != nil {
		t.Fatalf("after the limit was lifted: %v", err)
	}
	x.load = startLoad(x.producer, "after")
	x.flow(t, warmUp)
}

func plain(user, password string) func(context.Context) (runtime.Authentication, error) {
	return func(context.Context) (runtime.Authentication, error) {
		return runtime.PlainAuth(user, password), nil
	}
}

// playPasswordChanged changes the password and closes the connections: the next ones must ask for
// the new one.
func playPasswordChanged(t *testing.T, x *experiment) {
	user := x.hosts[0].Name + "-user"
	var mu sync.Mutex
	password, asked := "first", 0
	for _, host := range x.hosts {
		host.AddUser(t, user, password)
	}
	x.configure = func(b *runtime.Broker) {
		b.Auth = func(context.Context) (runtime.Authentication, error) {
			mu.Lock()
			defer mu.Unlock()
			asked++
			return runtime.PlainAuth(user, password), nil
		}
	}
	x.start(t)
	x.flow(t, warmUp)
	mu.Lock()
	password = "second"
	before := asked
	mu.Unlock()
	x.hosts[0].AddUser(t, user, "second")
	x.hosts[0].CloseConnections(t)
	x.flow(t, warmUp)
	mu.Lock()
	defer mu.Unlock()
	if asked == before && !x.topology.pair {
		t.Error("connected again without asking for the password")
	}
}
