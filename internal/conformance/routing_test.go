package conformance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scampgen/scampgen/runtime"
)

func testProperties(t *testing.T, b *broker) {
	b.queue(t, "q")
	sent := runtime.Message{
		RoutingKey: "q", Mandatory: true,
		MessageID: "id-1", CorrelationID: "correlation", ReplyTo: "replies", Type: "OrderPlaced",
		ContentType: "application/json", ContentEncoding: "utf-8", AppID: "app", UserID: "guest",
		Persistent: true, Priority: 3, Expiration: 90*time.Second + 1500*time.Microsecond, Timestamp: time.Unix(1700000000, 123),
		Headers: runtime.Headers{"a": "b"}, Body: []byte("body"),
	}
	b.mustPublish(t, sent)
	want := sent
	want.Mandatory = false
	want.Expiration = 90*time.Second + time.Millisecond
	want.Timestamp = time.Unix(1700000000, 0)
	got := b.consume(t, "q", 1).next(t)
	if diff := cmp.Diff(want, got.Message); diff != "" {
		t.Error(diff)
	}
	if got.Queue != "q" || got.Redelivered || got.DeliveryCount != 0 || got.Tag == 0 {
		t.Errorf("delivery is %+v", got)
	}
}

func testHeaderValues(t *testing.T, b *broker) {
	b.queue(t, "q")
	at := time.Unix(1700000000, 0)
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Headers: runtime.Headers{
		"nil": nil, "bool": true, "int": 7, "large int": 1 << 40, "int8": int8(-8), "int16": int16(-16), "int32": int32(-32), "int64": int64(-64),
		"byte": byte(8), "uint16": uint16(16), "uint32": uint32(32), "float32": float32(0.5), "float64": 0.25,
		"string": "text", "bytes": []byte{1, 2}, "time": at, "array": []any{"a", 1, runtime.Headers{"x": "y"}}, "strings": []string{"a", "b"},
		"table": runtime.Headers{"inner": runtime.Headers{"deep": 1}}, "empty": runtime.Headers{},
		"decimal": runtime.Decimal{Scale: 2, Value: -1995},
	}})
	want := runtime.Headers{
		"nil": nil, "bool": true, "int": int64(7), "large int": int64(1 << 40), "int8": int8(-8), "int16": int16(-16), "int32": int32(-32), "int64": int64(-64),
		"byte": byte(8), "uint16": uint16(16), "uint32": uint32(32), "float32": float32(0.5), "float64": 0.25,
		"string": "text", "bytes": []byte{1, 2}, "time": at, "array": []any{"a", int64(1), runtime.Headers{"x": "y"}}, "strings": []any{"a", "b"},
		"table": runtime.Headers{"inner": runtime.Headers{"deep": int64(1)}}, "empty": runtime.Headers{},
		"decimal": runtime.Decimal{Scale: 2, Value: -1995},
	}
	if diff := cmp.Diff(want, b.consume(t, "q", 1).next(t).Headers); diff != "" {
		t.Error(diff)
	}
}

// bound declares an exchange and one queue for each binding key, named as the key.
func (b *broker) bound(t *testing.T, kind string, keys ...string) {
	t.Helper()
	d := &runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "x", Type: kind, Durable: true}}}
	for _, key := range keys {
		name := "q:" + key
		d.Queues = append(d.Queues, runtime.Queue{Name: name, Durable: true})
		d.Bindings = append(d.Bindings, runtime.Binding{Queue: name, Exchange: "x", RoutingKey: key})
	}
	b.mustDeclare(t, d)
}

// routed publishes m to exchange x and returns which of the queues have it.
func (b *broker) routed(t *testing.T, m runtime.Message, queues []string) (got []string) {
	t.Helper()
	before := map[string]int{}
	for _, q := range queues {
		before[q] = b.ready(q)
	}
	m.Exchange = "x"
	b.mustPublish(t, m)
	for _, q := range queues {
		if b.ready(q) > before[q] {
			got = append(got, q)
		}
	}
	return got
}

func testDirect(t *testing.T, b *broker) {
	b.bound(t, "direct", "red", "green")
	got := b.routed(t, runtime.Message{RoutingKey: "red"}, []string{"q:red", "q:green"})
	if !slices.Equal(got, []string{"q:red"}) {
		t.Errorf("red goes to %v", got)
	}
}

