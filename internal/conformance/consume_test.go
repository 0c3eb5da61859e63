package conformance_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

func testPrefetch(t *testing.T, b *broker) {
	b.queue(t, "q")
	for _, body := range []string{"1", "2", "3", "4"} {
		b.send(t, "q", body)
	}
	c := b.consume(t, "q", 2)
	first := c.expect(t, "1", "2")
	c.nothing(t)
	must(t, first[1].Ack())
	third := c.expect(t, "3")
	c.nothing(t)
	must(t, first[0].Ack())
	must(t, third[0].Reject(false))
	must(t, c.expect(t, "4")[0].Ack())
}

func testAcknowledgeSeveral(t *testing.T, b *broker) {
	b.queue(t, "q")
	for _, body := range []string{"1", "2", "3"} {
		b.send(t, "q", body)
	}
	c := b.consume(t, "q", 10)
	got := c.expect(t, "1", "2", "3")
	must(t, got[1].Acknowledger.Ack(got[1].Tag, true))
	for _, d := range got[:2] {
		if err := d.Ack(); !errors.Is(err, runtime.ErrAnswered) {
			t.Errorf("acknowledged again: %v", err)
		}
	}
	must(t, c.Close(t.Context()))
	if got := bodies(b.take(t, "q", 1)); got[0] != "3" {
		t.Errorf("%q came back", got)
	}
}

func testRequeue(t *testing.T, b *broker) {
	b.queue(t, "q")
	for _, body := range []string{"1", "2", "3"} {
		b.send(t, "q", body)
	}
	c := b.consume(t, "q", 2)
	got := c.expect(t, "1", "2")
	must(t, got[1].Reject(true))
	again := c.expect(t, "2")[0]
	if !again.Redelivered || again.DeliveryCount != 0 {
		t.Errorf("redelivered %v, count %d", again.Redelivered, again.DeliveryCount)
	}
	must(t, got[0].Reject(true))
	c.expect(t, "1")
	must(t, again.Ack())
	if third := c.expect(t, "3")[0]; third.Redelivered {
		t.Error("a first delivery says that it is redelivered")
	}
}

func testSecondAnswer(t *testing.T, b *broker) {
	b.queue(t, "q")
	b.send(t, "q", "1")
	b.send(t, "q", "2")
	c := b.consume(t, "q", 10)
	got := c.expect(t, "1", "2")
	must(t, got[0].Ack())
	for _, err := range []error{got[0].Ack(), got[0].Reject(true)} {
		if !errors.Is(err, runtime.ErrAnswered) {
			t.Errorf("second answer: %v", err)
		}
	}
	must(t, c.Close(t.Context()))
	closed(t, c.Done(), "the channel")
	if err := got[1].Ack(); !errors.Is(err, runtime.ErrStale) {
		t.Errorf("answer on a closed channel: %v", err)
	}
	if d := b.consume(t, "q", 1).expect(t, "2")[0]; !d.Redelivered {
		t.Error("what was not acknowledged is not redelivered")
	}
}

func testCloseGivesBack(t *testing.T, b *broker) {
	b.queue(t, "q")
	for _, body := range []string{"1", "2", "3"} {
		b.send(t, "q", body)
	}
	first := b.consume(t, "q", 2)
	first.expect(t, "1", "2")
	second := b.consume(t, "q", 10)
	second.expect(t, "3")
	must(t, first.Close(t.Context()))
	for _, d := range second.expect(t, "1", "2") {
		if !d.Redelivered {
			t.Errorf("%s is not redelivered", d.Body)
		}
	}
	must(t, first.Close(t.Context()))
}

func testCancel(t *testing.T, b *broker) {
	b.queue(t, "q")
	b.send(t, "q", "1")
	b.send(t, "q", "2")
	c := b.consume(t, "q", 1)
	got := c.expect(t, "1")[0]
	must(t, c.Cancel(t.Context()))
	c.ended(t)
	select {
	case <-c.Done():
		t.Fatal("the channel ended with the consumer")
	default:
	}
	must(t, got.Ack())
	must(t, c.Close(t.Context()))
	if left := bodies(b.take(t, "q", 1)); left[0] != "2" {
		t.Errorf("left %q", left)
	}
}

