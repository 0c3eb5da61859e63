package headers

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/headers/messages"
	"github.com/scampgen/scampgen/internal/headers/parcellost"
	"github.com/scampgen/scampgen/internal/headers/parcelmoved"
	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// limit limits each wait. It is long, for a machine that runs the tests of all packages at once.
const limit = 90 * time.Second

// seconds is when things happened, in whole seconds.
var seconds = time.Date(2026, 11, 27, 21, 30, 15, 0, time.UTC)

// typed are headers with a value for each property of the contract. Those of at have a fraction of a
// second, which AMQP does not.
func typed() *messages.ParcelHeaders {
	since := seconds.Add(time.Hour)
	size := messages.ParcelHeadersSize{Kind: payload.NumberKind, Number: 5}
	return &messages.ParcelHeaders{
		Tenant: "shop", CorrelationID: new("order-1"), Urgent: new(true),
		Tiny: new(int32(-128)), Small: new(int32(-32768)), Medium: new(int32(-2147483648)), Large: new(int64(-9223372036854775808)),
		Plain: new(int64(7)), Octet: new(uint32(255)), Word: new(uint32(65535)), DoubleWord: new(uint32(4294967295)),
		Level: new(messages.ParcelHeadersLevel2), Ratio: new(0.1), Share: new(float32(0.1)),
		Price: new(payload.MustDecimal("-12.50")), Amount: new(payload.MustDecimal("99999999999.99")),
		At: new(seconds), On: new(payload.DateOf(seconds)), ID: new(payload.UUID{1, 2, 3}),
		Digest: []byte{0, 255, 'x'}, Blob: []byte{0xc3}, State: new(messages.ParcelHeadersStateLost), Note: payload.Null[string](),
		Size: &size, Tags: []string{"a", ""}, Steps: []int32{-1, 1}, Place: &messages.ParcelHeadersPlace{Item0: 1, Item1: -2.5},
		Route: &messages.ParcelHeadersRoute{From: "Ulm", Since: &since, Stops: []messages.ParcelHeadersRouteStopsItem{
			{Weight: new(payload.MustDecimal("0.05"))}, {},
		}},
		Limits: map[string]int32{"day": 3}, Other: payload.Raw(`{"a":[1,1.5,"x",null,true]}`),
	}
}

// read are typed as a consumer reads them: with the constant.
func read() *messages.ParcelHeaders {
	headers := typed()
	headers.SchemaVersion = messages.ParcelHeadersSchemaVersionV1
	return headers
}

// table is what typed is in AMQP, as the client library has it.
func table() amqp.Table {
	return amqp.Table{
		"tenant": "shop", "schema_version": "v1", "correlation_id": "order-1", "urgent": true,
		"tiny": int8(-128), "small": int16(-32768), "medium": int32(-2147483648), "large": int64(-9223372036854775808),
		"plain": int64(7), "octet": uint8(255), "word": uint16(65535), "double_word": uint32(4294967295),
		"level": uint8(2), "ratio": 0.1, "share": float32(0.1),
		"price": amqp.Decimal{Scale: 2, Value: -1250}, "amount": "99999999999.99",
		"at": seconds, "on": "2026-11-27", "id": "01020300-0000-0000-0000-000000000000",
		"digest": []byte{0, 255, 'x'}, "blob": []byte{0xc3}, "state": "lost", "note": nil,
		"size": int64(5), "tags": []any{"a", ""}, "steps": []any{int16(-1), int16(1)}, "place": []any{1.0, -2.5},
		"route": amqp.Table{"from": "Ulm", "since": seconds.Add(time.Hour), "stops": []any{
			amqp.Table{"weight": amqp.Decimal{Scale: 2, Value: 5}}, amqp.Table{},
		}},
		"limits": amqp.Table{"day": int32(3)}, "other": amqp.Table{"a": []any{int64(1), 1.5, "x", nil, true}},
	}
}

