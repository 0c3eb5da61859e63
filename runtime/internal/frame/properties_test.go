package frame

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"
)

// headers stand for runtime.Headers, and message for runtime.Message.
type (
	headers map[string]any
	message = Message[headers]
)

// everything is a message with a value in each field that is on the wire.
func everything() *message {
	at := time.Unix(1_700_000_000, 0)
	return &message{
		Exchange: "shop", RoutingKey: strings.Repeat("k", 255),
		MessageID: strings.Repeat("m", 255), CorrelationID: "c", ReplyTo: "r", Type: "t", ContentType: "application/json",
		ContentEncoding: "gzip", AppID: "a", UserID: "u", Persistent: true, Priority: 7, Expiration: 1500 * time.Millisecond, Timestamp: at,
		Headers: headers{
			"nil": nil, "true": true, "false": false, "int8": int8(-8), "uint8": uint8(8), "int16": int16(-16), "uint16": uint16(16),
			"int32": int32(math.MinInt32), "uint32": uint32(math.MaxUint32), "int64": int64(math.MinInt64),
			"float32": float32(1.5), "float64": 2.5, "decimal": Decimal{Scale: 2, Value: 1995}, "time": at,
			"string": "é", "empty": "", "bytes": []byte{0, 1, 2}, "no bytes": []byte{},
			"table": headers{"inner": headers{}, "deep": headers{"x": "y"}}, "array": []any{int32(1), "two", headers{"three": nil}, []any{}},
		},
		Body: []byte("body"),
	}
}

// contentHeader returns the payload of a message's content header.
func contentHeader(m *message) []byte {
	frames := AppendPublish(nil, 1, m)
	size := int(binary.BigEndian.Uint32(frames[3:])) + Overhead // of the method, which comes first
	return frames[size+frameHead : len(frames)-1]
}

func TestMessageIDOfHeader(t *testing.T) {
	tests := map[string]*message{
		"all":     everything(),
		"none":    {},
		"id only": {MessageID: "id-1"},
		"no id":   {ContentType: "x", Headers: headers{"a": "b"}, Type: "t"},
		"long":    {MessageID: strings.Repeat("x", 255), CorrelationID: strings.Repeat("y", 255)},
	}
	for name, m := range tests {
		got, err := MessageID(contentHeader(m))
		if err != nil || got != m.MessageID {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, m.MessageID)
		}
	}
}

func TestMessageIDOfShortHeader(t *testing.T) {
	whole := contentHeader(&message{ContentType: "x", Headers: headers{"a": "b"}, Priority: 1, CorrelationID: "c", MessageID: "id"})
	for n := range whole {
		if id, err := MessageID(whole[:n]); err == nil && id == "id" && n < len(whole)-1 {
			t.Errorf("found %q in the first %d of %d bytes", id, n, len(whole))
		}
	}
}

func FuzzMessageID(f *testing.F) {
	for _, m := range []*message{everything(), {}} {
		out := AppendPublish(nil, 1, m)
		f.Add(out[30:])
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = MessageID(payload)
		_, _ = ParseReturn(payload)
	})
}

// FuzzHeader reads content headers that no broker would send.
func FuzzHeader(f *testing.F) {
	f.Add(contentHeader(everything()))
	f.Add(contentHeader(&message{}))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var m message
		size, invalid, err := ParseHeader(payload, new(StringCache), &m)
		if err != nil || invalid != nil || size > 0 {
			return
		}
		// What can be read can be published again, as recovery does.
		if most, err := HeaderSize(&m); err == nil && len(contentHeader(&m)) > most {
			t.Errorf("%d bytes were rated %d", len(contentHeader(&m)), most)
		}
	})
}
