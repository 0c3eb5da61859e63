//go:build unix

package amqpbench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	stdruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// A fleet is n clients of n queues in one process. start returns when all of them can work, and how
// to stop them. Consumers call handled for each message.
type fleet struct {
	name  string
	start func(t testing.TB, url string, n int, handled func(queue string)) (stop func())
}

var fleets = []fleet{
	{"consumers/plain", plainConsumers},
	{"consumers/one-connection", consumers(oneConnection)},
	{"consumers/active-passive", consumers(pair)},
	{"producers/one-channel", producers(false)},
	{"producers/channel-each", producers(true)},
}

// BenchmarkScale starts one client for each of 1 to 1,000 queues in one process, and says what they
// cost while nothing is sent: the time until all are ready, goroutines, memory (heap and stacks)
// and sockets of this process, and memory and Erlang processes of a RabbitMQ node of its own, whose
// queues were there before.
func BenchmarkScale(b *testing.B) {
	node := rabbittest.Start(b)
	for _, f := range fleets {
		for _, n := range []int{1, 10, 100, 1000} {
			b.Run(fmt.Sprintf("%s/n=%d", f.name, n), func(b *testing.B) {
				host := node.NewVirtualHost(b)
				declareQueues(b, host.URL, n)
				before, begun := usageOf(b, node), time.Now()
				stop := f.start(b, host.URL, n, func(string) {})
				ready := time.Since(begun)
				after := usageOf(b, node)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(ready.Milliseconds()), "ready-ms")
				b.ReportMetric(float64(after.goroutines-before.goroutines), "goroutines")
				b.ReportMetric(float64(after.memory-before.memory)/1024, "KiB")
				b.ReportMetric(float64(after.sockets-before.sockets), "sockets")
				b.ReportMetric(float64(after.brokerMemory-before.brokerMemory)/1024, "broker-KiB")
				b.ReportMetric(float64(after.brokerProcesses-before.brokerProcesses), "broker-processes")
				stop()
			})
		}
	}
}

