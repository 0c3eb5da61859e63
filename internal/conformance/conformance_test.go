// Package conformance_test runs one suite against RabbitMQ and against scamptest, through the
// interfaces that every topology has. If the two differ, scamptest is wrong.
package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// suite is every test of the suite, by name.
var suite = []struct {
	name string
	test func(*testing.T, *broker)
}{
	{"properties", testProperties},
	{"header values", testHeaderValues},
	{"direct exchange", testDirect},
	{"topic exchange", testTopic},
	{"fanout exchange", testFanout},
	{"headers exchange", testHeaders},
	{"alternate exchange", testAlternateExchange},
	{"CC and BCC", testCarbonCopies},
	{"unroutable", testUnroutable},
	{"missing exchange", testMissingExchange},
	{"pipelined order", testPipelinedOrder},
	{"reject-publish", testRejectPublish},
	{"one of two queues refuses", testHalfRefused},
	{"max-length", testMaxLength},
	{"max-length-bytes", testMaxLengthBytes},
	{"dead letter", testDeadLetter},
	{"dead letter again", testDeadLetterAgain},
	{"dead-letter key", testDeadLetterKey},
	{"queue TTL", testQueueTTL},
	{"message expiration", testMessageExpiration},
	{"expiry at the head only", testExpiryAtHead},
	{"circle of expiries", testCircle},
	{"prefetch", testPrefetch},
	{"acknowledge several", testAcknowledgeSeveral},
	{"requeue", testRequeue},
	{"second answer", testSecondAnswer},
	{"close gives back", testCloseGivesBack},
	{"cancel", testCancel},
	{"queue deleted", testQueueDeleted},
	{"consume a missing queue", testConsumeMissing},
	{"consumers in turn", testInTurn},
	{"single active consumer", testSingleActive},
	{"priority", testPriority},
	{"consumer tag", testConsumerTag},
	{"exclusive consumer", testExclusiveConsumer},
	{"exclusive consumer of a quorum queue", testExclusiveQuorum},
	{"consumer priority", testConsumerPriority},
	{"consumer priority that is no number", testWrongPriority},
	{"no acknowledgements", testNoAck},
	{"no acknowledgements, connection lost", testNoAckConnectionLost},
	{"no acknowledgements, closed", testNoAckClosed},
	{"quorum delivery count", testDeliveryCount},
	{"quorum delivery limit", testDeliveryLimit},
	{"quorum delivery limit by default", testDefaultDeliveryLimit},
	{"quorum without a delivery limit", testNoDeliveryLimit},
	{"stream offsets", testStreamOffsets},
	{"answers to a stream", testStreamAnswers},
	{"what a stream is not", testStreamRefusals},
	{"consumer of a stream", testConsumerOfStream},
	{"exclusive queue", testExclusive},
	{"auto-delete queue", testAutoDelete},
	{"x-expires", testQueueExpires},
	{"connection lost", testConnectionLost},
	{"declarations that differ", testInequivalent},
	{"declarations that cannot be", testImpossible},
	{"verify", testVerify},
	{"expected exchange", testExpectedExchange},
	{"declare twice", testDeclareTwice},
	{"consumer handles", testConsumerHandles},
	{"consumer dead-letters", testConsumerDeadLetters},
	{"consumer retries", testConsumerRetries},
	{"consumer forwards", testConsumerForwards},
	{"consumer has a redelivery limit", testConsumerRedeliveryLimit},
	{"consumer stops", testConsumerStops},
	{"consumer without acknowledgements", testConsumerNoAck},
	{"exclusive consumers take over", testExclusiveConsumers},
	{"consumer survives", testConsumerSurvives},
	{"call", testCall},
	{"call without a queue", testCallUnroutable},
	{"call that is cut off", testCallCut},
	{"reply dropped", testReplyDropped},
	{"publish middleware", testPublishMiddleware},
	{"consumer events", testConsumerEvents},
}

func TestScamptest(t *testing.T) {
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) {
			b := scamptest.New()
			c.test(t, onScamptest(b, b))
		})
	}
}

func TestRabbitMQ(t *testing.T) {
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) {
			host := rabbittest.New(t)
			c.test(t, onRabbitMQ(t, host, runtime.DedicatedChannel(connect(t, host.URL))))
		})
	}
}

// onScamptest returns what the suite needs of b, which source leads to.
func onScamptest(b *scamptest.Broker, source runtime.Source) *broker {
	return &broker{
		Source:      source,
		other:       b.Pool(1, 1),
		ready:       func(queue string) int { return len(b.Messages(queue)) },
		consumers:   func(queue string) []string { return tags(b, queue) },
		deleteQueue: func(name string) { b.DeleteQueue(name) },
		cut:         func() { b.Cut() },
	}
}

