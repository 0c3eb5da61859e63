package runtime

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

func TestUUID(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := newUUID(time.Now())
		if len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) || seen[id] {
			t.Fatalf("%q is no UUID of version 7, or came twice", id)
		}
		seen[id] = true
	}
}

// TestContextWithDelivery gives a delivery to a handler, as a unit test does.
func TestContextWithDelivery(t *testing.T) {
	handle := func(ctx context.Context) string {
		if d := DeliveryFrom(ctx); d != nil {
			return d.MessageID
		}
		return "none"
	}
	ctx := ContextWithDelivery(t.Context(), &Delivery{Message: Message{MessageID: "1"}})
	if got := handle(ctx); got != "1" {
		t.Errorf("the handler has %q", got)
	}
	if got := handle(t.Context()); got != "none" {
		t.Errorf("without a delivery, the handler has %q", got)
	}
}

func TestSizes(t *testing.T) {
	long := strings.Repeat("x", 256)
	tests := []struct {
		name    string
		message Message
		want    string
	}{
		{"all is well", *everything(), ""},
		{"as long as can be", Message{RoutingKey: long[1:], Body: make([]byte, 100)}, ""},
		{"exchange", Message{Exchange: long}, "exchange: 256 bytes are longer than the 255 that AMQP allows"},
		{"routing key", Message{RoutingKey: long}, "routing key: 256 bytes are longer than the 255 that AMQP allows"},
		{"message id", Message{MessageID: long}, "message id: 256 bytes are longer than the 255 that AMQP allows"},
		{"body", Message{Body: make([]byte, 101)}, "body: 101 bytes are more than the broker accepts, 100 (see Broker.MaxMessageSize)"},
		{"header's name", Message{Headers: Headers{long: 1}}, `header "xxxxxxxxxxxxxxxxxxxx"...: the name's 256 bytes are longer than the 255 that AMQP allows`},
		{"header's type", Message{Headers: Headers{"a": struct{}{}}}, `header "a": AMQP has no type for a struct {}`},
		{"nested", Message{Headers: Headers{"a": []any{Headers{"b": make(chan int)}}}}, `header "a": [0]: "b": AMQP has no type for a chan int`},
		{"not a number", Message{Headers: Headers{"a": []any{Headers{"b": math.NaN()}}}}, `header "a": [0]: "b": NaN is a number that RabbitMQ cannot read`},
		{"an infinity", Message{Headers: Headers{"a": float32(math.Inf(-1))}}, `header "a": -Inf is a number that RabbitMQ cannot read`},
		{"CC that is text", Message{Headers: Headers{"CC": "k"}}, `header "CC": RabbitMQ takes additional routing keys from it, so it must be a list of strings`},
		{"CC that is nothing", Message{Headers: Headers{"CC": nil}}, `header "CC": RabbitMQ takes additional routing keys from it, so it must be a list of strings`},
		{"BCC with a number", Message{Headers: Headers{"BCC": []any{"k", 1}}}, `header "BCC": RabbitMQ takes additional routing keys from it, so it must be a list of strings`},
		{"CC and BCC", Message{Headers: Headers{"CC": []any{"k"}, "BCC": []string{"l"}}}, ""},
		{"direct reply", Message{ReplyTo: "amq.rabbitmq.reply-to"}, "reply-to: amq.rabbitmq.reply-to stands for a consumer of the channel that publishes, and producers have none"},
		{"headers", Message{Headers: Headers{"a": strings.Repeat("x", 5000)}}, "headers: with the other properties they take 5064 bytes, more than the 4088 that fit into a frame"},
		{"headers and properties", Message{MessageID: long[1:], Type: long[1:], Headers: Headers{"a": make([]byte, 3700)}}, "headers: with the other properties they take 4274 bytes, more than the 4088 that fit into a frame"},
		{"longest expiration", Message{Expiration: maxExpiration}, ""},
		{"expiration", Message{Expiration: maxExpiration + time.Hour}, "expiration: 87601h0m0s is longer than the 10 years that RabbitMQ allows; 0 means no limit"},
		{"expired", Message{Expiration: -1}, "expiration: -1ns is negative: the message has expired"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := checkMessage(&test.message, limits{body: 100, payload: 4088})
			if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if err != nil && !isType[unsendable](err) {
				t.Error("it would be sent again")
			}
		})
	}
}

// TestLargestHeaders fills content headers up to the limit: they fit into a frame.
func TestLargestHeaders(t *testing.T) {
	most := limits{payload: 4088}
	for name, value := range map[string]any{
		"text": "x", "octets": []byte{0}, "tables": Headers{}, "maps": map[string]any{}, "arrays": []any{}, "strings": []string{}, "nothing": nil,
	} {
		m := *everything()
		m.Body = nil
		m.Headers = Headers{"a": []any{}}
		for checkMessage(&m, most) == nil {
			if got := len(contentHeader(&m)); got > most.payload {
				t.Fatalf("%s: %d bytes pass", name, got)
			}
			m.Headers["a"] = append(m.Headers["a"].([]any), value)
		}
	}
}

// TestDeepHeaders checks that what is too deep to be read is not sent, and that a table that
// contains itself is an error.
func TestDeepHeaders(t *testing.T) {
	most := limits{payload: frame.Max}
	for name, nest := range map[string]func(any) any{
		"tables": func(v any) any { return Headers{"a": v} }, "arrays": func(v any) any { return []any{v} },
	} {
		m := &Message{Headers: Headers{}}
		for depth := 1; checkMessage(m, most) == nil; depth++ {
			var back Message
			if _, invalid, err := frame.ParseHeader(contentHeader(m), new(frame.StringCache), back.onWire()); invalid != nil || err != nil {
				t.Fatalf("%s: depth %d: %v, %v", name, depth, invalid, err)
			}
			m.Headers["a"] = nest(m.Headers["a"])
		}
	}
	m := &Message{Headers: Headers{}}
	m.Headers["itself"] = m.Headers
	if err := checkMessage(m, most); !errors.Is(err, frame.ErrDeep) {
		t.Errorf("a table in itself: %v", err)
	}
}