// A program of 1,000 queues gets a message from each of them on one connection, with eleven
// goroutines for each consumer.
func TestThousandConsumers(t *testing.T) {
	const n = 1000
	host := rabbittest.New(t)
	declareQueues(t, host.URL, n)
	var mu sync.Mutex
	left := map[string]bool{}
	for i := range n {
		left[queueName(i)] = true
	}
	all := make(chan struct{})
	before := stdruntime.NumGoroutine()
	stop := consumers(oneConnection)(t, host.URL, n, func(queue string) {
		mu.Lock()
		defer mu.Unlock()
		if delete(left, queue); len(left) == 0 {
			close(all)
		}
	})
	defer stop()
	if extra := stdruntime.NumGoroutine() - before; extra > 11*n+10 {
		t.Errorf("%d goroutines for %d consumers", extra, n)
	}
	if names := host.Connections(t); len(names) > 1 {
		t.Errorf("%d consumers have %d connections: %v", n, len(names), names)
	}
	channel := host.Channel(t)
	for i := range n {
		if err := channel.PublishWithContext(t.Context(), "", queueName(i), false, false, amqp.Publishing{Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-all:
	case <-time.After(2 * time.Minute):
		mu.Lock()
		defer mu.Unlock()
		t.Fatalf("nothing came from %d of %d queues", len(left), n)
	}
}

// usage is what this process and the broker use.
type usage struct{ goroutines, memory, sockets, brokerMemory, brokerProcesses int }

func usageOf(b *testing.B, node *rabbittest.Node) usage {
	var u usage
	// Twice: what finalizers free is collected by the second.
	stdruntime.GC()
	stdruntime.GC()
	var memory stdruntime.MemStats
	stdruntime.ReadMemStats(&memory)
	u.goroutines, u.memory = stdruntime.NumGoroutine(), int(memory.HeapInuse+memory.StackInuse)
	files, _ := filepath.Glob("/proc/self/fd/*") // there are none where the system has no /proc
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && strings.HasPrefix(target, "socket:") {
			u.sockets++
		}
	}
	const tell = `[garbage_collect(P) || P <- processes()], io:format("~p ~p", [erlang:memory(total), erlang:system_info(process_count)]).`
	if _, err := fmt.Sscan(node.Control(b, "eval", tell), &u.brokerMemory, &u.brokerProcesses); err != nil {
		b.Fatal(err)
	}
	return u
}

func queueName(i int) string { return fmt.Sprintf("scale.%d", i) }

func declareQueues(b testing.TB, url string, n int) {
	conn, err := amqp.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		if _, err := channel.QueueDeclare(queueName(i), true, false, false, false, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// plainConsumers are loops over the client library: one connection, and a channel and a goroutine
// for each queue.
func plainConsumers(b testing.TB, url string, n int, handled func(string)) (stop func()) {
	conn, err := amqp.Dial(url)
	if err != nil {
		b.Fatal(err)
	}
	var loops sync.WaitGroup
	for i := range n {
		channel, err := conn.Channel()
		if err != nil {
			b.Fatal(err)
		}
		if err := channel.Qos(32, 0, false); err != nil {
			b.Fatal(err)
		}
		deliveries, err := channel.Consume(queueName(i), "", false, false, false, false, nil)
		if err != nil {
			b.Fatal(err)
		}
		loops.Go(func() {
			for delivery := range deliveries {
				handled(queueName(i))
				_ = delivery.Ack(false)
			}
		})
	}
	return func() {
		_ = conn.Close()
		loops.Wait()
	}
}

func oneConnection(broker runtime.Broker) (runtime.ConsumerSource, func()) {
	connection := runtime.DedicatedConnection(broker)
	return runtime.DedicatedChannel(connection), func() { closeSoon(connection) }
}

func pair(broker runtime.Broker) (runtime.ConsumerSource, func()) {
	a, b := runtime.DedicatedConnection(broker), runtime.DedicatedConnection(broker)
	pair := runtime.ActivePassive(runtime.DedicatedChannel(a), runtime.DedicatedChannel(b), runtime.Failover{})
	return pair, func() {
		closeSoon(a)
		closeSoon(b)
	}
}

// consumers makes n consumers on one source, one after another, which run side by side.
func consumers(open func(runtime.Broker) (runtime.ConsumerSource, func())) func(testing.TB, string, int, func(string)) func() {
	return func(t testing.TB, url string, n int, handled func(string)) (stop func()) {
		source, closeSource := open(runtime.Broker{URL: url})
		ctx, cancel := context.WithCancel(context.Background())
		var runs sync.WaitGroup
		all := make([]*runtime.Consumer, n)
		for i := range all {
			var err error
			if all[i], err = newQueueConsumer(ctx, source, queueName(i), handled); err != nil {
				t.Fatal(err)
			}
			runs.Go(func() { _ = all[i].Run(ctx) })
		}
		for _, consumer := range all {
			<-consumer.Ready()
		}
		return func() {
			cancel()
			runs.Wait()
			closeSource()
		}
	}
}

func newQueueConsumer(ctx context.Context, source runtime.ConsumerSource, name string, handled func(string)) (*runtime.Consumer, error) {
	queue := runtime.Queue{Name: name, Durable: true}
	handle := func(context.Context, []byte) error {
		handled(name)
		return nil
	}
	return runtime.NewConsumer(ctx, source, runtime.Subscription{
		Queue:        queue,
		Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}},
		Routes:       []runtime.Route{runtime.RouteBytes(&runtime.Publication{Name: "Any"}, handle)},
	})
}

// producers makes n producers on one connection, one after another, with one channel for all of
// them or one for each, and each publishes once.
func producers(channelEach bool) func(testing.TB, string, int, func(string)) func() {
	return func(t testing.TB, url string, n int, _ func(string)) (stop func()) {
		connection := runtime.DedicatedConnection(runtime.Broker{URL: url})
		source := runtime.DedicatedChannel(connection)
		for i := range n {
			if channelEach {
				source = runtime.DedicatedChannel(connection)
			}
			name := queueName(i)
			declarations := &runtime.Declarations{Queues: []runtime.Queue{{Name: name, Durable: true}}}
			producer, err := runtime.NewProducer(context.Background(), source, declarations)
			if err != nil {
				t.Fatal(err)
			}
			publication := &runtime.Publication{Name: "Any", RoutingKey: name, ContentType: "application/octet-stream"}
			if _, err := producer.Publish(context.Background(), publication, []byte("ready")); err != nil {
				t.Fatal(err)
			}
		}
		return func() { closeSoon(connection) }
	}
}

func closeSoon(connection *runtime.Connection) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_ = connection.Close(ctx)
}