func testTopic(t *testing.T, b *broker) {
	patterns := []string{"a.b", "a.*", "*.b", "#", "a.#", "#.b", "a.#.c", "*", "#.*", "*.#.c", ""}
	b.bound(t, "topic", patterns...)
	var queues []string
	for _, p := range patterns {
		queues = append(queues, "q:"+p)
	}
	for _, c := range []struct {
		key  string
		want []string
	}{
		{"a.b", []string{"a.b", "a.*", "*.b", "#", "a.#", "#.b", "#.*"}},
		{"a", []string{"#", "a.#", "*", "#.*"}},
		{"a.c", []string{"a.*", "#", "a.#", "a.#.c", "#.*", "*.#.c"}},
		{"a.x.y.c", []string{"#", "a.#", "a.#.c", "#.*", "*.#.c"}},
		{"b", []string{"#", "#.b", "*", "#.*"}},
		{"", []string{"#", ""}},
		{".", []string{"#", "#.*"}},
		{"x.y", []string{"#", "#.*"}},
	} {
		var want []string
		for _, p := range c.want {
			want = append(want, "q:"+p)
		}
		if got := b.routed(t, runtime.Message{RoutingKey: c.key}, queues); !slices.Equal(got, want) {
			t.Errorf("%q goes to %q, want %q", c.key, got, want)
		}
	}
}

func testFanout(t *testing.T, b *broker) {
	b.bound(t, "fanout", "one", "two")
	if got := b.routed(t, runtime.Message{RoutingKey: "any"}, []string{"q:one", "q:two"}); len(got) != 2 {
		t.Errorf("goes to %v", got)
	}
}

func testHeaders(t *testing.T, b *broker) {
	bindings := []struct {
		queue     string
		arguments runtime.Headers
	}{
		{"default", runtime.Headers{"a": 1, "b": "two"}},
		{"all", runtime.Headers{"x-match": "all", "a": 1, "b": "two"}},
		{"any", runtime.Headers{"x-match": "any", "a": 1, "b": "two"}},
		{"present", runtime.Headers{"x-match": "all", "a": nil}},
		{"all without x", runtime.Headers{"x-match": "all", "x-a": "x"}},
		{"all with x", runtime.Headers{"x-match": "all-with-x", "x-a": "x"}},
		{"any with x", runtime.Headers{"x-match": "any-with-x", "x-a": "x", "a": 2}},
		{"nothing", nil},
		{"any of nothing", runtime.Headers{"x-match": "any"}},
	}
	d := &runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "x", Type: "headers", Durable: true}}}
	var queues []string
	for _, to := range bindings {
		queues = append(queues, to.queue)
		d.Queues = append(d.Queues, runtime.Queue{Name: to.queue, Durable: true})
		d.Bindings = append(d.Bindings, runtime.Binding{Queue: to.queue, Exchange: "x", Arguments: to.arguments})
	}
	b.mustDeclare(t, d)
	for _, c := range []struct {
		headers runtime.Headers
		want    []string
	}{
		{nil, []string{"all without x", "nothing"}},
		{runtime.Headers{"a": 1}, []string{"any", "present", "all without x", "nothing"}},
		{runtime.Headers{"a": int64(1), "b": "two"}, []string{"default", "all", "any", "present", "all without x", "nothing"}},
		{runtime.Headers{"a": "1", "b": "2"}, []string{"present", "all without x", "nothing"}},
		{runtime.Headers{"x-a": "x"}, []string{"all without x", "all with x", "any with x", "nothing"}},
		{runtime.Headers{"a": 2}, []string{"present", "all without x", "any with x", "nothing"}},
	} {
		if got := b.routed(t, runtime.Message{Headers: c.headers}, queues); !slices.Equal(got, c.want) {
			t.Errorf("%v goes to %q, want %q", c.headers, got, c.want)
		}
	}
}