// onRabbitMQ returns what the suite needs of host, which source leads to.
func onRabbitMQ(t *testing.T, host *rabbittest.VirtualHost, source runtime.Source) *broker {
	t.Helper()
	return &broker{
		Source:      source,
		other:       runtime.DedicatedChannel(connect(t, host.URL)),
		ready:       func(queue string) int { return host.Messages(t, queue) },
		consumers:   func(queue string) []string { return host.Consumers(t, queue) },
		deleteQueue: func(name string) { deleteQueue(t, host, name) },
		cut:         func() { host.CloseConnections(t) },
		before4:     host.IsOlderThan(t, 4, 0),
		before43:    host.IsOlderThan(t, 4, 3),
	}
}

// tags returns the tags of a queue's consumers, sorted.
func tags(b *scamptest.Broker, queue string) (tags []string) {
	for _, request := range b.Consumers(queue) {
		tags = append(tags, request.Tag)
	}
	slices.Sort(tags)
	return tags
}

func connect(t *testing.T, url string) *runtime.Connection {
	t.Helper()
	connection := runtime.DedicatedConnection(runtime.Broker{URL: url})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := connection.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return connection
}

func deleteQueue(t *testing.T, host *rabbittest.VirtualHost, name string) {
	t.Helper()
	if _, err := host.Channel(t).QueueDelete(name, false, false, false); err != nil {
		t.Fatalf("delete queue: %v", err)
	}
}

// A broker is what the suite runs on.
type broker struct {
	runtime.Source
	other       runtime.ProducerSource // another client's connection
	ready       func(queue string) int
	consumers   func(queue string) []string // their tags, sorted
	deleteQueue func(name string)
	cut         func() // closes all connections
	before4     bool   // RabbitMQ 3, which handles CC of dead letters and unknown types in another way
	before43    bool   // RabbitMQ before 4.3, which reports dead letters in another way
}

const (
	testTimeout = time.Minute            // for what must happen, on a machine that runs all tests at once
	silence     = 100 * time.Millisecond // long enough for what must not happen
)

// declare makes d with a client of its own.
func (b *broker) declare(t *testing.T, d *runtime.Declarations) error {
	t.Helper()
	_, err := b.ProducerChannel(t.Context(), runtime.ProducerRequest{Declarations: d})
	return err
}

func (b *broker) mustDeclare(t *testing.T, d *runtime.Declarations) {
	t.Helper()
	if err := b.declare(t, d); err != nil {
		t.Fatalf("declare: %v", err)
	}
}

// queue declares a durable queue with arguments given as name, value, name, value.
func (b *broker) queue(t *testing.T, name string, arguments ...any) {
	t.Helper()
	q := runtime.Queue{Name: name, Durable: true, Arguments: runtime.Headers{}}
	for i := 0; i < len(arguments); i += 2 {
		q.Arguments[arguments[i].(string)] = arguments[i+1]
	}
	b.mustDeclare(t, &runtime.Declarations{Queues: []runtime.Queue{q}})
}

var nextID atomic.Int64

// publish publishes m and waits for its settlement. It gives m a message id, as every producer
// does.
func (b *broker) publish(t *testing.T, m runtime.Message) runtime.Settlement {
	t.Helper()
	return <-b.publishAsync(t, m)
}

func (b *broker) publishAsync(t *testing.T, m runtime.Message) <-chan runtime.Settlement {
	t.Helper()
	channel, err := b.ProducerChannel(t.Context(), runtime.ProducerRequest{})
	if err != nil {
		t.Fatalf("no channel: %v", err)
	}
	if m.MessageID == "" {
		m.MessageID = fmt.Sprint("message-", nextID.Add(1))
	}
	settled := make(chan runtime.Settlement, 1)
	channel.Publish(t.Context(), runtime.PublishRequest{Message: &m, Settle: func(s runtime.Settlement) { settled <- s }})
	return settled
}

// send publishes a body to a queue.
func (b *broker) send(t *testing.T, queue, body string) {
	t.Helper()
	b.mustPublish(t, runtime.Message{RoutingKey: queue, Mandatory: true, Body: []byte(body)})
}

func (b *broker) mustPublish(t *testing.T, m runtime.Message) {
	t.Helper()
	if s := b.publish(t, m); s.Outcome != runtime.OutcomeAcked {
		t.Fatalf("publish to %q with key %q: %+v", m.Exchange, m.RoutingKey, s)
	}
}

// A consumer is one consumer channel with its deliveries.
type consumer struct {
	runtime.ConsumerChannel
	deliveries <-chan *runtime.Delivery
}

func (b *broker) consume(t *testing.T, queue string, prefetch int) *consumer {
	t.Helper()
	c, err := b.tryConsume(t, queue, prefetch)
	if err != nil {
		t.Fatalf("consume: %v", err)
	}
	return c
}

func (b *broker) tryConsume(t *testing.T, queue string, prefetch int) (*consumer, error) {
	t.Helper()
	return b.tryConsumeAs(t, runtime.ConsumeRequest{Queue: queue, Prefetch: prefetch})
}

