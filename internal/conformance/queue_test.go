package conformance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/runtime"
)

func testRejectPublish(t *testing.T, b *broker) {
	b.queue(t, "q", "x-max-length", 2, "x-overflow", "reject-publish")
	b.send(t, "q", "1")
	b.send(t, "q", "2")
	if s := b.publish(t, runtime.Message{RoutingKey: "q", Mandatory: true}); s.Outcome != runtime.OutcomeNacked {
		t.Errorf("the third is %+v", s)
	}
	if d := b.consume(t, "q", 1).next(t); string(d.Body) != "1" {
		t.Errorf("delivered %q", d.Body)
	}
	b.eventually(t, "q", 1)
	b.send(t, "q", "only what is ready counts")
}

func testHalfRefused(t *testing.T, b *broker) {
	b.mustDeclare(t, &runtime.Declarations{
		Queues: []runtime.Queue{
			{Name: "full", Durable: true, Arguments: runtime.Headers{"x-max-length": 0, "x-overflow": "reject-publish"}},
			{Name: "open", Durable: true},
		},
		Bindings: []runtime.Binding{{Queue: "full", Exchange: "amq.fanout"}, {Queue: "open", Exchange: "amq.fanout"}},
	})
	if s := b.publish(t, runtime.Message{Exchange: "amq.fanout"}); s.Outcome != runtime.OutcomeNacked {
		t.Errorf("settled as %+v", s)
	}
	b.eventually(t, "open", 1)
}

func testMaxLength(t *testing.T, b *broker) {
	b.queue(t, "dead")
	b.queue(t, "q", "x-max-length", 2, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead")
	for _, body := range []string{"1", "2", "3", "4"} {
		b.send(t, "q", body)
	}
	b.eventually(t, "dead", 2)
	if got := bodies(b.take(t, "q", 2)); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("kept %q", got)
	}
	dead := b.take(t, "dead", 2)
	if got := bodies(dead); !slices.Equal(got, []string{"1", "2"}) || reason(dead[0]) != "maxlen" {
		t.Errorf("dropped %q because of %q", got, reason(dead[0]))
	}
}

func testMaxLengthBytes(t *testing.T, b *broker) {
	b.queue(t, "q", "x-max-length-bytes", 10)
	for _, body := range []string{"12345", "67890", "abc"} {
		b.send(t, "q", body)
	}
	b.eventually(t, "q", 2)
	if got := bodies(b.take(t, "q", 2)); !slices.Equal(got, []string{"67890", "abc"}) {
		t.Errorf("kept %q", got)
	}
}

// reason returns why a dead letter died last.
func reason(d *runtime.Delivery) string {
	deaths, _ := d.Headers["x-death"].([]any)
	if len(deaths) == 0 {
		return ""
	}
	text, _ := deaths[0].(runtime.Headers)["reason"].(string)
	return text
}

// withoutTimes returns the headers of a dead letter without the times of death, which it checks. For
// brokers that do not tell the last death it adds that from the list of all deaths.
func (b *broker) withoutTimes(t *testing.T, d *runtime.Delivery) runtime.Headers {
	t.Helper()
	if b.before4 {
		last := d.Headers["x-death"].([]any)[0].(runtime.Headers)
		for _, what := range []string{"exchange", "queue", "reason"} {
			d.Headers["x-last-death-"+what] = last[what]
		}
	}
	deaths, _ := d.Headers["x-death"].([]any)
	for _, death := range deaths {
		death := death.(runtime.Headers)
		at, _ := death["time"].(time.Time)
		if since := time.Since(at); since < -2*time.Second || since > time.Minute {
			t.Errorf("died at %v", at)
		}
		delete(death, "time")
	}
	return d.Headers
}

func testDeadLetter(t *testing.T, b *broker) {
	b.bound(t, "topic", "#")
	b.queue(t, "q", "x-dead-letter-exchange", "x")
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Body: []byte("body"), Type: "T", Headers: runtime.Headers{"own": "kept"}, Persistent: true})
	must(t, b.consume(t, "q", 1).next(t).Reject(false))
	dead := b.take(t, "q:#", 1)[0]
	want := runtime.Headers{
		"own": "kept", "x-first-death-exchange": "", "x-first-death-queue": "q", "x-first-death-reason": "rejected",
		"x-last-death-exchange": "", "x-last-death-queue": "q", "x-last-death-reason": "rejected",
		"x-death": []any{runtime.Headers{
			"count": int64(1), "exchange": "", "queue": "q", "reason": "rejected", "routing-keys": []any{"q"},
		}},
	}
	if diff := cmp.Diff(want, b.withoutTimes(t, dead)); diff != "" {
		t.Error(diff)
	}
	if dead.Exchange != "x" || dead.RoutingKey != "q" || dead.Type != "T" || string(dead.Body) != "body" || !dead.Persistent ||
		b.before43 && dead.Redelivered { // 4.3 says sometimes this and sometimes that
		t.Errorf("dead letter is %+v", dead)
	}
}

