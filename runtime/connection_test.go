package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestSilentServer dials a server that accepts connections and sends nothing.
func TestSilentServer(t *testing.T) {
	server := peer(t, nullbroker.Config{Accept: func(n int) bool { return n > 2 }})
	counters := &runtime.Counters{}
	conn := runtime.DedicatedConnection(runtime.Broker{
		URL: server.URL(), DialTimeout: 50 * time.Millisecond, Observer: counters, Backoff: runtime.Backoff{Min: time.Millisecond},
	})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	producer := produce(t, runtime.DedicatedChannel(conn), nil)
	if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
		t.Error(err)
	}
	// A machine that stalls for as long as the timeout fails once more.
	if counts := counters.Counts(); counts.ConnectFailed < 2 || counts.Connected != 1 {
		t.Errorf("counted %+v", counts)
	}
}

// TestChannelThatIsNotOpened uses a broker that sends heartbeats and does not answer channel.open:
// the connection is given up, and the next one works.
func TestChannelThatIsNotOpened(t *testing.T) {
	server := peer(t, nullbroker.Config{Answers: func(r nullbroker.Request) bool { return r.Connection > 1 }})
	events := &recorder{}
	conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), DialTimeout: 100 * time.Millisecond, Observer: events})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	produce(t, runtime.DedicatedChannel(conn), nil)
	lost := all[runtime.ConnectionLostEvent](events)
	if len(lost) == 0 {
		t.Error("no connection was given up")
	}
	for _, event := range lost { // more than one on a machine that stalls for as long as the timeout
		if !strings.Contains(event.Err.Error(), "does not open a channel") {
			t.Errorf("lost %v", event.Err)
		}
	}
}

