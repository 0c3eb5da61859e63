package faults_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime"
)

var consumerConnectionScenarios = []consumerScenario{
	{id: "F1", fault: "connections closed by the broker", short: true, times: 1, strike: func(t *testing.T, x *consumerExperiment) {
		x.hosts[0].CloseConnections(t)
	}},
	{id: "F1", fault: "closed ten times", times: 10, strike: func(t *testing.T, x *consumerExperiment) {
		for range 10 {
			x.hosts[0].CloseConnections(t)
			x.flow(t, 100)
		}
	}},
	{id: "F2", fault: "closed during the stop", short: true, times: 2, play: playClosedDuringStop},
	{id: "F8", fault: "memory alarm for 3 s", environment: own, times: 1, play: playConsumeDuringAlarm},
	{id: "F10", fault: "node killed and restarted", environment: own, times: 1, strike: func(t *testing.T, x *consumerExperiment) {
		x.killActive(t)
	}},
	{id: "F10", fault: "nodes stopped in turn", environment: own, times: 2, strike: func(t *testing.T, x *consumerExperiment) {
		x.measureOutage(t)
		for _, node := range x.nodes {
			node.StopApp(t)
			node.StartApp(t)
			x.flow(t, warmUp)
		}
	}},
	{id: "F11", fault: "half-open network for 5 s, heartbeat 2 s", environment: proxied, times: 1, play: playConsumerHalfOpen},
	{id: "F11", fault: "network of 1 KiB a second for 3 s", environment: proxied, times: 1, strike: func(_ *testing.T, x *consumerExperiment) {
		x.proxies[0].Slow(1 << 10)
		<-time.After(3 * time.Second) // how long the network is slow
		x.proxies[0].Slow(0)
	}},
	{id: "F11", fault: "connections reset", short: true, environment: proxied, times: 1, strike: func(t *testing.T, x *consumerExperiment) {
		if x.proxies[0].Reset() == 0 {
			t.Error("there was nothing to reset")
		}
	}},
	{id: "F11", fault: "cut in the middle of a frame", short: true, environment: proxied, times: 1, strike: func(t *testing.T, x *consumerExperiment) {
		lost := x.events.count("ConnectionLost")
		x.proxies[0].CutAfter(1001)
		eventually(t, "the connection is lost", func() bool { return x.events.count("ConnectionLost") > lost })
	}},
	{id: "F12", fault: "server that accepts and is silent", environment: proxied, times: 1, only: []string{dedicated}, play: playConsumerSilentServer},
	{id: "F13", fault: "virtual host deleted and made again", times: 1, play: playConsumerHostDeleted},
	{id: "F13", fault: "refused: password, virtual host", short: true, times: 1, only: []string{dedicated}, play: playConsumerRefused},
	{id: "F14", fault: "two hosts of three down", times: 1, play: playConsumerHostsDown},
	{id: "F20", fault: "password changed between connections", short: true, times: 1, play: playConsumerPassword},
}

// playClosedDuringStop lets the broker close the connections while the consumer stops.
func playClosedDuringStop(t *testing.T, x *consumerExperiment) {
	x.start(t)
	x.flow(t, warmUp)
	var closing sync.WaitGroup
	closing.Go(func() { x.hosts[0].CloseConnections(t) })
	begun := time.Now()
	x.stop()
	x.closeRig(t)
	if took := time.Since(begun); took > 2*stall { // the stop timeout is 30s
		t.Errorf("the stop took %v", took)
	}
	closing.Wait()
	x.consume(t)
	x.flow(t, warmUp)
}

// playConsumeDuringAlarm raises the memory alarm, which blocks only publishers: messages in the
// queue are still handled and acknowledged.
func playConsumeDuringAlarm(t *testing.T, x *consumerExperiment) {
	hurry := make(chan struct{})
	var gate sync.RWMutex
	x.inspect = func(context.Context, string) error {
		gate.RLock()
		defer gate.RUnlock()
		select {
		case <-time.After(2 * time.Millisecond): // the queue fills up meanwhile
		case <-hurry:
		}
		return nil
	}
	x.feed(t)
	eventually(t, "the queue is full", func() bool { return x.hosts[0].Messages(t, publication.RoutingKey) > 3000 })
	x.consume(t)
	x.flow(t, warmUp)
	gate.Lock() // the queue stays full, however long it takes to raise the alarm
	x.nodes[0].Alarm(t, true)
	gate.Unlock()
	over := time.After(3 * time.Second)
	x.flow(t, warmUp)
	if lost := x.events.count("ConnectionLost"); lost > 0 {
		t.Errorf("%d connections did not survive the alarm", lost)
	}
	<-over
	x.nodes[0].Alarm(t, false)
	x.flow(t, warmUp)
	close(hurry) // the other side's producer was never blocked: there is much to do
}

