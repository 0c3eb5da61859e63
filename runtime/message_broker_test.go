package runtime_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestEveryProperty publishes a message with everything that AMQP has and reads it with the plain
// client library.
func TestEveryProperty(t *testing.T) {
	host := rabbittest.New(t)
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), queue("orders"))
	publication := &runtime.Publication{
		Name: "All", RoutingKey: "orders", Type: "t", ContentType: "application/xml", ContentEncoding: "utf-8",
		ReplyTo: "answers", Priority: 4, Timestamp: true, CC: []string{"nowhere"},
	}
	at := time.Unix(1_700_000_000, 0)
	receipt, err := producer.Publish(testContext(t), publication, "<a/>",
		runtime.WithCorrelationID("c"), runtime.WithAppID("a"), runtime.WithExpiration(time.Hour), runtime.WithTimestamp(at),
		runtime.WithHeaders(runtime.Headers{
			"nil": nil, "bool": true, "int8": int8(-1), "uint8": uint8(200), "int16": int16(-300), "uint16": uint16(60000),
			"int32": int32(-70000), "uint32": uint32(4e9), "int64": int64(-1 << 62), "int": math.MaxInt,
			"float32": float32(0.5), "float64": 0.1, "string": "é", "bytes": []byte{0, 1}, "time": at,
			"table": runtime.Headers{"a": "b"}, "array": []any{"x", int32(2), runtime.Headers{"d": nil}}, "strings": []string{"a", "b"},
		}))
	if err != nil {
		t.Fatal(err)
	}
	got, ok, err := host.Channel(t).Get("orders", true)
	if err != nil || !ok {
		t.Fatalf("get: %v, %v", ok, err)
	}
	want := amqp.Delivery{
		Headers: amqp.Table{
			"nil": nil, "bool": true, "int8": int8(-1), "uint8": uint8(200), "int16": int16(-300), "uint16": uint16(60000),
			"int32": int32(-70000), "uint32": uint32(4e9), "int64": int64(-1 << 62), "int": int64(math.MaxInt),
			"float32": float32(0.5), "float64": 0.1, "string": "é", "bytes": []byte{0, 1}, "time": at,
			"table": amqp.Table{"a": "b"}, "array": []any{"x", int32(2), amqp.Table{"d": nil}}, "strings": []any{"a", "b"},
			"CC": []any{"nowhere"},
		},
		ContentType: "application/xml", ContentEncoding: "utf-8", DeliveryMode: amqp.Persistent, Priority: 4,
		CorrelationId: "c", ReplyTo: "answers", Expiration: "3600000", MessageId: receipt.MessageID, Timestamp: at,
		Type: "t", AppId: "a", RoutingKey: "orders", Body: []byte("<a/>"), DeliveryTag: got.DeliveryTag, Acknowledger: got.Acknowledger,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestOwnMistakes publishes what makes the broker close the channel. Each costs one channel,
// because the broker's reply says whose mistake it is.
func TestOwnMistakes(t *testing.T) {
	host := rabbittest.New(t)
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL, counters)), queue("orders"))
	for i, mistake := range []*runtime.Publication{
		{Name: "exchange", Exchange: "missing"},
		{Name: "user", RoutingKey: "orders", UserID: "somebody"},
	} {
		receipt, err := producer.Publish(testContext(t), mistake, "x")
		if _, closed := errors.AsType[*runtime.ChannelError](err); !closed || receipt.Attempts != 1 || runtime.MayHaveBeenDelivered(err) {
			t.Errorf("%s: %d attempts, %v", mistake.Name, receipt.Attempts, err)
		}
		for counters.Counts().ChannelsLost < int64(i+1) {
			time.Sleep(time.Millisecond)
		}
	}
	longest := &runtime.Publication{Name: "expiration", RoutingKey: "orders", Expiration: 10 * 365 * 24 * time.Hour}
	if _, err := producer.Publish(testContext(t), longest, "x"); err != nil {
		t.Error(err)
	}
	longest.Expiration++
	if _, err := producer.Publish(testContext(t), longest, "x"); !errors.Is(err, runtime.ErrNotSent) {
		t.Errorf("an expiration that is too long: %v", err)
	}
	reply := &runtime.Publication{Name: "reply-to", RoutingKey: "orders", ReplyTo: "amq.rabbitmq.reply-to"}
	if receipt, err := producer.Publish(testContext(t), reply, "x"); !errors.Is(err, runtime.ErrNotSent) || receipt.Attempts != 0 {
		t.Errorf("a direct reply without its consumer: %v", err)
	}
	if lost := counters.Counts().ChannelsLost; lost != 2 {
		t.Errorf("%d channels were lost, want 2", lost)
	}
}

// TestBodySizes publishes bodies around the sizes at which frames and buffers end.
func TestBodySizes(t *testing.T) {
	host := rabbittest.New(t)
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), queue("orders"))
	channel := host.Channel(t)
	const frame = 128<<10 - 8
	for _, size := range []int{0, 1, 4096, frame - 1, frame, frame + 1, 2 * frame, 3*frame + 17, 5 << 20} {
		body := bytes.Repeat([]byte{byte(size), byte(size >> 8), 3}, size/3+1)[:size]
		if _, err := producer.Publish(testContext(t), to("orders"), body); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		got, ok, err := channel.Get("orders", true)
		if err != nil || !ok || !bytes.Equal(got.Body, body) {
			t.Errorf("%d bytes: got %d bytes, %v, %v", size, len(got.Body), ok, err)
		}
	}
}
