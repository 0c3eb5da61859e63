package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// prefetch is the prefetch of the tested consumers.
const prefetch = 100

// A consumerExperiment is one scenario on one topology of a consumer: a queue with a producer that
// the fault does not reach, a consumer that it does, and the messages that were handled.
type consumerExperiment struct {
	*experiment // hosts, nodes, proxies and events
	scenario    consumerScenario
	topology    consumerTopology
	options     []runtime.ConsumerOption
	inspect     func(context.Context, string) error    // runs before a message counts as handled
	arguments   runtime.Headers                        // of the queues
	defaults    bool                                   // the consumer has only these options
	bad         map[string]bool                        // messages that must become dead letters, and no others
	feedURLs    func(*rabbittest.VirtualHost) []string // where what is consumed is published

	rig      consumerRig
	consumer *runtime.Consumer
	stop     func()
	feeders  []*feeder
	stale    int64 // of consumers that have been stopped

	mu      sync.Mutex
	handled map[string]int
	repeats []string // what was handled again
	calls   int
	last    time.Time // of a handled message
	silence time.Duration
}

func newConsumerExperiment(t *testing.T, s consumerScenario, top consumerTopology, nodes func() [2]*rabbittest.Node) *consumerExperiment {
	t.Helper()
	return consumerExperimentIn(newExperiment(t, scenario{environment: s.environment}, topology{name: top.name}, nodes), s, top)
}

// consumerExperimentIn returns an experiment with consumers in the virtual hosts of another one.
func consumerExperimentIn(base *experiment, s consumerScenario, top consumerTopology) *consumerExperiment {
	return &consumerExperiment{
		experiment: base, scenario: s, topology: top, handled: make(map[string]int), bad: make(map[string]bool), stop: func() {},
		feedURLs: func(host *rabbittest.VirtualHost) []string { return []string{host.URL} },
		inspect: func(context.Context, string) error {
			<-time.After(time.Millisecond) // so that a backlog builds up
			return nil
		},
	}
}

// start begins to feed and to consume.
func (x *consumerExperiment) start(t *testing.T) {
	t.Helper()
	x.consume(t)
	x.feed(t)
}

// feed begins to publish to every side that is consumed from.
func (x *consumerExperiment) feed(t *testing.T) {
	t.Helper()
	for _, host := range x.hosts[:x.topology.sides] {
		x.feeders = append(x.feeders, startFeeder(t, len(x.feeders), x.feedURLs(host)...))
	}
}

// connect creates the topology and a consumer on it.
func (x *consumerExperiment) connect(t *testing.T, ctx context.Context) error {
	t.Helper()
	x.rig = x.topology.build(x.broker(t, 0), x.broker(t, 1))
	var options []runtime.ConsumerOption
	if !x.defaults {
		options = []runtime.ConsumerOption{
			runtime.WithPrefetch(prefetch * x.topology.sides), runtime.WithWorkers(4), runtime.WithObserver(x.events),
		}
	}
	consumer, err := runtime.NewConsumer(ctx, x.rig.source, x.subscription(), slices.Concat(options, x.options)...)
	x.consumer = consumer
	return err
}

func (x *consumerExperiment) subscription() runtime.Subscription {
	queue := runtime.Queue{Name: publication.RoutingKey, Durable: true, Arguments: x.arguments}
	return runtime.Subscription{
		Queue: queue, Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}},
		Routes: []runtime.Route{runtime.RouteText(publication, x.handle)},
	}
}

// consume connects and runs the consumer.
func (x *consumerExperiment) consume(t *testing.T) {
	t.Helper()
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	x.run(t)
}

// run runs the consumer that connect has created.
func (x *consumerExperiment) run(t *testing.T) {
	t.Helper()
	consumer := x.consumer
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	x.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		x.stale += consumer.Count(runtime.EventStale)
	})
	t.Cleanup(x.stop)
}

// handle is the handler.
func (x *consumerExperiment) handle(ctx context.Context, id string) error {
	x.mu.Lock()
	x.calls++
	x.mu.Unlock()
	if err := x.inspect(ctx, id); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.handled[id]++; x.handled[id] > 1 {
		x.repeats = append(x.repeats, fmt.Sprintf("%s, redelivered: %v", id, runtime.DeliveryFrom(ctx).Redelivered))
	}
	x.heard()
	return nil
}