func testQueueDeleted(t *testing.T, b *broker) {
	b.queue(t, "q")
	b.send(t, "q", "1")
	c := b.consume(t, "q", 1)
	got := c.expect(t, "1")[0]
	b.deleteQueue("q")
	c.ended(t)
	must(t, got.Ack())
	if s := b.publish(t, runtime.Message{RoutingKey: "q", Mandatory: true}); s.Outcome != runtime.OutcomeReturned {
		t.Errorf("publish to a deleted queue: %+v", s)
	}
}

func testConsumeMissing(t *testing.T, b *broker) {
	channel, err := b.ConsumerChannel(t.Context(), runtime.ConsumerRequest{})
	must(t, err)
	if _, err := channel.Consume(t.Context(), runtime.ConsumeRequest{Queue: "missing", Prefetch: 1}); err == nil {
		t.Error("consumed a queue that does not exist")
	}
	closed(t, channel.Done(), "the channel")
	must(t, channel.Close(t.Context()))
}

func testInTurn(t *testing.T, b *broker) {
	b.queue(t, "q")
	consumers := []*consumer{b.consume(t, "q", 10), b.consume(t, "q", 10)}
	for _, body := range []string{"1", "2", "3", "4"} {
		b.send(t, "q", body)
	}
	for _, c := range consumers {
		for range 2 {
			must(t, c.next(t).Ack())
		}
		c.nothing(t)
	}
}

func testSingleActive(t *testing.T, b *broker) {
	b.queue(t, "q", "x-single-active-consumer", true)
	first, second := b.consume(t, "q", 10), b.consume(t, "q", 10)
	b.send(t, "q", "1")
	b.send(t, "q", "2")
	first.expect(t, "1", "2")
	second.nothing(t)
	must(t, first.Close(t.Context()))
	second.expect(t, "1", "2")
}

func testDeliveryCount(t *testing.T, b *broker) {
	b.queue(t, "q", "x-queue-type", "quorum")
	b.send(t, "q", "1")
	c := b.consume(t, "q", 1)
	for count := range 3 {
		d := c.next(t)
		if d.DeliveryCount != count || d.Redelivered != (count > 0) {
			t.Errorf("delivery %d has count %d, redelivered %v", count, d.DeliveryCount, d.Redelivered)
		}
		if _, has := d.Headers["x-delivery-count"]; has != (count > 0) {
			t.Errorf("delivery %d has headers %v", count, d.Headers)
		}
		if acquired := d.Headers["x-acquired-count"]; !b.before43 && acquired != d.Headers["x-delivery-count"] {
			t.Errorf("delivery %d was acquired %v times before", count, acquired)
		}
		must(t, d.Reject(true))
	}
	c.next(t)
	must(t, c.Close(t.Context()))
	if d := b.consume(t, "q", 1).next(t); d.DeliveryCount != 4 {
		t.Errorf("a closed channel counts to %d, want 4", d.DeliveryCount)
	}
}

