package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// lazily returns a connection that does not wait for the broker.
func lazily(t *testing.T, url string) *runtime.Connection {
	t.Helper()
	connection := runtime.DedicatedConnection(runtime.Broker{
		URL: url, Name: t.Name(), Lazy: true, Observer: runtime.NoObserver,
		Backoff: runtime.Backoff{Min: 10 * time.Millisecond, Max: 50 * time.Millisecond},
	})
	t.Cleanup(func() {
		if err := connection.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	})
	return connection
}

// wrapped are sources on a connection that all tell it of their clients.
var wrapped = map[string]func(*runtime.Connection) runtime.Source{
	"dedicated": func(c *runtime.Connection) runtime.Source { return runtime.DedicatedChannel(c) },
	"embedded": func(c *runtime.Connection) runtime.Source {
		return struct{ runtime.Source }{runtime.DedicatedChannel(c)}
	},
	"intercepted": func(c *runtime.Connection) runtime.Source { return runtime.Intercept(runtime.DedicatedChannel(c)) },
}

// takeAll returns a consumer of a queue that acknowledges everything, and its Run that ends with the
// test.
func takeAll(t *testing.T, source runtime.ConsumerSource, name string) (run func()) {
	t.Helper()
	consumer, err := runtime.NewConsumer(testContext(t), source, runtime.Subscription{
		Queue: queue(name).Queues[0], Declarations: queue(name),
		Routes: []runtime.Route{runtime.RouteText(to(name), func(context.Context, string) error { return nil })},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		ctx, stop := context.WithCancel(testContext(t))
		ran := make(chan error, 1)
		go func() { ran <- consumer.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-ran; err != nil {
				t.Error(err)
			}
		})
	}
}

// unhealthy waits until a connection is not healthy for a reason.
func unhealthy(t *testing.T, connection interface{ Healthy() error }, reasons ...string) {
	t.Helper()
	var err error
	defer func() {
		if t.Failed() {
			t.Logf("it says: %v", err)
		}
	}()
	eventually(t, strings.Join(reasons, ", ")+" is a reason", func() bool {
		err = connection.Healthy()
		for _, reason := range reasons {
			if err == nil || !strings.Contains(err.Error(), reason) {
				return false
			}
		}
		return true
	})
}

// TestLazy makes clients while the broker is away. They work when it has come, and again after it
// was away.
func TestLazy(t *testing.T) {
	for name, source := range wrapped {
		t.Run(name, func(t *testing.T) {
			host := rabbittest.New(t)
			network := rabbittest.NewProxy(t, serverOf(t, host.URL).Host)
			network.Refuse(true)
			connection := lazily(t, network.URL(t, host.URL))
			clients := source(connection)
			producer := produce(t, clients, queue("q"), runtime.WithPublishTimeout(testTimeout))
			run := takeAll(t, clients, "q")
			caller, err := runtime.NewCaller(testContext(t), clients, runtime.CallerSpec{})
			if err != nil {
				t.Fatal(err)
			}
			unhealthy(t, connection, "producer: ", "Run has not been called", "it waits for a channel", "without sending AMQP")
			run()
			published := make(chan error, 1)
			go func() {
				_, err := producer.Publish(testContext(t), to("q"), "x")
				published <- err
			}()
			network.Refuse(false)
			if err := <-published; err != nil {
				t.Error(err)
			}
			eventually(t, "it is healthy", func() bool { return connection.Healthy() == nil })
			if err := errors.Join(producer.Healthy(), caller.Healthy()); err != nil {
				t.Error(err)
			}

			network.Refuse(true)
			network.Reset()
			unhealthy(t, connection, "producer: the source is down", `consumer of "q"`)
			network.Refuse(false)
			eventually(t, "it is healthy again", func() bool { return connection.Healthy() == nil })
		})
	}
}