// heard notes that time has passed since the last handled message. x is locked.
func (x *consumerExperiment) heard() {
	now := time.Now()
	if !x.last.IsZero() {
		x.silence = max(x.silence, now.Sub(x.last))
	}
	x.last = now
}

// count returns how many messages have been handled.
func (x *consumerExperiment) count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.handled)
}

// flow waits until n more messages have been handled.
func (x *consumerExperiment) flow(t *testing.T, n int) {
	t.Helper()
	goal := x.count() + n
	eventually(t, fmt.Sprintf("%d more messages are handled", n), func() bool { return x.count() >= goal })
}

// starve stops the feeding and waits until everything that was published has been handled.
func (x *consumerExperiment) starve(t *testing.T) {
	t.Helper()
	x.endFeeders(t)
	defer func() {
		if missing := x.unhandled(); len(missing) > 0 {
			t.Logf("%d messages were not handled:\n%s", len(missing), x.explain(t, missing))
		}
	}()
	eventually(t, "everything is handled", func() bool { return x.missing() == 0 })
}

func (x *consumerExperiment) endFeeders(t *testing.T) {
	t.Helper()
	for _, f := range x.feeders {
		f.end(t)
	}
}

// missing returns how many of the acknowledged messages have not been handled, without the bad
// ones.
func (x *consumerExperiment) missing() (n int) {
	x.eachMissing(func(entry) { n++ })
	return n
}

// unhandled returns the entries of these messages.
func (x *consumerExperiment) unhandled() (unhandled []entry) {
	x.eachMissing(func(e entry) { unhandled = append(unhandled, e) })
	return unhandled
}

func (x *consumerExperiment) eachMissing(visit func(entry)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, f := range x.feeders {
		for _, e := range f.acknowledged() {
			if x.handled[e.id] == 0 && !x.bad[e.id] {
				visit(e)
			}
		}
	}
}

// finish ends everything and counts.
func (x *consumerExperiment) finish(t *testing.T) consumerResult {
	t.Helper()
	if x.deadLetters(t) <= len(x.bad) { // otherwise some are missing for good
		x.starve(t)
	}
	x.endFeeders(t)
	x.stop()
	x.closeRig(t)
	r := consumerResult{
		id: x.scenario.id, fault: x.scenario.fault, topology: x.topology.name,
		handled: len(x.handled), dead: x.deadLetters(t), again: -len(x.handled),
		stale: x.stale, silence: x.silence, outage: x.outageLasted(), goroutines: x.goroutinesLeft(),
	}
	r.lost = max(0, x.missing()-(r.dead-len(x.bad)))
	limit := x.scenario.times * x.topology.sides * prefetch
	for _, f := range x.feeders {
		r.published += len(f.acknowledged())
		limit += int(f.resent.Load())
	}
	for _, n := range x.handled {
		r.again += n
	}
	if r.again > limit {
		t.Errorf("%d messages were handled again, the limit is %d: a prefetch for each fault, and what the feeder sent again:\n%s",
			r.again, limit, strings.Join(x.repeats[:min(named, len(x.repeats))], "\n"))
	}
	if r.dead != len(x.bad) {
		t.Errorf("%d dead letters, want those of the %d bad messages", r.dead, len(x.bad))
		return r
	}
	if x.arguments["x-queue-type"] != stream { // a stream keeps its messages
		for _, host := range x.hosts[:x.topology.sides] {
			host.WaitMessages(t, publication.RoutingKey, 0)
		}
	}
	if r.lost > 0 {
		t.Errorf("%d messages were acknowledged without being handled:\n%s", r.lost, x.explain(t, x.unhandled()))
	}
	if r.goroutines > 0 {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines are left:\n%s", r.goroutines, stacks[:goruntime.Stack(stacks, true)])
	}
	return r
}