// testDeadLetterAgain sends a message in a circle twice: work, wait, work.
func testDeadLetterAgain(t *testing.T, b *broker) {
	b.queue(t, "work", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "wait")
	b.queue(t, "wait", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "work", "x-message-ttl", 1)
	b.send(t, "work", "1")
	c := b.consume(t, "work", 1)
	must(t, c.next(t).Reject(false))
	must(t, c.next(t).Reject(false))
	want := runtime.Headers{
		"x-first-death-exchange": "", "x-first-death-queue": "work", "x-first-death-reason": "rejected",
		"x-last-death-exchange": "", "x-last-death-queue": "wait", "x-last-death-reason": "expired",
		"x-death": []any{
			runtime.Headers{"count": int64(2), "exchange": "", "queue": "wait", "reason": "expired", "routing-keys": []any{"wait"}},
			runtime.Headers{"count": int64(2), "exchange": "", "queue": "work", "reason": "rejected", "routing-keys": []any{"work"}},
		},
	}
	if diff := cmp.Diff(want, b.withoutTimes(t, c.next(t))); diff != "" {
		t.Error(diff)
	}
}

func testDeadLetterKey(t *testing.T, b *broker) {
	b.bound(t, "direct", "own", "of the queue", "cc")
	b.mustDeclare(t, &runtime.Declarations{
		Queues: []runtime.Queue{
			{Name: "keeps", Durable: true, Arguments: runtime.Headers{"x-dead-letter-exchange": "x"}},
			{Name: "changes", Durable: true, Arguments: runtime.Headers{"x-dead-letter-exchange": "x", "x-dead-letter-routing-key": "of the queue"}},
			{Name: "nowhere", Durable: true, Arguments: runtime.Headers{"x-dead-letter-exchange": "no such exchange"}},
		},
		Bindings: []runtime.Binding{
			{Queue: "keeps", Exchange: "amq.direct", RoutingKey: "own"},
			{Queue: "changes", Exchange: "amq.direct", RoutingKey: "own"},
			{Queue: "nowhere", Exchange: "amq.direct", RoutingKey: "own"},
		},
	})
	b.mustPublish(t, runtime.Message{Exchange: "amq.direct", RoutingKey: "own", Headers: runtime.Headers{"CC": []any{"cc"}}})
	for _, queue := range []string{"keeps", "changes", "nowhere"} {
		must(t, b.consume(t, queue, 1).next(t).Reject(false))
	}
	for _, key := range []string{"own", "of the queue", "cc"} {
		b.eventually(t, "q:"+key, 1)
	}
	if _, has := b.take(t, "q:of the queue", 1)[0].Headers["CC"]; has == b.before4 {
		t.Errorf("with a new routing key, that there is a CC header is %v", has)
	}
	if _, has := b.take(t, "q:own", 1)[0].Headers["CC"]; !has {
		t.Error("the old routing key loses CC")
	}
}

func testQueueTTL(t *testing.T, b *broker) {
	b.queue(t, "dead")
	b.queue(t, "q", "x-message-ttl", 50, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead")
	b.send(t, "q", "1")
	b.send(t, "q", "2")
	b.eventually(t, "dead", 2)
	dead := b.take(t, "dead", 2)
	if got := bodies(dead); !slices.Equal(got, []string{"1", "2"}) || reason(dead[0]) != "expired" {
		t.Errorf("expired %q because of %q", got, reason(dead[0]))
	}
	if b.ready("q") != 0 {
		t.Error("what expired is still there")
	}
}

func testMessageExpiration(t *testing.T, b *broker) {
	b.queue(t, "dead")
	b.queue(t, "q", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead")
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Expiration: 50 * time.Millisecond})
	dead := b.consume(t, "dead", 1).next(t)
	death := b.withoutTimes(t, dead)["x-death"].([]any)[0].(runtime.Headers)
	want := runtime.Headers{
		"count": int64(1), "exchange": "", "queue": "q", "reason": "expired", "routing-keys": []any{"q"}, "original-expiration": "50",
	}
	if diff := cmp.Diff(want, death); diff != "" || dead.Expiration != 0 {
		t.Errorf("expiration %v, %s", dead.Expiration, diff)
	}
}

