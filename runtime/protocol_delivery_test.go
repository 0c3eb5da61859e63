package runtime

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// everything is a message with a value in each field that is on the wire.
func everything() *Message {
	at := time.Unix(1_700_000_000, 0)
	return &Message{
		Exchange: "shop", RoutingKey: strings.Repeat("k", 255),
		MessageID: strings.Repeat("m", 255), CorrelationID: "c", ReplyTo: "r", Type: "t", ContentType: "application/json",
		ContentEncoding: "gzip", AppID: "a", UserID: "u", Persistent: true, Priority: 7, Expiration: 1500 * time.Millisecond, Timestamp: at,
		Headers: Headers{
			"nil": nil, "true": true, "false": false, "int8": int8(-8), "uint8": uint8(8), "int16": int16(-16), "uint16": uint16(16),
			"int32": int32(math.MinInt32), "uint32": uint32(math.MaxUint32), "int64": int64(math.MinInt64),
			"float32": float32(1.5), "float64": 2.5, "decimal": Decimal{Scale: 2, Value: 1995}, "time": at,
			"string": "é", "empty": "", "bytes": []byte{0, 1, 2}, "no bytes": []byte{},
			"table": Headers{"inner": Headers{}, "deep": Headers{"x": "y"}}, "array": []any{int32(1), "two", Headers{"three": nil}, []any{}},
		},
		Body: []byte("body"),
	}
}

// contentHeader returns the payload of a message's content header.
func contentHeader(m *Message) []byte {
	frames := appendPublish(nil, 1, m)
	size := int(binary.BigEndian.Uint32(frames[3:])) + frameOverhead // of the method, which comes first
	return frames[size+frameHead : len(frames)-1]
}

func deliverArguments(tag uint64, redelivered bool, exchange, key string) []byte {
	p := appendShort(nil, "consumer")
	p = binary.BigEndian.AppendUint64(p, tag)
	p = append(p, bit(redelivered))
	return appendShort(appendShort(p, exchange), key)
}

func TestDeliveryIsReadAsItWasPublished(t *testing.T) {
	want := everything()
	c := &consumerChannel{request: ConsumeRequest{Queue: "orders"}, deliveries: make(chan *Delivery, 2)}
	for tag := uint64(1); tag <= 2; tag++ { // the second finds the strings of the first
		if err := c.method(methodBasicDeliver, deliverArguments(tag, true, want.Exchange, want.RoutingKey)); err != nil {
			t.Fatal(err)
		}
		if err := c.header(contentHeader(want)); err != nil {
			t.Fatal(err)
		}
		for _, piece := range []string{"bo", "dy"} {
			if err := c.body(bufio.NewReader(strings.NewReader(piece)), len(piece)); err != nil {
				t.Fatal(err)
			}
		}
		got := <-c.deliveries
		if diff := cmp.Diff(want, &got.Message); diff != "" {
			t.Errorf("delivery %d (-published +read):\n%s", tag, diff)
		}
		if got.Tag != tag || !got.Redelivered || got.Queue != "orders" || got.invalid != nil {
			t.Errorf("delivery %d is %+v", tag, got)
		}
	}
}

// TestEmptyBodyArrives sends deliveries without a body. Their header x-delivery-count is the
// broker's only if they are redelivered.
func TestEmptyBodyArrives(t *testing.T) {
	for redelivered, want := range map[bool]int{false: 0, true: 3} {
		c := &consumerChannel{deliveries: make(chan *Delivery, 1)}
		if err := c.method(methodBasicDeliver, deliverArguments(1, redelivered, "", "orders")); err != nil {
			t.Fatal(err)
		}
		if err := c.header(contentHeader(&Message{Headers: Headers{"x-delivery-count": int64(3)}})); err != nil {
			t.Fatal(err)
		}
		if got := <-c.deliveries; len(got.Body) != 0 || got.DeliveryCount != want {
			t.Errorf("got %+v, want a count of %d", got, want)
		}
	}
}

