package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// defaultLog is where slog.Default() writes to until the test ends.
type defaultLog struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func catchDefaultLog(t *testing.T, level slog.Level) *defaultLog {
	l := &defaultLog{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return l
}

func (l *defaultLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

// about returns the lines that contain text.
func (l *defaultLog) about(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.out.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// TestDefaultLog loses a connection to a broker that then refuses it twice, without an observer:
// the logger is the default logger at the time of the event.
func TestDefaultLog(t *testing.T) {
	server := peer(t, nullbroker.Config{Refuse: func(n int) (uint16, string) {
		if n == 2 || n == 3 {
			return 320, "CONNECTION_FORCED"
		}
		return 0, ""
	}})
	conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), Name: t.Name()})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	log := catchDefaultLog(t, slog.LevelInfo)
	producer := produce(t, runtime.DedicatedChannel(conn), nil)
	if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
		t.Fatal(err)
	}
	if got := log.about(""); len(got) != 0 {
		t.Errorf("what is routine was logged: %s", got)
	}
	server.Cut()
	if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
		t.Fatal(err)
	}
	for text, times := range map[string]int{
		"level=WARN msg=\"connection lost\"": 1, "CONNECTION_FORCED": 2, "level=INFO msg=connected": 1, "channel lost": 0, "publish": 0,
	} {
		if got := log.about(text); len(got) != times {
			t.Errorf("%q was logged %d times, want %d: %s", text, len(got), times, log.about(""))
		}
	}
	if got := log.about("generation=2"); len(got) != 2 && len(got) != 1 || !strings.Contains(got[0], "down=") {
		t.Errorf("the log does not say how long there was no connection: %s", got)
	}
}

// TestDefaultLogAtClose closes an open connection and one whose broker is down: an end that the
// program wants is not logged.
func TestDefaultLogAtClose(t *testing.T) {
	server := peer(t, nullbroker.Config{})
	log := catchDefaultLog(t, slog.LevelInfo)
	for range 20 {
		conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), Name: t.Name()})
		if _, err := runtime.DedicatedChannel(conn).ProducerChannel(testContext(t), runtime.ProducerRequest{}); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(testContext(t)); err != nil {
			t.Error(err)
		}
	}
	if got := log.about(""); len(got) != 0 {
		t.Errorf("logged %s", got)
	}
}

// TestNoObserver uses NoObserver for a connection and for a producer.
func TestNoObserver(t *testing.T) {
	log := catchDefaultLog(t, slog.LevelDebug)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	conn := runtime.DedicatedConnection(runtime.Broker{URL: "amqp://" + nobody.Addr().String(), Observer: runtime.NoObserver})
	if _, err := runtime.NewProducer(briefly(t), runtime.DedicatedChannel(conn), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := conn.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	if got := log.about(""); len(got) != 0 {
		t.Errorf("logged %s", got)
	}
}

// TestDefaultLogOfPublishes checks that publishes, good or bad, create no events for the default
// log: the caller has the error.
func TestDefaultLogOfPublishes(t *testing.T) {
	log := catchDefaultLog(t, slog.LevelDebug)
	for _, observer := range []runtime.Observer{nil, runtime.NoObserver} {
		producer := produce(t, scamptest.New(), queue("q"), runtime.WithObserver(observer))
		if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
			t.Error(err)
		}
		if _, err := producer.Publish(testContext(t), to("nowhere"), "x"); err == nil {
			t.Error("an unroutable message was published")
		}
	}
	if got := log.about(""); len(got) != 0 {
		t.Errorf("logged %s", got)
	}
}

// TestDefaultLogOfConsumers fails a handler on a source without an observer: the log says what
// became of the message.
func TestDefaultLogOfConsumers(t *testing.T) {
	log := catchDefaultLog(t, slog.LevelInfo)
	broker := scamptest.New()
	producer := produce(t, broker, queue("q"))
	ctx, stop := context.WithCancel(testContext(t))
	defer stop()
	fail := func(context.Context, *string) error { return errors.New("the shop is closed") }
	consumer, err := runtime.NewConsumer(ctx, broker, runtime.Subscription{
		Queue: queue("q").Queues[0], Declarations: queue("q"), Routes: []runtime.Route{runtime.RouteJSON(to("q"), fail)},
	})
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- consumer.Run(ctx) }()
	receipt, err := producer.Publish(testContext(t), to("q"), `"x"`)
	if err != nil {
		t.Fatal(err)
	}
	for consumer.Count(runtime.EventDeadLettered) == 0 {
		select {
		case <-ctx.Done():
			t.Fatal("the message is not dead-lettered")
		default:
		}
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	for _, text := range []string{"consumer failed", "consumer dead-lettered"} {
		if got := log.about(text); len(got) != 1 || !strings.Contains(got[0], receipt.MessageID) {
			t.Errorf("logged %s", log.about(""))
		}
	}
}

// TestOutageIsCounted refuses three attempts: each event has their count, and the connection that
// follows says how long there was none.
func TestOutageIsCounted(t *testing.T) {
	server := peer(t, nullbroker.Config{Refuse: func(n int) (uint16, string) {
		if n <= 3 {
			return 320, "CONNECTION_FORCED"
		}
		return 0, ""
	}})
	events := &recorder{}
	conn := connect(t, server.URL(), events)
	if _, err := runtime.DedicatedChannel(conn).ProducerChannel(testContext(t), runtime.ProducerRequest{}); err != nil {
		t.Fatal(err)
	}
	server.Cut()
	eventually(t, "it is connected again", func() bool { return count[runtime.ConnectedEvent](events) == 2 })
	if n := count[runtime.ConnectFailedEvent](events); n != 3 {
		t.Errorf("%d attempts failed", n)
	}
	for i, failed := range all[runtime.ConnectFailedEvent](events) {
		if failed.Attempts != i+1 || failed.Down <= 0 {
			t.Errorf("attempt %d: %+v", i+1, failed)
		}
	}
	connected := all[runtime.ConnectedEvent](events)
	if connected[0].Down < 10*time.Millisecond || connected[1].Down <= 0 {
		t.Errorf("got %+v", connected)
	}
}