func testAlternateExchange(t *testing.T, b *broker) {
	b.mustDeclare(t, &runtime.Declarations{
		Exchanges: []runtime.Exchange{
			{Name: "rest", Type: "fanout", Durable: true},
			{Name: "x", Type: "direct", Durable: true, Arguments: runtime.Headers{"alternate-exchange": "rest"}},
		},
		Queues: []runtime.Queue{{Name: "red", Durable: true}, {Name: "rest", Durable: true}},
		Bindings: []runtime.Binding{
			{Queue: "red", Exchange: "x", RoutingKey: "red"},
			{Queue: "rest", Exchange: "rest"},
		},
	})
	for key, want := range map[string]string{"red": "red", "blue": "rest"} {
		if got := b.routed(t, runtime.Message{RoutingKey: key, Mandatory: true}, []string{"red", "rest"}); !slices.Equal(got, []string{want}) {
			t.Errorf("%s goes to %v", key, got)
		}
	}
}

func testCarbonCopies(t *testing.T, b *broker) {
	for _, name := range []string{"to", "cc", "bcc"} {
		b.queue(t, name)
	}
	b.mustPublish(t, runtime.Message{RoutingKey: "to", Headers: runtime.Headers{"CC": []any{"cc", "to"}, "BCC": []any{"bcc"}}})
	for _, name := range []string{"to", "cc", "bcc"} {
		got := b.take(t, name, 1)[0]
		want := runtime.Headers{"CC": []any{"cc", "to"}}
		if diff := cmp.Diff(want, got.Headers, cmpopts.EquateEmpty()); diff != "" || got.RoutingKey != "to" {
			t.Errorf("%s: key %q, headers %s", name, got.RoutingKey, diff)
		}
	}
}

func testUnroutable(t *testing.T, b *broker) {
	b.bound(t, "direct", "red")
	want := runtime.Reply{Code: 312, Text: "NO_ROUTE"}
	for _, m := range []runtime.Message{{RoutingKey: "no such queue"}, {Exchange: "x", RoutingKey: "blue"}} {
		m.Mandatory = true
		if s := b.publish(t, m); s.Outcome != runtime.OutcomeReturned || s.Reply != want || s.Err != nil {
			t.Errorf("mandatory: %+v", s)
		}
		m.Mandatory = false
		if s := b.publish(t, m); s.Outcome != runtime.OutcomeAcked {
			t.Errorf("not mandatory: %+v", s)
		}
	}
}

func testMissingExchange(t *testing.T, b *broker) {
	channel, err := b.ProducerChannel(t.Context(), runtime.ProducerRequest{})
	must(t, err)
	settled := make(chan runtime.Settlement, 1)
	channel.Publish(t.Context(), runtime.PublishRequest{Message: &runtime.Message{Exchange: "missing", MessageID: "1"}, Settle: func(s runtime.Settlement) { settled <- s }})
	s := <-settled
	if s.Outcome == runtime.OutcomeAcked || s.Err == nil {
		t.Errorf("settled as %+v", s)
	}
	closed(t, channel.Done(), "the channel")
	channel.Publish(t.Context(), runtime.PublishRequest{Message: &runtime.Message{MessageID: "2"}, Settle: func(s runtime.Settlement) { settled <- s }})
	if s := <-settled; s.Outcome != runtime.OutcomeNotSent || s.Err == nil {
		t.Errorf("on a dead channel: %+v", s)
	}
	b.queue(t, "q")
	b.send(t, "q", "the next channel works")
}

func testPipelinedOrder(t *testing.T, b *broker) {
	b.queue(t, "q")
	var settled []<-chan runtime.Settlement
	var want []string
	for i := range 100 {
		want = append(want, string(rune('A'+i%50)))
		settled = append(settled, b.publishAsync(t, runtime.Message{RoutingKey: "q", Mandatory: i%2 == 0, Body: []byte(want[i])}))
		if i%10 == 0 {
			settled = append(settled, b.publishAsync(t, runtime.Message{RoutingKey: "nowhere"}))
		}
	}
	for _, s := range settled {
		if got := <-s; got.Outcome != runtime.OutcomeAcked {
			t.Fatalf("settled as %+v", got)
		}
	}
	if diff := cmp.Diff(want, bodies(b.take(t, "q", 100))); diff != "" {
		t.Error(diff)
	}
}