// tolerated are tables that other clients could write for typed, by what is different.
var tolerated = map[string]amqp.Table{
	"wide numbers": {
		"tiny": int64(-128), "small": int32(-32768), "medium": int64(-2147483648), "octet": int32(255), "word": int64(65535),
		"double_word": int64(4294967295), "level": float64(2), "plain": int8(7), "share": float64(float32(0.1)), "steps": []any{int64(-1), int8(1)},
		"limits": amqp.Table{"day": uint16(3)}, "place": []any{int32(1), amqp.Decimal{Scale: 1, Value: -25}},
	},
	"texts": {
		"at": seconds.Format(time.RFC3339), "urgent": "true", "plain": "7", "ratio": "0.1", "price": "-12.50", "digest": "AP94", "blob": "ww==",
	},
	"bytes for strings":   {"tenant": []byte("shop"), "on": []byte("2026-11-27"), "tags": []any{[]byte("a"), ""}},
	"decimals":            {"amount": "99999999999.99", "price": amqp.Decimal{Scale: 2, Value: -1250}, "plain": amqp.Decimal{Value: 7}},
	"headers of a broker": {"x-death": []any{amqp.Table{"count": int64(1)}}, "x-delivery-count": int64(0), "unknown": 1.5},
}

var same = cmp.Options{
	cmp.AllowUnexported(payload.Optional[string]{}),
	cmp.Comparer(func(x, y payload.Decimal) bool { return x.Cmp(y) == 0 }),
	cmp.Comparer(func(x, y time.Time) bool { return x.Equal(y) }),
}

// A line is a virtual host with the clients of one program.
type line struct {
	host   *rabbittest.VirtualHost
	source runtime.Source
}

