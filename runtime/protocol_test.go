package runtime

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// headerPayload returns the payload of m's content header.
func headerPayload(t *testing.T, m *Message) []byte {
	t.Helper()
	out := appendPublish(nil, 1, m)
	method := frameOverhead + int(out[5])<<8 + int(out[6])
	return out[method+frameHead : len(out)-1]
}

// fullMessage has every property, and a header of every type.
func fullMessage() *Message {
	return &Message{
		Exchange: "x", RoutingKey: "k", Mandatory: true,
		MessageID: "id-1", CorrelationID: "c", ReplyTo: "r", Type: "t", ContentType: "text/plain", ContentEncoding: "gzip",
		AppID: "a", UserID: "guest", Persistent: true, Priority: 3, Expiration: 90 * time.Second,
		Timestamp: time.Unix(1_700_000_000, 0).UTC(),
		Headers: Headers{
			"nil": nil, "bool": true, "int8": int8(-1), "uint8": uint8(200), "int16": int16(-300), "uint16": uint16(60000),
			"int32": int32(-70000), "uint32": uint32(4e9), "int64": int64(math.MinInt64), "int": math.MaxInt,
			"float32": float32(0.5), "float64": 0.1, "string": "é", "bytes": []byte{0, 1}, "time": time.Unix(1, 0).UTC(),
			"table": Headers{"a": "b", "empty": Headers{}}, "map": map[string]any{"c": int32(1)},
			"array": []any{"x", int32(2), Headers{"d": nil}}, "strings": []string{"a", "b"},
		},
		Body: []byte("body"),
	}
}

func TestMessageIDOfHeader(t *testing.T) {
	tests := map[string]*Message{
		"all":     fullMessage(),
		"none":    {},
		"id only": {MessageID: "id-1"},
		"no id":   {ContentType: "x", Headers: Headers{"a": "b"}, Type: "t"},
		"long":    {MessageID: strings.Repeat("x", 255), CorrelationID: strings.Repeat("y", 255)},
	}
	for name, m := range tests {
		got, err := messageID(headerPayload(t, m))
		if err != nil || got != m.MessageID {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, m.MessageID)
		}
	}
}

func TestMessageIDOfShortHeader(t *testing.T) {
	whole := headerPayload(t, &Message{ContentType: "x", Headers: Headers{"a": "b"}, Priority: 1, CorrelationID: "c", MessageID: "id"})
	for n := range whole {
		if id, err := messageID(whole[:n]); err == nil && id == "id" && n < len(whole)-1 {
			t.Errorf("found %q in the first %d of %d bytes", id, n, len(whole))
		}
	}
}

func FuzzMessageID(f *testing.F) {
	for _, m := range []*Message{fullMessage(), {}} {
		out := appendPublish(nil, 1, m)
		f.Add(out[30:])
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = messageID(payload)
		_, _ = parseReturn(payload)
	})
}

// TestAppendTableIsStable checks that equal messages have equal bytes.
func TestAppendTableIsStable(t *testing.T) {
	first := appendPublish(nil, 1, fullMessage())
	for range 20 {
		if !bytes.Equal(first, appendPublish(nil, 1, fullMessage())) {
			t.Fatal("the same message has other bytes")
		}
	}
}

// TestTableSize checks that sizes are never too small: what passes fits into a frame.
func TestTableSize(t *testing.T) {
	headers := fullMessage().Headers
	size, err := tableSize(headers, maxDepth)
	if err != nil {
		t.Fatal(err)
	}
	if written := len(appendTable(nil, headers)); written > size {
		t.Errorf("a table of %d bytes was rated %d", written, size)
	}
}

func TestSizes(t *testing.T) {
	long := strings.Repeat("x", 256)
	tests := []struct {
		name    string
		message Message
		want    string
	}{
		{"all is well", *fullMessage(), ""},
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
		m := *fullMessage()
		m.Body = nil
		m.Headers = Headers{"a": []any{}}
		for checkMessage(&m, most) == nil {
			if got := len(headerPayload(t, &m)); got > most.payload {
				t.Fatalf("%s: %d bytes pass", name, got)
			}
			m.Headers["a"] = append(m.Headers["a"].([]any), value)
		}
	}
}

// TestDeepHeaders checks that what is too deep to be read is not sent, and that a table that
// contains itself is an error.
func TestDeepHeaders(t *testing.T) {
	most := limits{payload: frameMax}
	for name, nest := range map[string]func(any) any{
		"tables": func(v any) any { return Headers{"a": v} }, "arrays": func(v any) any { return []any{v} },
	} {
		m := &Message{Headers: Headers{}}
		for depth := 1; checkMessage(m, most) == nil; depth++ {
			var back Message
			if _, invalid, err := parseHeader(headerPayload(t, m), new(stringCache), &back); invalid != nil || err != nil {
				t.Fatalf("%s: depth %d: %v, %v", name, depth, invalid, err)
			}
			m.Headers["a"] = nest(m.Headers["a"])
		}
	}
	m := &Message{Headers: Headers{}}
	m.Headers["itself"] = m.Headers
	if err := checkMessage(m, most); !errors.Is(err, errDeep) {
		t.Errorf("a table in itself: %v", err)
	}
}

func TestUUID(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := newUUID()
		if len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) || seen[id] {
			t.Fatalf("%q is no UUID of version 7, or came twice", id)
		}
		seen[id] = true
	}
}