// TestLazyRefused: a declaration that the broker refuses is the reason, and no error of the
// constructors, until an operator has mended it.
func TestLazyRefused(t *testing.T) {
	host := rabbittest.New(t)
	channel := host.Channel(t)
	if _, err := channel.QueueDeclare("q", false, false, false, false, nil); err != nil { // not durable
		t.Fatal(err)
	}
	connection := runtime.DedicatedConnection(runtime.Broker{
		URL: host.URL, Lazy: true, RefusedDelay: 10 * time.Millisecond, Observer: runtime.NoObserver,
	})
	t.Cleanup(func() {
		if err := connection.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	})
	source := runtime.DedicatedChannel(connection)
	produce(t, source, queue("q"))
	takeAll(t, source, "q")()
	unhealthy(t, connection, "producer: ", `consumer of "q": `, `declare queue "q"`, "PRECONDITION_FAILED")
	if _, err := channel.QueueDelete("q", false, false, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is healthy", func() bool { return connection.Healthy() == nil })

	if _, err := runtime.NewProducer(testContext(t), source, nil, runtime.WithPublishTimeout(0)); err == nil {
		t.Error("a mistake in the options is no error")
	}
}

// TestHealthyAfterRefusal: the queue of a producer has been replaced by another one.
func TestHealthyAfterRefusal(t *testing.T) {
	host := rabbittest.New(t)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL, RefusedDelay: 10 * time.Millisecond, Observer: runtime.NoObserver})
	t.Cleanup(func() { _ = connection.Close(testContext(t)) })
	producer := produce(t, runtime.DedicatedChannel(connection), queue("q"))
	channel := host.Channel(t)
	if _, err := channel.QueueDelete("q", false, false, false); err != nil {
		t.Fatal(err)
	}
	if _, err := channel.QueueDeclare("q", false, false, false, false, nil); err != nil { // not durable
		t.Fatal(err)
	}
	eventually(t, "a publish is refused", func() bool {
		host.CloseConnections(t)
		_, err := producer.Publish(testContext(t), to("q"), "x")
		_, refused := errors.AsType[*runtime.DeclarationError](err)
		return refused
	})
	unhealthy(t, connection, "producer: ", `declare queue "q"`, "PRECONDITION_FAILED")
	if _, err := host.Channel(t).QueueDelete("q", false, false, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a publish is accepted", func() bool {
		_, err := producer.Publish(testContext(t), to("q"), "x")
		return err == nil
	})
	if err := connection.Healthy(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestHealthyForgets: what was closed or has ended is no reason any more.
func TestHealthyForgets(t *testing.T) {
	host := rabbittest.New(t)
	pool := runtime.ConnectionPool(runtime.Broker{URL: host.URL, Observer: runtime.NoObserver}, 2)
	if err := pool.Healthy(); err != nil {
		t.Errorf("without clients: %v", err)
	}
	producer := produce(t, runtime.ChannelPerConnection(pool), nil)
	if err := errors.Join(pool.Healthy(), producer.Healthy()); err != nil {
		t.Error(err)
	}
	if err := producer.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	if err := producer.Healthy(); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("a closed producer: %v", err)
	}
	if err := pool.Healthy(); err != nil {
		t.Errorf("after its producer was closed: %v", err)
	}
	if err := pool.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	if err := pool.Healthy(); !errors.Is(err, runtime.ErrClosed) {
		t.Errorf("closed: %v", err)
	}

	connection := connect(t, host.URL)
	failing := runtime.DedicatedChannel(connection)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := runtime.NewProducer(stopped, failing, nil); err == nil {
		t.Error("made without a broker")
	}
	consumer, err := runtime.NewConsumer(testContext(t), failing, runtime.Subscription{
		Queue: queue("q").Queues[0], Declarations: queue("q"),
		Routes: []runtime.Route{runtime.RouteText(to("q"), func(context.Context, string) error { return nil })},
	})
	if err != nil {
		t.Fatal(err)
	}
	unhealthy(t, connection, "Run has not been called")
	if got := connection.Status().Consumers; len(got) != 1 || got[0].Queue != "q" {
		t.Errorf("consumers: %+v", got)
	}
	if err := consumer.Run(stopped); err != nil {
		t.Error(err)
	}
	if err := connection.Healthy(); err != nil || len(connection.Status().Consumers) != 0 {
		t.Errorf("after Run: %v, %+v", err, connection.Status().Consumers)
	}
}

// TestHealthyPair: the clients of a pair belong to the active side, and are healthy on the passive.
func TestHealthyPair(t *testing.T) {
	host := rabbittest.New(t)
	network := rabbittest.NewProxy(t, serverOf(t, host.URL).Host)
	active, passive := lazily(t, network.URL(t, host.URL)), lazily(t, host.Sibling(t).URL)
	pair := runtime.ActivePassive(runtime.DedicatedChannel(active), runtime.DedicatedChannel(passive), runtime.Failover{})
	produce(t, pair, queue("q"))
	takeAll(t, pair, "q")()
	eventually(t, "the active side works", func() bool { return active.Healthy() == nil && !pair.OnPassive() })
	network.Refuse(true)
	network.Reset()
	eventually(t, "the passive side works", func() bool { return pair.OnPassive() && active.Healthy() == nil })
}

