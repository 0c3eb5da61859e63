package runtime

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/runtime/internal/frame"
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

func TestDeliveryIsReadAsItWasPublished(t *testing.T) {
	want := everything()
	c := &consumerChannel{request: ConsumeRequest{Queue: "orders"}, deliveries: make(chan *Delivery, 2)}
	for tag := uint64(1); tag <= 2; tag++ { // the second finds the strings of the first
		if err := c.HandleMethod(frame.BasicDeliver, deliverArguments(tag, true, want.Exchange, want.RoutingKey)); err != nil {
			t.Fatal(err)
		}
		if err := c.HandleHeader(contentHeader(want)); err != nil {
			t.Fatal(err)
		}
		for _, piece := range []string{"bo", "dy"} {
			if err := c.HandleBody(bufio.NewReader(strings.NewReader(piece)), len(piece)); err != nil {
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
		if err := c.HandleMethod(frame.BasicDeliver, deliverArguments(1, redelivered, "", "orders")); err != nil {
			t.Fatal(err)
		}
		if err := c.HandleHeader(contentHeader(&Message{Headers: Headers{"x-delivery-count": int64(3)}})); err != nil {
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
	for range 65 {
		deep = Headers{"deeper": deep}
	}
	unknown := contentHeader(&Message{Headers: Headers{"odd": true}, MessageID: "after"})
	unknown[bytes.IndexByte(unknown, 't')] = 'Q'
	for name, payload := range map[string][]byte{"unknown type": unknown, "too deep": contentHeader(&Message{Headers: deep})} {
		t.Run(name, func(t *testing.T) {
			c := &consumerChannel{deliveries: make(chan *Delivery, 1)}
			if err := c.HandleMethod(frame.BasicDeliver, deliverArguments(1, false, "", "orders")); err != nil {
				t.Fatal(err)
			}
			if err := c.HandleHeader(payload); err != nil {
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
		if err := c.HandleMethod(frame.BasicDeliver, deliverArguments(1, false, "", "orders")); err != nil {
			t.Fatal(err)
		}
		return c
	}
	huge := contentHeader(&Message{})
	binary.BigEndian.PutUint64(huge[4:], math.MaxUint64)
	for name, try := range map[string]func() error{
		"short method":      func() error { return begin().HandleMethod(frame.BasicDeliver, []byte{200, 1}) },
		"header of nothing": func() error { return new(consumerChannel).HandleHeader(contentHeader(&Message{})) },
		"short header":      func() error { return begin().HandleHeader([]byte{0, 60}) },
		"body of nothing":   func() error { return new(consumerChannel).HandleBody(bufio.NewReader(strings.NewReader("x")), 1) },
		"more body than said": func() error {
			c := begin()
			_ = c.HandleHeader(contentHeader(&Message{Body: []byte("x")}))
			return c.HandleBody(nil, 2)
		},
		"body of no known size": func() error { return begin().HandleHeader(huge) },
	} {
		if err := try(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNoAnswerOnAClosedChannel(t *testing.T) {
	c := &consumerChannel{}
	c.unacked.add(1)
	c.StopWriting()
	if err := c.Ack(1, false); !errors.Is(err, ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
}

// TestTagsRise sends deliveries whose answers could not be distinguished.
func TestTagsRise(t *testing.T) {
	for _, tags := range [][]uint64{{0}, {1, 1}, {1, 3, 2}} {
		var in []byte
		for _, tag := range tags {
			in = append(in, delivery(1, tag, "body")...)
		}
		c := &consumerChannel{deliveries: make(chan *Delivery, 3)}
		if err := receive(in, c); !errors.Is(err, errTag) || len(c.deliveries) != len(tags)-1 {
			t.Errorf("tags %v: %d arrived, %v", tags, len(c.deliveries), err)
		}
	}
}

// TestLargeBodyIsNotBelieved announces a body and does not send it.
func TestLargeBodyIsNotBelieved(t *testing.T) {
	promise := delivery(1, 1, "")
	at := bytes.Index(promise, []byte{0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	binary.BigEndian.PutUint64(promise[at+4:], maxBody)
	c := &consumerChannel{deliveries: make(chan *Delivery, 1)}
	if err := receive(slices.Concat(promise, frameOf(frameBody, 1, 'b')), c); err != nil {
		t.Fatal(err)
	}
	if got := cap(c.arriving.delivery.Body); got > bodyAhead || len(c.deliveries) > 0 {
		t.Errorf("%d bytes were taken for it", got)
	}
}