// TestUnreadableHeadersAreInvalidContent: such a message must not end the connection, which would
// meet it again and again.
func TestUnreadableHeadersAreInvalidContent(t *testing.T) {
	deep := Headers{}
	for range maxDepth + 1 {
		deep = Headers{"deeper": deep}
	}
	unknown := contentHeader(&Message{Headers: Headers{"odd": true}, MessageID: "after"})
	unknown[bytes.IndexByte(unknown, 't')] = 'Q'
	for name, payload := range map[string][]byte{"unknown type": unknown, "too deep": contentHeader(&Message{Headers: deep})} {
		t.Run(name, func(t *testing.T) {
			c := &consumerChannel{deliveries: make(chan *Delivery, 1)}
			if err := c.method(methodBasicDeliver, deliverArguments(1, false, "", "orders")); err != nil {
				t.Fatal(err)
			}
			if err := c.header(payload); err != nil {
				t.Fatalf("the connection would end: %v", err)
			}
			delivery := <-c.deliveries
			router, err := newRouter([]Route{RouteJSON(orderPlaced, neverCalled)}, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := router.handle(t.Context(), delivery); !isType[*InvalidError](err) {
				t.Errorf("got %v, want invalid content", err)
			}
		})
	}
}

func TestBadContentEndsTheConnection(t *testing.T) {
	begin := func() *consumerChannel {
		c := &consumerChannel{deliveries: make(chan *Delivery, 1)}
		if err := c.method(methodBasicDeliver, deliverArguments(1, false, "", "orders")); err != nil {
			t.Fatal(err)
		}
		return c
	}
	huge := contentHeader(&Message{})
	binary.BigEndian.PutUint64(huge[4:], math.MaxUint64)
	for name, try := range map[string]func() error{
		"short method":      func() error { return begin().method(methodBasicDeliver, []byte{200, 1}) },
		"header of nothing": func() error { return new(consumerChannel).header(contentHeader(&Message{})) },
		"short header":      func() error { return begin().header([]byte{0, 60}) },
		"body of nothing":   func() error { return new(consumerChannel).body(bufio.NewReader(strings.NewReader("x")), 1) },
		"more body than said": func() error {
			c := begin()
			_ = c.header(contentHeader(&Message{Body: []byte("x")}))
			return c.body(nil, 2)
		},
		"body of no known size": func() error { return begin().header(huge) },
	} {
		if err := try(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAnswersOnTheWire(t *testing.T) {
	ack := appendAck(nil, 7, 258, true)
	reject := appendReject(nil, 7, 258, false)
	if want := []byte{1, 0, 7, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 1, 2, 1, frameEnd}; !bytes.Equal(ack, want) {
		t.Errorf("basic.ack is % x, want % x", ack, want)
	}
	if want := []byte{1, 0, 7, 0, 0, 0, 13, 0, 60, 0, 90, 0, 0, 0, 0, 0, 0, 1, 2, 0, frameEnd}; !bytes.Equal(reject, want) {
		t.Errorf("basic.reject is % x, want % x", reject, want)
	}
}

func TestNoAnswerOnAClosedChannel(t *testing.T) {
	c := &consumerChannel{}
	c.unacked.add(1)
	c.stopWriting()
	if err := c.Ack(1, false); !errors.Is(err, ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
}

// FuzzHeader reads content headers that no broker would send.
func FuzzHeader(f *testing.F) {
	f.Add(contentHeader(everything()))
	f.Add(contentHeader(&Message{}))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var m Message
		size, invalid, err := parseHeader(payload, new(stringCache), &m)
		if err != nil || invalid != nil || size > 0 {
			return
		}
		// What can be read can be published again, as recovery does.
		if err := checkMessage(&m, limits{payload: math.MaxInt}); err == nil {
			appendPublish(nil, 1, &m)
		}
	})
}