// TestRefusal separates refusals that are likely to stay, which are returned at once, from those
// that pass.
func TestRefusal(t *testing.T) {
	tests := []struct {
		name    string
		code    uint16
		text    string
		refused bool
	}{
		{"password", 403, "ACCESS_REFUSED - Login was refused", true},
		{"virtual host", 530, "NOT_ALLOWED - vhost v not found", true},
		{"limit", 530, "NOT_ALLOWED - access to vhost 'v' refused for user 'u': connection limit (0) is reached", false},
		{"forced", 320, "CONNECTION_FORCED - broker forced connection closure", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := peer(t, nullbroker.Config{Refuse: func(int) (uint16, string) { return test.code, test.text }})
			conn := connect(t, server.URL())
			limit := 100 * time.Millisecond
			if test.refused {
				limit = testTimeout
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			_, err := runtime.NewProducer(ctx, runtime.DedicatedChannel(conn), nil)
			var refused *runtime.RefusedError
			if errors.As(err, &refused) != test.refused {
				t.Errorf("got %v", err)
			}
			if test.refused && refused.Reply != (runtime.Reply{Code: test.code, Text: test.text}) {
				t.Errorf("got %+v", refused.Reply)
			}
			if !test.refused && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestRefusalPasses checks that a refused connection is tried again after some time.
func TestRefusalPasses(t *testing.T) {
	server := peer(t, nullbroker.Config{Refuse: func(n int) (uint16, string) {
		if n == 1 {
			return 403, "ACCESS_REFUSED"
		}
		return 0, ""
	}})
	conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), RefusedDelay: 50 * time.Millisecond})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	source := runtime.DedicatedChannel(conn)
	if _, err := runtime.NewProducer(testContext(t), source, nil); err == nil {
		t.Fatal("the first connection was refused without an error")
	}
	for {
		producer, err := runtime.NewProducer(testContext(t), source, nil)
		if err == nil {
			_ = producer.Close(testContext(t))
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestHandshakeLost closes the socket during the handshake, which the client library takes for a
// refusal: it is tried again at once.
func TestHandshakeLost(t *testing.T) {
	var server *nullbroker.Server
	server = peer(t, nullbroker.Config{Refuse: func(n int) (uint16, string) {
		if n <= 2 {
			server.Cut()
		}
		return 0, ""
	}})
	conn := connect(t, server.URL())
	producer, err := runtime.NewProducer(testContext(t), runtime.DedicatedChannel(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := producer.Close(testContext(t)); err != nil {
		t.Error(err)
	}
}

// TestHandshakeOfNonsense uses a peer that answers with methods that no handshake has. Each attempt
// fails and leaves nothing behind, which connect checks.
func TestHandshakeOfNonsense(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer socket.Close()
				method := rawFrame(1, 0, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0, 1, 0)
				_, _ = socket.Write(bytes.Repeat(method, 3))
				_, _ = io.Copy(io.Discard, socket)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	failed := make(failures, 100)
	ctx, cancel := context.WithCancel(testContext(t))
	go func() {
		<-failed
		<-failed
		cancel()
	}()
	conn := connect(t, "amqp://guest:guest@"+listener.Addr().String()+"/", failed)
	if _, err := runtime.NewProducer(ctx, runtime.DedicatedChannel(conn), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// failures is an observer that passes on why connecting failed.
type failures chan error

func (f failures) Observe(_ context.Context, event runtime.Event) {
	if failed, ok := event.(runtime.ConnectFailedEvent); ok {
		f <- failed.Err
	}
}

// TestSeveralHosts has three hosts, of which one answers.
func TestSeveralHosts(t *testing.T) {
	server := peer(t, nullbroker.Config{})
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	nobody := "amqp://guest:guest@" + dead.Addr().String() + "/"
	conn := runtime.DedicatedConnection(runtime.Broker{URLs: []string{nobody, nobody, server.URL()}})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	producer := produce(t, runtime.DedicatedChannel(conn), nil)
	for range 5 {
		server.Cut()
		if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
			t.Error(err)
		}
	}
}

// TestNoHostAnswers checks that each attempt has the same reason, although the order of the hosts
// is random: otherwise a log would see a new reason each time.
func TestNoHostAnswers(t *testing.T) {
	failed := make(failures, 100)
	conn := runtime.DedicatedConnection(runtime.Broker{
		URLs: []string{"amqp://127.0.0.1:1", "amqp://127.0.0.1:2", "amqp://127.0.0.1:3"}, Observer: failed,
		Backoff: runtime.Backoff{Min: time.Millisecond, Max: time.Millisecond},
	})
	go func() { _, _ = runtime.DedicatedChannel(conn).ProducerChannel(t.Context(), runtime.ProducerRequest{}) }()
	first := (<-failed).Error()
	for range 20 {
		if again := (<-failed).Error(); again != first {
			t.Fatalf("first  %s\nthen   %s", first, again)
		}
	}
	if err := conn.Close(testContext(t)); err != nil {
		t.Error(err)
	}
}

// TestBrokerProblems checks that a mistake in a Broker is returned at once.
func TestBrokerProblems(t *testing.T) {
	tests := map[string]runtime.Broker{
		`Broker has no URL: it needs one such as amqp://user:password@host:5672/vhost`:                         {},
		`Broker.URL has query parameters: set the fields of Broker instead`:                                    {URL: "amqp://u:secret@h/v?heartbeat=3"},
		`Broker.URLs[1] has a scheme that is not AMQP's: it must begin with amqp://, or with amqps:// for TLS`: {URLs: []string{"amqp://h", "http://h"}},
		`Broker.URLs[0] is empty: it must look like amqp://user:password@host:5672/vhost`:                      {URL: "amqp://h", URLs: []string{""}},
	}
	for want, broker := range tests {
		broker.Name, broker.Observer = "p", runtime.NoObserver
		conn := runtime.DedicatedConnection(broker)
		_, err := runtime.NewProducer(testContext(t), runtime.DedicatedChannel(conn), nil)
		want = `new producer: connection "p producer": runtime: ` + want
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if err := conn.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	}
}

// TestCloseInEveryState checks that Close returns within its context and leaves no goroutine, in
// every state of the connection.
func TestCloseInEveryState(t *testing.T) {
	silent := func(nullbroker.Publish) nullbroker.Answer { return nullbroker.Silent }
	tests := []struct {
		name    string
		config  nullbroker.Config
		prepare func(*testing.T, *nullbroker.Server, runtime.Source)
	}{
		{"never used", nullbroker.Config{}, func(*testing.T, *nullbroker.Server, runtime.Source) {}},
		{"dialling", nullbroker.Config{Accept: func(int) bool { return false }}, func(t *testing.T, _ *nullbroker.Server, source runtime.Source) {
			_, _ = source.ProducerChannel(briefly(t), runtime.ProducerRequest{})
		}},
		{"refused", nullbroker.Config{Refuse: func(int) (uint16, string) { return 403, "no" }}, func(t *testing.T, _ *nullbroker.Server, source runtime.Source) {
			_, _ = source.ProducerChannel(briefly(t), runtime.ProducerRequest{})
		}},
		{"idle", nullbroker.Config{}, open},
		{"in flight", nullbroker.Config{Publish: silent}, inFlight},
		{"blocked", nullbroker.Config{Publish: silent}, func(t *testing.T, server *nullbroker.Server, source runtime.Source) {
			inFlight(t, server, source)
			server.Block(true)
		}},
		{"unread", nullbroker.Config{}, func(t *testing.T, server *nullbroker.Server, source runtime.Source) {
			open(t, server, source)
			server.Freeze(true)
			channel, err := source.ProducerChannel(testContext(t), runtime.ProducerRequest{})
			if err != nil {
				t.Fatal(err)
			}
			channel.Publish(testContext(t), runtime.PublishRequest{Message: &runtime.Message{Body: make([]byte, 30<<20)}, Settle: func(runtime.Settlement) {}})
		}},
		{"lost", nullbroker.Config{}, func(t *testing.T, server *nullbroker.Server, source runtime.Source) {
			open(t, server, source)
			server.Cut()
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := peer(t, test.config)
			ignore := goleak.IgnoreCurrent()
			conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL()})
			test.prepare(t, server, runtime.DedicatedChannel(conn))
			closed := make(chan error)
			go func() { closed <- conn.Close(briefly(t)) }()
			select {
			case <-closed: // with or without a closing handshake
			case <-time.After(testTimeout):
				t.Fatal("Close hangs")
			}
			if err := conn.Close(testContext(t)); err != nil {
				t.Errorf("second Close: %v", err)
			}
			if _, err := runtime.DedicatedChannel(conn).ProducerChannel(testContext(t), runtime.ProducerRequest{}); !errors.Is(err, runtime.ErrClosed) {
				t.Errorf("a channel of a closed connection: %v", err)
			}
			_ = server.Close()
			noneLeft(t, ignore)
		})
	}
}

// TestCloseThatIsNotAnswered closes a connection whose broker answers nothing: Close must return an
// error.
func TestCloseThatIsNotAnswered(t *testing.T) {
	server := peer(t, nullbroker.Config{})
	conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), Name: "orders", DialTimeout: 100 * time.Millisecond, Observer: runtime.NoObserver})
	open(t, server, runtime.DedicatedChannel(conn))
	server.Freeze(true)
	err := conn.Close(testContext(t))
	const want = `close connection "orders producer": gave up after 100ms: the broker does not answer and may not have read all that was written`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func open(t *testing.T, _ *nullbroker.Server, source runtime.Source) {
	if _, err := source.ProducerChannel(testContext(t), runtime.ProducerRequest{}); err != nil {
		t.Fatal(err)
	}
}

func inFlight(t *testing.T, _ *nullbroker.Server, source runtime.Source) {
	channel, err := source.ProducerChannel(testContext(t), runtime.ProducerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	settled := make(chan runtime.Settlement, 1)
	channel.Publish(testContext(t), runtime.PublishRequest{Message: &runtime.Message{}, Settle: func(s runtime.Settlement) { settled <- s }})
	t.Cleanup(func() {
		if s := <-settled; s.Outcome != runtime.OutcomeUnknown {
			t.Errorf("settled as %+v", s)
		}
	})
}