func testDeliveryLimit(t *testing.T, b *broker) {
	b.queue(t, "dead")
	b.queue(t, "q", "x-queue-type", "quorum", "x-delivery-limit", 2, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead")
	b.send(t, "q", "1")
	c := b.consume(t, "q", 1)
	for range 3 {
		must(t, c.next(t).Reject(true))
	}
	dead := b.consume(t, "dead", 1).next(t)
	if reason(dead) != "delivery_limit" || b.before43 && dead.Redelivered { // 4.3 says sometimes this and sometimes that
		t.Errorf("died of %q, redelivered %v", reason(dead), dead.Redelivered)
	}
	for _, count := range []string{"x-delivery-count", "x-acquired-count"} {
		if _, has := dead.Headers[count]; has {
			t.Errorf("the dead letter keeps its count: %v", dead.Headers)
		}
	}
	c.nothing(t)
}

// testDefaultDeliveryLimit gives a message back one time more than a quorum queue of RabbitMQ 4 allows
// when nobody has said a limit.
func testDefaultDeliveryLimit(t *testing.T, b *broker) {
	b.queue(t, "dead")
	b.queue(t, "q", "x-queue-type", "quorum", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead")
	b.send(t, "q", "1")
	c := b.consume(t, "q", 1)
	const limit = 20
	for range limit + 1 {
		must(t, c.next(t).Reject(true))
	}
	if b.before4 {
		c.expect(t, "1")
		return
	}
	if dead := b.consume(t, "dead", 1).next(t); reason(dead) != "delivery_limit" {
		t.Errorf("died of %q", reason(dead))
	}
	c.nothing(t)
}

// testNoDeliveryLimit turns that limit off.
func testNoDeliveryLimit(t *testing.T, b *broker) {
	if b.before4 {
		t.Skip("RabbitMQ 3 has no limit by default, and refuses the argument that turns it off")
	}
	b.queue(t, "q", "x-queue-type", "quorum", "x-delivery-limit", -1)
	b.send(t, "q", "1")
	c := b.consume(t, "q", 1)
	for range 30 {
		must(t, c.next(t).Reject(true))
	}
	c.expect(t, "1")
}

func testConnectionLost(t *testing.T, b *broker) {
	b.queue(t, "q")
	b.send(t, "q", "1")
	producer, err := b.ProducerChannel(t.Context(), runtime.ProducerRequest{})
	must(t, err)
	c := b.consume(t, "q", 1)
	got := c.expect(t, "1")[0]
	b.cutOff(t, "the consumer's channel", isClosed(c.Done()))
	b.cutOff(t, "the producer's channel", isClosed(producer.Done()))
	c.ended(t)
	if err := got.Ack(); !errors.Is(err, runtime.ErrStale) {
		t.Errorf("answer on a lost connection: %v", err)
	}
	if d := b.consume(t, "q", 1).expect(t, "1")[0]; !d.Redelivered {
		t.Error("not redelivered")
	}
	b.send(t, "q", "after")
}

func testInequivalent(t *testing.T, b *broker) {
	base := runtime.Queue{Name: "q", Durable: true, Arguments: runtime.Headers{"x-message-ttl": 60000, "x-max-length": 5}}
	exchange := runtime.Exchange{Name: "x", Type: "topic", Durable: true}
	b.mustDeclare(t, &runtime.Declarations{Queues: []runtime.Queue{base}, Exchanges: []runtime.Exchange{exchange}})
	for name, change := range map[string]func(*runtime.Queue){
		"durable":                func(q *runtime.Queue) { q.Durable = false },
		"auto_delete":            func(q *runtime.Queue) { q.AutoDelete = true },
		"x-message-ttl":          func(q *runtime.Queue) { q.Arguments["x-message-ttl"] = 1 },
		"x-max-length":           func(q *runtime.Queue) { delete(q.Arguments, "x-max-length") },
		"x-dead-letter-exchange": func(q *runtime.Queue) { q.Arguments["x-dead-letter-exchange"] = "x" },
		"x-overflow":             func(q *runtime.Queue) { q.Arguments["x-overflow"] = "reject-publish" },
	} {
		q := base
		q.Arguments = runtime.Headers{"x-message-ttl": 60000, "x-max-length": 5}
		change(&q)
		err := b.declare(t, &runtime.Declarations{Queues: []runtime.Queue{q}})
		refused(t, err, 406, "PRECONDITION_FAILED - inequivalent arg '"+name+"' for queue 'q' in vhost '")
	}
	for name, change := range map[string]func(*runtime.Exchange){
		"type":        func(e *runtime.Exchange) { e.Type = "direct" },
		"durable":     func(e *runtime.Exchange) { e.Durable = false },
		"auto_delete": func(e *runtime.Exchange) { e.AutoDelete = true },
	} {
		e := exchange
		change(&e)
		err := b.declare(t, &runtime.Declarations{Exchanges: []runtime.Exchange{e}})
		refused(t, err, 406, "PRECONDITION_FAILED - inequivalent arg '"+name+"' for exchange 'x' in vhost '")
	}
}

func testImpossible(t *testing.T, b *broker) {
	queue := func(name string, arguments runtime.Headers) *runtime.Declarations {
		return &runtime.Declarations{Queues: []runtime.Queue{{Name: name, Durable: true, Arguments: arguments}}}
	}
	unknownType := runtime.Reply{Code: 406, Text: "PRECONDITION_FAILED - unknown exchange type 'x-none'"}
	if b.before4 {
		unknownType = runtime.Reply{Code: 503, Text: "COMMAND_INVALID - unknown exchange type 'x-none'"}
	}
	for _, c := range []struct {
		d    *runtime.Declarations
		code uint16
		text string
	}{
		{queue("amq.mine", nil), 403, "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'"},
		{queue("q", runtime.Headers{"x-message-ttl": -1}), 406, "PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q'"},
		{queue("q", runtime.Headers{"x-message-ttl": "soon"}), 406, "PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q'"},
		{queue("q", runtime.Headers{"x-expires": 0}), 406, "PRECONDITION_FAILED - invalid arg 'x-expires' for queue 'q'"},
		{queue("q", runtime.Headers{"x-overflow": "explode"}), 406, "PRECONDITION_FAILED - invalid arg 'x-overflow' for queue 'q'"},
		{queue("q", runtime.Headers{"x-dead-letter-routing-key": "k"}), 406, "PRECONDITION_FAILED - invalid arg 'x-dead-letter-routing-key' for queue 'q'"},
		{
			&runtime.Declarations{Queues: []runtime.Queue{{Name: "q", Arguments: runtime.Headers{"x-queue-type": "quorum"}}}},
			406, "PRECONDITION_FAILED - ",
		},
		{
			&runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "amq.mine", Type: "direct"}}},
			403, "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'",
		},
		{
			&runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "x", Type: "x-none"}}},
			unknownType.Code, unknownType.Text,
		},
		{
			&runtime.Declarations{Bindings: []runtime.Binding{{Queue: "missing", Exchange: "amq.topic"}}},
			404, "NOT_FOUND - no queue 'missing' in vhost '",
		},
	} {
		refused(t, b.declare(t, c.d), c.code, c.text)
	}
	b.queue(t, "q")
	d := &runtime.Declarations{Bindings: []runtime.Binding{{Queue: "q", Exchange: "missing"}}}
	refused(t, b.declare(t, d), 404, "NOT_FOUND - no exchange 'missing' in vhost '")
}