// playConsumerHalfOpen drops all packets for longer than it takes to notice: the context of a
// running handler ends.
func playConsumerHalfOpen(t *testing.T, x *consumerExperiment) {
	x.configure = func(b *runtime.Broker) { b.Heartbeat, b.DialTimeout = 2*time.Second, time.Second }
	ended := make(chan error, 1)
	var hold atomic.Bool
	x.inspect = func(ctx context.Context, id string) error {
		if fromActive := strings.HasPrefix(id, "0-"); fromActive && hold.CompareAndSwap(true, false) {
			<-ctx.Done()
			ended <- context.Cause(ctx)
		}
		return nil
	}
	x.start(t)
	x.flow(t, warmUp)
	hold.Store(true)
	eventually(t, "a handler is under way", func() bool { return !hold.Load() })
	x.proxies[0].Freeze()
	select {
	case cause := <-ended:
		if !errors.Is(cause, runtime.ErrStale) {
			t.Errorf("the handler's context ended with %v, want ErrStale", cause)
		}
	case <-time.After(10 * time.Second):
		t.Error("the handler's context did not end")
	}
	x.proxies[0].Thaw()
	x.flow(t, warmUp)
}

// playConsumerSilentServer dials a server that accepts the connection and sends nothing.
func playConsumerSilentServer(t *testing.T, x *consumerExperiment) {
	x.configure = func(b *runtime.Broker) { b.DialTimeout = 300 * time.Millisecond }
	x.proxies[0].Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begun := time.Now()
	if err := x.connect(t, ctx); err == nil || time.Since(begun) > time.Second+stall {
		t.Errorf("connect to a silent server: %v after %v, its context 1s", err, time.Since(begun))
	}
	x.closeRig(t)
	x.proxies[0].Thaw()
	x.start(t)
	x.flow(t, warmUp)
}

// playConsumerHostDeleted deletes the virtual host. Its messages are deleted on purpose, so
// everything is handled before.
func playConsumerHostDeleted(t *testing.T, x *consumerExperiment) {
	x.configure = func(b *runtime.Broker) { b.RefusedDelay = 200 * time.Millisecond }
	x.start(t)
	x.flow(t, warmUp)
	x.starve(t)
	lost := x.events.count("ConnectionLost")
	x.hosts[0].Delete(t)
	eventually(t, "the connection is lost", func() bool { return x.events.count("ConnectionLost") > lost })
	x.hosts[0].Create(t)
	eventually(t, "the queue is there again", func() bool {
		return dial(t, x.hosts[0], func(channel *amqp.Channel) error {
			_, err := channel.QueueDeclarePassive(publication.RoutingKey, true, false, false, false, nil)
			return err
		}) == nil
	})
	x.feed(t)
	x.flow(t, warmUp)
}

// playConsumerRefused connects in ways that the broker refuses.
func playConsumerRefused(t *testing.T, x *consumerExperiment) {
	good := x.hosts[0].AddUser(t, x.hosts[0].Name+"-user", "right")
	for name, c := range map[string]struct {
		broker runtime.Broker
		reply  string
	}{
		"password":     {runtime.Broker{URL: good, Auth: plain(x.hosts[0].Name+"-user", "wrong")}, "403 ACCESS_REFUSED - Login was refused"},
		"virtual host": {runtime.Broker{URL: x.hosts[0].URL + "-missing"}, "530 NOT_ALLOWED"},
	} {
		refused := x.topology.build(c.broker, c.broker)
		_, err := runtime.NewConsumer(t.Context(), refused.source, x.subscription())
		var refusal *runtime.RefusedError
		if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Reply.String(), c.reply) {
			t.Errorf("%s: %v, want a refusal with %s", name, err, c.reply)
		}
		if err := refused.close(t.Context()); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
	x.start(t)
	x.flow(t, warmUp)
}

// playConsumerHostsDown has three hosts, of which one answers.
func playConsumerHostsDown(t *testing.T, x *consumerExperiment) {
	x.configure = func(b *runtime.Broker) {
		b.URLs = []string{withHost(t, b.URL, deadAddress(t)), withHost(t, b.URL, deadAddress(t))}
	}
	x.start(t)
	x.flow(t, warmUp)
	x.hosts[0].CloseConnections(t)
	x.flow(t, warmUp)
}

// playConsumerPassword changes the password and closes the connections: the next ones must ask for
// the new one.
func playConsumerPassword(t *testing.T, x *consumerExperiment) {
	user := x.hosts[0].Name + "-user"
	var mu sync.Mutex
	password := "first"
	for _, host := range x.hosts {
		host.AddUser(t, user, password)
	}
	x.configure = func(b *runtime.Broker) {
		b.Auth = func(context.Context) (runtime.Authentication, error) {
			mu.Lock()
			defer mu.Unlock()
			return runtime.PlainAuth(user, password), nil
		}
	}
	x.start(t)
	x.flow(t, warmUp)
	mu.Lock()
	password = "second"
	mu.Unlock()
	for _, host := range x.hosts {
		host.AddUser(t, user, "second")
		if x.topology.sides > 1 || host == x.hosts[0] {
			host.CloseConnections(t)
		}
	}
	x.flow(t, warmUp)
}