// deadLetters returns how many messages have become dead letters. One can have become two: the process
// ends after it has published the dead letter and before it has acknowledged the message.
func (x *consumerExperiment) deadLetters(t *testing.T) int {
	t.Helper()
	ids := map[string]bool{}
	for _, host := range x.hosts[:x.topology.sides] {
		err := dial(t, host, func(channel *amqp.Channel) error { return peek(channel, publication.RoutingKey+".dead", ids) })
		var missing *amqp.Error
		if err != nil && (!errors.As(err, &missing) || missing.Code != amqp.NotFound) {
			t.Fatal(err)
		}
	}
	return len(ids)
}

// peek adds the ids of the messages in a queue to ids. The messages go back when the channel ends.
func peek(channel *amqp.Channel, queue string, ids map[string]bool) error {
	for {
		message, ok, err := channel.Get(queue, false)
		if err != nil || !ok {
			return err
		}
		ids[message.MessageId] = true
	}
}

// remakeQueues declares the queues that are consumed from with other arguments.
func (x *consumerExperiment) remakeQueues(t *testing.T, arguments runtime.Headers) {
	t.Helper()
	x.arguments = arguments
	for _, host := range x.hosts[:x.topology.sides] {
		err := dial(t, host, func(channel *amqp.Channel) error {
			if _, err := channel.QueueDelete(publication.RoutingKey, false, false, false); err != nil {
				return err
			}
			_, err := channel.QueueDeclare(publication.RoutingKey, true, false, false, false, amqp.Table(arguments))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (x *consumerExperiment) closeRig(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := x.rig.close(ctx); err != nil {
		t.Errorf("close connections: %v", err)
	}
}

// feederWorkers is how many messages a feeder has in flight.
const feederWorkers = 5

// A feeder publishes messages, out of reach of the fault, each with its own id.
type feeder struct {
	connection *runtime.Connection
	producer   *runtime.Producer
	stop       chan struct{}
	done       sync.WaitGroup
	once       sync.Once
	next       atomic.Int64
	limit      int64 // how many it publishes
	resent     atomic.Int64

	mu    sync.Mutex
	acked []entry
}

// startFeeder begins to publish without end.
func startFeeder(t *testing.T, number int, urls ...string) *feeder {
	t.Helper()
	return startLimited(t, number, math.MaxInt64, urls...)
}

// feed publishes n messages, whose ids are number and then 1 to n.
func feed(t *testing.T, host *rabbittest.VirtualHost, number, n int) *feeder {
	t.Helper()
	f := startLimited(t, number, int64(n), host.URL)
	f.done.Wait()
	f.end(t)
	return f
}

func startLimited(t *testing.T, number int, limit int64, urls ...string) *feeder {
	t.Helper()
	f := &feeder{stop: make(chan struct{}), limit: limit, connection: runtime.DedicatedConnection(runtime.Broker{URLs: urls, Name: "feeder"})}
	var err error
	if f.producer, err = runtime.NewProducer(t.Context(), runtime.DedicatedChannel(f.connection), nil); err != nil {
		t.Fatal(err)
	}
	for range feederWorkers {
		f.done.Go(func() {
			for {
				select {
				case <-f.stop:
					return
				default:
				}
				i := f.next.Add(1)
				if i > f.limit {
					return
				}
				f.publish(fmt.Sprintf("%d-%d", number, i))
			}
		})
	}
	t.Cleanup(func() { f.end(t) })
	return f
}

func (f *feeder) publish(id string) {
	begun := time.Now()
	receipt, err := f.producer.Publish(context.Background(), publication, id, runtime.WithMessageID(id))
	f.resent.Add(int64(max(0, receipt.Attempts-1)))
	if err != nil {
		<-time.After(10 * time.Millisecond) // do not hammer a source that refuses at once
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acked = append(f.acked, newEntry(begun, receipt))
}

func (f *feeder) acknowledged() []entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.acked
}

// end stops the publishing.
func (f *feeder) end(t *testing.T) {
	t.Helper()
	f.once.Do(func() {
		close(f.stop)
		f.done.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := f.producer.Close(ctx); err != nil {
			t.Errorf("close producer: %v", err)
		}
		_ = f.connection.Close(ctx) // the broker may be dead by now
	})
}