// consumeAs consumes as request says. If that has no prefetch, it is 1.
func (b *broker) consumeAs(t *testing.T, request runtime.ConsumeRequest) *consumer {
	t.Helper()
	c, err := b.tryConsumeAs(t, request)
	if err != nil {
		t.Fatalf("consume: %v", err)
	}
	return c
}

func (b *broker) tryConsumeAs(t *testing.T, request runtime.ConsumeRequest) (*consumer, error) {
	t.Helper()
	request.Prefetch = max(request.Prefetch, 1)
	channel, err := b.ConsumerChannel(t.Context(), runtime.ConsumerRequest{})
	if err != nil {
		t.Fatalf("no channel: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		if err := channel.Close(ctx); err != nil && !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("close channel: %v", err)
		}
	})
	consumption, err := channel.Consume(t.Context(), request)
	return &consumer{channel, consumption.Deliveries}, err
}

// next waits for a delivery.
func (c *consumer) next(t *testing.T) *runtime.Delivery {
	t.Helper()
	select {
	case d, ok := <-c.deliveries:
		if !ok {
			t.Fatal("the deliveries have ended")
		}
		return d
	case <-time.After(testTimeout):
		t.Fatal("no delivery")
	}
	return nil
}

// expect waits for deliveries with these bodies, in order.
func (c *consumer) expect(t *testing.T, bodies ...string) []*runtime.Delivery {
	t.Helper()
	var got []*runtime.Delivery
	for _, body := range bodies {
		d := c.next(t)
		if string(d.Body) != body {
			t.Fatalf("delivered %q, want %q", d.Body, body)
		}
		got = append(got, d)
	}
	return got
}

// nothing checks that there is no delivery now.
func (c *consumer) nothing(t *testing.T) {
	t.Helper()
	select {
	case d, ok := <-c.deliveries:
		if ok {
			t.Fatalf("delivered %q, want nothing", d.Body)
		}
		t.Fatal("the deliveries have ended")
	case <-time.After(silence):
	}
}

// ended waits until the deliveries end.
func (c *consumer) ended(t *testing.T) {
	t.Helper()
	for {
		select {
		case _, ok := <-c.deliveries:
			if !ok {
				return
			}
		case <-time.After(testTimeout):
			t.Fatal("the deliveries have not ended")
		}
	}
}

// take reads and acknowledges what is in a queue, until n have come.
func (b *broker) take(t *testing.T, queue string, n int) []*runtime.Delivery {
	t.Helper()
	c := b.consume(t, queue, 100)
	var taken []*runtime.Delivery
	for range n {
		d := c.next(t)
		must(t, d.Ack())
		taken = append(taken, d)
	}
	c.nothing(t)
	must(t, c.Close(t.Context()))
	return taken
}

// bodies takes what is in a queue.
func bodies(deliveries []*runtime.Delivery) (texts []string) {
	for _, d := range deliveries {
		texts = append(texts, string(d.Body))
	}
	return texts
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func closed(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(testTimeout):
		t.Fatalf("%s has not ended", what)
	}
}

// cutOff cuts the connections until something has ended. RabbitMQ's management API, which cuts them,
// learns of a connection a little late.
func (b *broker) cutOff(t *testing.T, what string, ended func() bool) {
	t.Helper()
	deadline := time.Now().Add(testTimeout)
	for !ended() {
		if time.Now().After(deadline) {
			t.Fatalf("%s has not ended", what)
		}
		b.cut()
		for again := time.Now().Add(time.Second); !ended() && time.Now().Before(again); {
			<-time.After(5 * time.Millisecond)
		}
	}
}

// isClosed returns a function that reports whether done is closed.
func isClosed(done <-chan struct{}) func() bool {
	return func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}

// cutOffConsumer cuts the connections until a consumer has been interrupted.
func (b *broker) cutOffConsumer(t *testing.T, consumer *runtime.Consumer) {
	t.Helper()
	before := consumer.Count(runtime.EventInterrupted)
	b.cutOff(t, "the session", func() bool { return consumer.Count(runtime.EventInterrupted) > before })
}

// eventually waits until n messages of a queue are ready.
func (b *broker) eventually(t *testing.T, queue string, n int) {
	t.Helper()
	deadline := time.Now().Add(testTimeout)
	for b.ready(queue) != n {
		if time.Now().After(deadline) {
			t.Fatalf("%d messages in %s, want %d", b.ready(queue), queue, n)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// awaitTags waits until a queue has the consumers with these tags, and no others.
func (b *broker) awaitTags(t *testing.T, queue string, want ...string) {
	t.Helper()
	for deadline := time.Now().Add(testTimeout); ; <-time.After(20 * time.Millisecond) {
		got := b.consumers(queue)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the consumers' tags are %q, want %q", got, want)
		}
	}
}