func testVerify(t *testing.T, b *broker) {
	b.bound(t, "topic", "#")
	verify := func(exchange, queue string) error {
		return b.declare(t, &runtime.Declarations{
			Mode:      runtime.DeclareVerify,
			Exchanges: []runtime.Exchange{{Name: exchange, Type: "topic", Durable: true}},
			Queues:    []runtime.Queue{{Name: queue}}, // a passive declaration compares nothing
		})
	}
	must(t, verify("x", "q:#"))
	refused(t, verify("missing", "q:#"), 404, "NOT_FOUND - no exchange 'missing' in vhost '")
	refused(t, verify("x", "missing"), 404, "NOT_FOUND - no queue 'missing' in vhost '")
}

// testExpectedExchange declares an exchange without a type: it must exist, and the rest is made.
func testExpectedExchange(t *testing.T, b *broker) {
	d := &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "of others"}, {Name: "amq.topic"}},
		Queues:    []runtime.Queue{{Name: "q", Durable: true}},
	}
	refused(t, b.declare(t, d), 404, "NOT_FOUND - no exchange 'of others'")
	b.mustDeclare(t, &runtime.Declarations{Queues: d.Queues, Mode: runtime.DeclareVerify})
	b.mustDeclare(t, &runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "of others", Type: "fanout", Durable: true}}})
	again := *d
	b.mustDeclare(t, &again)
}

func testDeclareTwice(t *testing.T, b *broker) {
	for range 2 {
		b.bound(t, "fanout", "one")
	}
	b.routed(t, runtime.Message{}, []string{"q:one"})
	if n := b.ready("q:one"); n != 1 {
		t.Errorf("a binding that was made twice delivers %d times", n)
	}
}

func declarationError(err error) *runtime.DeclarationError {
	refusal, _ := errors.AsType[*runtime.DeclarationError](err)
	return refusal
}

// refusedEventually waits until a declaration is refused with this code.
func refusedEventually(t *testing.T, declare func() error, code uint16) {
	t.Helper()
	deadline := time.Now().Add(testTimeout)
	for {
		if refusal := declarationError(declare()); refusal != nil && slices.Contains([]uint16{code}, refusal.Reply.Code) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not refused with %d", code)
		}
		<-time.After(20 * time.Millisecond)
	}
}