func open(t *testing.T) line {
	t.Helper()
	host := rabbittest.New(t)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL})
	t.Cleanup(func() {
		if err := connection.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return line{host, runtime.DedicatedChannel(connection)}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

func newProducer(t *testing.T, source runtime.ProducerSource, options ...runtime.ProducerOption) *parcelmoved.Producer {
	t.Helper()
	producer, err := parcelmoved.NewProducer(within(t), source, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := producer.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return producer
}

// An arrival is what a handler was called with.
type arrival struct {
	headers  *messages.ParcelHeaders
	delivery *runtime.Delivery
}

// consume runs a consumer whose handler returns the answers in turn, and nil after them.
func consume(t *testing.T, source runtime.ConsumerSource, answers []error, options ...runtime.ConsumerOption) <-chan arrival {
	t.Helper()
	arrivals := make(chan arrival, 100)
	handle := func(ctx context.Context, _ *messages.Parcel, headers *messages.ParcelHeaders) error {
		arrivals <- arrival{headers, runtime.DeliveryFrom(ctx)}
		if len(answers) == 0 {
			return nil
		}
		answer := answers[0]
		answers = answers[1:]
		return answer
	}
	consumer, err := parcelmoved.NewConsumer(within(t), source, parcelmoved.HandlerFuncs{ParcelMoved: handle}, options...)
	if err != nil {
		t.Fatal(err)
	}
	run(t, consumer)
	return arrivals
}

func run(t *testing.T, consumer *runtime.Consumer) {
	t.Helper()
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func wait[T any](t *testing.T, on <-chan T) T {
	t.Helper()
	select {
	case got := <-on:
		return got
	case <-time.After(limit):
		t.Fatal("nothing arrived")
	}
	panic("unreachable")
}

// get takes a message from a queue with the client library alone, as soon as there is one.
func (l line) get(t *testing.T, queue string) amqp.Delivery {
	t.Helper()
	channel := l.host.Channel(t)
	deliveries, err := channel.Consume(queue, "get", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := wait(t, deliveries)
	if err := channel.Cancel("get", false); err != nil {
		t.Fatal(err)
	}
	return got
}

// put publishes a message with the client library alone.
func (l line) put(t *testing.T, queue string, p amqp.Publishing) {
	t.Helper()
	if err := l.host.Channel(t).PublishWithContext(within(t), "", queue, true, false, p); err != nil {
		t.Fatal(err)
	}
}

// parcel is a message as another client publishes it.
func parcel(headers amqp.Table) amqp.Publishing {
	return amqp.Publishing{Type: "ParcelMoved", ContentType: "application/json", Body: []byte(`{"state":"moved"}`), Headers: headers}
}

func TestWritten(t *testing.T) {
	l := open(t)
	producer := newProducer(t, l.source)
	headers := typed()
	headers.At = new(seconds.Add(999 * time.Millisecond).In(time.FixedZone("", 3600)))
	receipt, err := producer.PublishParcelMoved(within(t), &messages.Parcel{}, headers)
	if err != nil {
		t.Fatal(err)
	}
	got := l.get(t, parcelmoved.QueueName)
	if diff := cmp.Diff(table(), got.Headers, same); diff != "" {
		t.Error(diff)
	}
	if got.CorrelationId != "order-1" || got.MessageId != receipt.MessageID {
		t.Errorf("correlation id %q, message id %q", got.CorrelationId, got.MessageId)
	}
	if diff := cmp.Diff(typed().Tags, headers.Tags); diff != "" || headers.SchemaVersion != "" {
		t.Error("the headers of the caller have changed", diff)
	}
}

// A decimal that AMQP has no room for is written with its digits, and read all the same.
func TestLongDecimals(t *testing.T) {
	l := open(t)
	producer := newProducer(t, l.source)
	arrivals := consume(t, l.source, nil)
	for _, digits := range []string{"2147483648", "-21474836.49", "1e300", "0.1e-254", "0.12345678901234567890"} {
		want := payload.MustDecimal(digits)
		if _, err := producer.PublishParcelMoved(within(t), &messages.Parcel{}, &messages.ParcelHeaders{Tenant: "x", Price: &want}); err != nil {
			t.Fatal(err)
		}
		got := wait(t, arrivals)
		if text := got.delivery.Headers["price"]; digits != "0.1e-254" && text != digits {
			t.Errorf("%s was written as %v", digits, text)
		}
		if got.headers.Price.Cmp(want) != 0 {
			t.Errorf("%s was read as %s", digits, got.headers.Price)
		}
	}
}

func TestRead(t *testing.T) {
	l := open(t)
	arrivals := consume(t, l.source, nil)
	check := func(t *testing.T, headers amqp.Table) {
		t.Helper()
		l.put(t, parcelmoved.QueueName, parcel(headers))
		got := wait(t, arrivals)
		if diff := cmp.Diff(read(), got.headers, same); diff != "" {
			t.Error(diff)
		}
		if got.delivery.CorrelationID != "order-1" {
			t.Errorf("correlation id %q", got.delivery.CorrelationID)
		}
	}
	t.Run("the contract's types", func(t *testing.T) { check(t, table()) })
	for name, other := range tolerated {
		t.Run(name, func(t *testing.T) {
			headers := table()
			maps.Copy(headers, other)
			check(t, headers)
		})
	}
}

// What is wrong with headers is the reason why a message is rejected.
func TestWrong(t *testing.T) {
	l := open(t)
	consume(t, l.source, nil, runtime.WithInvalidRecovery(runtime.Forward("parcel.dead")))
	for want, change := range map[string]func(amqp.Table){
		`the member "tenant" is missing`:       func(h amqp.Table) { delete(h, "tenant") },
		`/schema_version: is "v2"`:             func(h amqp.Table) { h["schema_version"] = "v2" },
		`/tenant: is a number`:                 func(h amqp.Table) { h["tenant"] = int64(5) },
		`/tenant: has 0 characters`:            func(h amqp.Table) { h["tenant"] = "" },
		`/tiny: is 128`:                        func(h amqp.Table) { h["tiny"] = int64(128) },
		`/octet: is -1`:                        func(h amqp.Table) { h["octet"] = int8(-1) },
		`/plain: is 1.5`:                       func(h amqp.Table) { h["plain"] = 1.5 },
		`/urgent: is a string`:                 func(h amqp.Table) { h["urgent"] = "yes" },
		`/at: "yesterday"`:                     func(h amqp.Table) { h["at"] = "yesterday" },
		`/digest: "%"`:                         func(h amqp.Table) { h["digest"] = "%" },
		`/steps/1: is a string`:                func(h amqp.Table) { h["steps"] = []any{int16(1), "x"} },
		`/route: the member "from" is missing`: func(h amqp.Table) { h["route"] = amqp.Table{} },
		`/limits/day: is an array`:             func(h amqp.Table) { h["limits"] = amqp.Table{"day": []any{}} },
		`/tags: is a string`:                   func(h amqp.Table) { h["tags"] = "a" },
	} {
		headers := table()
		change(headers)
		l.put(t, parcelmoved.QueueName, parcel(headers))
		dead := l.get(t, "parcel.dead")
		reason, err := json.Marshal(dead.Headers)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(reason), `\"`, `"`)
		if !strings.Contains(text, "read the headers of ParcelMoved") || !strings.Contains(text, want) {
			t.Errorf("want %q in the dead letter: %s", want, text)
		}
	}
}

// A message that is tried again, and then dead-lettered, keeps its headers with their types.
func TestRetried(t *testing.T) {
	l := open(t)
	producer := newProducer(t, l.source)
	failed := errors.New("not now")
	arrivals := consume(t, l.source, []error{failed, failed, failed, failed},
		runtime.WithRecovery(runtime.Republish(3, runtime.Backoff{Min: time.Millisecond, Max: time.Millisecond})))
	if _, err := producer.PublishParcelMoved(within(t), &messages.Parcel{}, typed()); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if diff := cmp.Diff(read(), wait(t, arrivals).headers, same); diff != "" {
			t.Error(diff)
		}
	}
	got := l.get(t, "parcel.dead").Headers
	for name := range got {
		if _, ours := table()[name]; !ours {
			delete(got, name)
		}
	}
	if diff := cmp.Diff(table(), got, same); diff != "" {
		t.Error(diff)
	}
}

// The broker for tests keeps the types as RabbitMQ does.
func TestScamptest(t *testing.T) {
	tests := scamptest.New()
	l := open(t)
	var all []runtime.Headers
	for _, source := range []runtime.Source{l.source, tests} {
		producer := newProducer(t, source)
		arrivals := consume(t, source, nil)
		if _, err := producer.PublishParcelMoved(within(t), &messages.Parcel{}, typed()); err != nil {
			t.Fatal(err)
		}
		got := wait(t, arrivals)
		if diff := cmp.Diff(read(), got.headers, same); diff != "" {
			t.Error(diff)
		}
		all = append(all, got.delivery.Headers)
	}
	delete(all[0], "x-delivery-count")
	delete(all[1], "x-delivery-count")
	if diff := cmp.Diff(all[0], all[1], same); diff != "" {
		t.Error(diff)
	}
}

// Headers are checked before anything is sent, together with what options change.
func TestChecked(t *testing.T) {
	l := open(t)
	producer := newProducer(t, l.source)
	unchecked := newProducer(t, l.source, runtime.WithoutValidation())
	publish := func(headers *messages.ParcelHeaders, options ...runtime.PublishOption) error {
		_, err := producer.PublishParcelMoved(within(t), &messages.Parcel{}, headers, options...)
		return err
	}
	for want, try := range map[string]func() error{
		`the member "tenant" is missing`: func() error { return publish(nil) },
		`/tenant: has 0 characters`:      func() error { return publish(&messages.ParcelHeaders{}) },
		`/tenant: is a number`: func() error {
			return publish(typed(), runtime.WithHeaders(runtime.Headers{"tenant": 5}))
		},
		`/tiny: 128 does not fit the format int8`: func() error {
			return publish(&messages.ParcelHeaders{Tenant: "x", Tiny: new(int32(128))}, runtime.WithPriority(1))
		},
		`/octet: 256 does not fit the format uint8`: func() error {
			_, err := producer.PublishParcelMovedAsync(within(t), &messages.Parcel{}, &messages.ParcelHeaders{Tenant: "x", Octet: new(uint32(256))}).Wait(within(t))
			return err
		},
		`/word: 65536 does not fit the format uint16`: func() error {
			_, err := unchecked.PublishParcelMoved(within(t), &messages.Parcel{}, &messages.ParcelHeaders{Tenant: "x", Word: new(uint32(65536))})
			return err
		},
	} {
		if err := try(); !errors.Is(err, runtime.ErrNotSent) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if n := l.host.Messages(t, parcelmoved.QueueName); n > 0 {
		t.Errorf("%d messages were sent", n)
	}
	if err := publish(nil, runtime.WithHeaders(runtime.Headers{"tenant": "x", "schema_version": "v1", "unknown": []string{"y"}})); err != nil {
		t.Error(err)
	}
}

func TestCorrelationID(t *testing.T) {
	l := open(t)
	producer := newProducer(t, l.source)
	arrivals := consume(t, l.source, nil)
	headers := typed()
	headers.Tenant = "changed"
	if _, err := producer.PublishParcelMoved(within(t), &messages.Parcel{}, headers, runtime.WithCorrelationID("order-2")); err != nil {
		t.Fatal(err)
	}
	got := wait(t, arrivals)
	if id := *got.headers.CorrelationID; id != "order-2" || got.delivery.CorrelationID != id || got.headers.Tenant != "changed" {
		t.Errorf("the header is %q, the property %q", id, got.delivery.CorrelationID)
	}
	if *headers.CorrelationID != "order-1" {
		t.Error("the headers of the caller have changed")
	}
	other := parcel(amqp.Table{"tenant": "x", "schema_version": "v1", "correlation_id": "header"})
	other.CorrelationId = "property"
	l.put(t, parcelmoved.QueueName, other)
	if got := wait(t, arrivals).delivery.CorrelationID; got != "property" {
		t.Errorf("correlation id %q", got)
	}
}

// A correlation id in the payload is the property too, unless an option says another one.
func TestCorrelationIDInPayload(t *testing.T) {
	l := open(t)
	producer, err := parcellost.NewProducer(within(t), l.source)
	if err != nil {
		t.Fatal(err)
	}
	lost := &messages.Parcel{Order: &messages.ParcelOrder{ID: new("order-1")}}
	for want, options := range map[string][]runtime.PublishOption{"order-1": nil, "mine": {runtime.WithCorrelationID("mine")}} {
		if _, err := producer.PublishParcelLost(within(t), lost, options...); err != nil {
			t.Fatal(err)
		}
		if got := l.get(t, parcellost.QueueName); got.CorrelationId != want || string(got.Body) != `{"order":{"id":"order-1"}}` {
			t.Errorf("want %q, got %q and %s", want, got.CorrelationId, got.Body)
		}
	}
	profile, err := runtime.NewAESGCMProfile("secret", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := parcellost.NewProducer(within(t), l.source, runtime.WithEncryption(profile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := secret.PublishParcelLost(within(t), lost); err != nil {
		t.Fatal(err)
	}
	ids := make(chan string, 1)
	consumer, err := parcellost.NewConsumer(within(t), l.source, parcellost.HandlerFuncs{ParcelLost: func(ctx context.Context, _ *messages.Parcel) error {
		ids <- runtime.DeliveryFrom(ctx).CorrelationID
		return nil
	}}, runtime.WithDecryption(profile))
	if err != nil {
		t.Fatal(err)
	}
	run(t, consumer)
	if got := wait(t, ids); got != "" {
		t.Errorf("what was encrypted is in the open: %q", got)
	}
	for body, want := range map[string]string{`{"order":{"id":"o"}}`: "o", `{"state":"x"}`: "", `{"order":{}}`: ""} {
		l.put(t, parcellost.QueueName, amqp.Publishing{Body: []byte(body)})
		if got := wait(t, ids); got != want {
			t.Errorf("%s has the correlation id %q", body, got)
		}
	}
}