// TestCloseDrains: Close waits for the confirms of what is being published, and takes nothing more.
func TestCloseDrains(t *testing.T) {
	for name, source := range wrapped {
		t.Run(name, func(t *testing.T) {
			host := rabbittest.New(t)
			network := rabbittest.NewProxy(t, serverOf(t, host.URL).Host)
			connection := connect(t, network.URL(t, host.URL))
			producer, err := runtime.NewProducer(testContext(t), source(connection), queue("q"), runtime.WithPublishTimeout(testTimeout))
			if err != nil {
				t.Fatal(err)
			}
			network.Mute() // confirms do not come
			var pending []*runtime.Pending
			for range 10 {
				pending = append(pending, producer.PublishAsync(testContext(t), to("q"), "x"))
			}
			host.WaitMessages(t, "q", 10)
			closed := make(chan error, 1)
			go func() { closed <- connection.Close(testContext(t)) }()
			eventually(t, "nothing more is taken", func() bool { return producer.Status().Closed })
			select {
			case err := <-closed:
				t.Fatalf("closed before the confirms: %v", err)
			default:
			}
			network.Thaw()
			for _, p := range pending {
				if _, err := p.Wait(testContext(t)); err != nil {
					t.Error(err)
				}
			}
			if err := <-closed; err != nil {
				t.Error(err)
			}
			if _, err := producer.Publish(testContext(t), to("q"), "x"); !errors.Is(err, runtime.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

// TestCloseAtOnce: a context that has ended leaves no publish without an end.
func TestCloseAtOnce(t *testing.T) {
	host := rabbittest.New(t)
	network := rabbittest.NewProxy(t, serverOf(t, host.URL).Host)
	connection := connect(t, network.URL(t, host.URL))
	producer, err := runtime.NewProducer(testContext(t), runtime.DedicatedChannel(connection), queue("q"), runtime.WithPublishTimeout(testTimeout))
	if err != nil {
		t.Fatal(err)
	}
	network.Mute()
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	host.WaitMessages(t, "q", 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := connection.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("closed with %v", err)
	}
	if _, err := pending.Wait(testContext(t)); !runtime.MayHaveBeenDelivered(err) {
		t.Errorf("the publish ended with %v", err)
	}
	network.Thaw() // its goroutines end
}

// TestCloseWaitsForReplies: a call that has been published gets its reply.
func TestCloseWaitsForReplies(t *testing.T) {
	host := rabbittest.New(t)
	served, calling := connect(t, host.URL), connect(t, host.URL)
	asked, answer := make(chan struct{}), make(chan struct{})
	consumer, err := runtime.NewConsumer(testContext(t), runtime.DedicatedChannel(served), runtime.Subscription{
		Queue: queue("q").Queues[0], Declarations: queue("q"),
		Routes: []runtime.Route{runtime.RouteText(to("q"), runtime.ReplyWith(to("reply"), func(context.Context, string) (string, error) {
			close(asked)
			<-answer
			return "yes", nil
		}))},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(testContext(t))
	ran := make(chan error, 1)
	go func() { ran <- consumer.Run(ctx) }()
	caller, err := runtime.NewCaller(testContext(t), runtime.DedicatedChannel(calling), runtime.CallerSpec{})
	if err != nil {
		t.Fatal(err)
	}
	called := make(chan error, 1)
	var reply string
	go func() { called <- caller.Call(testContext(t), to("q"), "?", &reply) }()
	<-asked
	closed := make(chan error, 1)
	go func() { closed <- calling.Close(testContext(t)) }()
	eventually(t, "no more calls are made", func() bool { return errors.Is(caller.Healthy(), runtime.ErrClosed) })
	close(answer)
	if err := <-called; err != nil || reply != "yes" {
		t.Errorf("got %q, %v", reply, err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	stop()
	if err := errors.Join(<-ran, served.Close(testContext(t))); err != nil {
		t.Error(err)
	}
}

// TestHealthyInMemory: clients on a source without a connection say how they are, too.
func TestHealthyInMemory(t *testing.T) {
	broker := scamptest.New()
	producer := produce(t, broker, queue("q"))
	if err := producer.Healthy(); err != nil {
		t.Error(err)
	}
	for _, harm := range []struct {
		begin, end func()
		reason     string
	}{
		{broker.Stop, broker.Start, "down"},
		{broker.Block, broker.Unblock, "blocks publishers"},
	} {
		harm.begin()
		unhealthy(t, producer, harm.reason)
		harm.end()
		if err := producer.Healthy(); err != nil {
			t.Error(err)
		}
	}
}