func testExpiryAtHead(t *testing.T, b *broker) {
	b.queue(t, "dead")
	b.queue(t, "q", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead")
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Body: []byte("stays")})
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Body: []byte("expires"), Expiration: time.Millisecond})
	<-time.After(silence)
	if n := b.ready("q"); n != 2 {
		t.Errorf("%d messages are ready, want 2: only the head expires", n)
	}
	must(t, b.consume(t, "q", 1).expect(t, "stays")[0].Ack())
	b.consume(t, "dead", 1).expect(t, "expires")
}

func testCircle(t *testing.T, b *broker) {
	b.queue(t, "one", "x-message-ttl", 1, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "two")
	b.queue(t, "two", "x-message-ttl", 1, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "one")
	b.send(t, "one", "round")
	b.eventually(t, "one", 0)
	<-time.After(silence)
	if n := b.ready("one") + b.ready("two"); n != 0 {
		t.Errorf("%d messages go round", n)
	}
}

func testPriority(t *testing.T, b *broker) {
	b.queue(t, "q", "x-max-priority", 5)
	for body, priority := range map[string]uint8{"low": 0, "high": 5} {
		b.mustPublish(t, runtime.Message{RoutingKey: "q", Body: []byte(body), Priority: priority})
	}
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Body: []byte("above the queue's"), Priority: 200})
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Body: []byte("middle"), Priority: 3})
	got := bodies(b.take(t, "q", 4))
	if want := []string{"high", "above the queue's", "middle", "low"}; !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
}

func testExclusive(t *testing.T, b *broker) {
	d := &runtime.Declarations{Queues: []runtime.Queue{{Name: "mine", Exclusive: true}}}
	channel, err := b.ConsumerChannel(t.Context(), runtime.ConsumerRequest{Declarations: d})
	must(t, err)
	_, err = channel.Consume(t.Context(), runtime.ConsumeRequest{Queue: "mine", Prefetch: 1})
	must(t, err)
	_, err = b.other.ProducerChannel(t.Context(), runtime.ProducerRequest{Declarations: &runtime.Declarations{Queues: d.Queues}})
	refused(t, err, 405, "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine'")
	b.send(t, "mine", "anybody may publish")
	b.cutOff(t, "the channel", isClosed(channel.Done()))
	d = &runtime.Declarations{Queues: d.Queues, Mode: runtime.DeclareVerify}
	refusedEventually(t, func() error { return b.declare(t, d) }, 404)
}

func testAutoDelete(t *testing.T, b *broker) {
	queues := []runtime.Queue{{Name: "q", AutoDelete: true}}
	b.mustDeclare(t, &runtime.Declarations{Queues: queues})
	first, second := b.consume(t, "q", 1), b.consume(t, "q", 1)
	must(t, first.Cancel(t.Context()))
	b.mustDeclare(t, &runtime.Declarations{Queues: queues, Mode: runtime.DeclareVerify})
	must(t, second.Cancel(t.Context()))
	refused(t, b.declare(t, &runtime.Declarations{Queues: queues, Mode: runtime.DeclareVerify}), 404, "NOT_FOUND - no queue 'q'")
}

func testQueueExpires(t *testing.T, b *broker) {
	b.queue(t, "q", "x-expires", 100)
	c, err := b.tryConsume(t, "q", 1)
	for tries := 1; err != nil && tries < 20; tries++ { // it expired before it was used
		b.queue(t, "q", "x-expires", 100)
		c, err = b.tryConsume(t, "q", 1)
	}
	must(t, err)
	<-time.After(2 * silence)
	b.send(t, "q", "a consumer keeps it")
	c.expect(t, "a consumer keeps it")
	must(t, c.Cancel(t.Context()))
	// Asking for the queue counts as use, so ask in another way.
	deadline := time.Now().Add(testTimeout)
	for b.publish(t, runtime.Message{RoutingKey: "q", Mandatory: true}).Outcome != runtime.OutcomeReturned {
		if time.Now().After(deadline) {
			t.Fatal("an unused queue has not expired")
		}
		<-time.After(20 * time.Millisecond)
	}
}

// refused checks that the broker refused a declaration with this code and a text with this prefix.
func refused(t *testing.T, err error, code uint16, text string) {
	t.Helper()
	refusal := declarationError(err)
	if refusal == nil || refusal.Reply.Code != code || !strings.HasPrefix(refusal.Reply.Text, text) {
		t.Errorf("declared with %v, want %d %s", err, code, text)
	}
}
