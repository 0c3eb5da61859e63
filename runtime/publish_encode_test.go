package runtime

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// selfEncoded is a payload like generated messages.
type selfEncoded struct{ err error }

func (s selfEncoded) AppendJSON(dst []byte) ([]byte, error) {
	return append(dst, `{"own":true}`...), s.err
}

func TestEncode(t *testing.T) {
	tests := []struct {
		name        string
		payload     any
		contentType string // of the publication
		body, want  string
	}{
		{"text", "é", "", "é", "text/plain"},
		{"bytes", []byte{0, 1}, "", "\x00\x01", "application/octet-stream"},
		{"own", selfEncoded{}, "", `{"own":true}`, "application/json"},
		{"any", map[string]int{"a": 1}, "", `{"a":1}`, "application/json"},
		{"nothing", nil, "", "null", "application/json"},
		{"raw", json.RawMessage(`[1]`), "", "[1]", "application/json"},
		{"as the contract says", "<a/>", "application/xml", "<a/>", "application/xml"},
	}
	for _, test := range tests {
		source := settled(Settlement{Outcome: Acked})
		producer := newTestProducer(t, source)
		publication := *testPublication
		publication.ContentType = test.contentType
		if _, err := producer.Publish(t.Context(), &publication, test.payload); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if m := source.sent[0]; string(m.Body) != test.body || m.ContentType != test.want {
			t.Errorf("%s: sent %q of %s", test.name, m.Body, m.ContentType)
		}
	}
}

// TestUnsendable checks that what cannot be encoded or carried fails before a channel is asked for.
func TestUnsendable(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name    string
		payload any
		option  PublishOption
		want    string
	}{
		{"own", selfEncoded{broken}, WithAppID(""), "publish P: the message was not sent: encode: broken"},
		{"any", make(chan int), WithAppID(""), "publish P: the message was not sent: encode: json: unsupported type: chan int"},
		{"size", "x", WithRoutingKey(strings.Repeat("k", 256)), "publish P: the message was not sent: routing key: 256 bytes are longer than the 255 that AMQP allows"},
		{"header", "x", WithHeaders(Headers{"h": complex(1, 1)}), `publish P: the message was not sent: header "h": AMQP has no type for a complex128`},
	}
	for _, test := range tests {
		source := settled(Settlement{Outcome: Acked})
		producer := newTestProducer(t, source)
		source.err = errors.New("a channel was asked for")
		for _, mode := range []string{"waiting", "async"} {
			_, err := publishBy(mode, producer, test.payload, test.option)
			if errorText(err) != test.want || !errors.Is(err, ErrNotSent) {
				t.Errorf("%s: got %v\nwant %s", test.name, err, test.want)
			}
		}
	}
}

// TestValidate checks that an invalid message is not sent, unless the producer was told not to
// validate.
func TestValidate(t *testing.T) {
	broken := errors.New("/weight: is -1")
	tests := []struct {
		payload validated
		options []ProducerOption
		want    string
	}{
		{validated{}, nil, ""},
		{validated{broken}, nil, "publish P: the message was not sent: validate: /weight: is -1"},
		{validated{broken}, []ProducerOption{NotValidated()}, ""},
	}
	for _, test := range tests {
		for _, mode := range []string{"waiting", "async"} {
			source := settled(Settlement{Outcome: Acked})
			_, err := publishBy(mode, newTestProducer(t, source, test.options...), test.payload)
			if errorText(err) != test.want || (err != nil && (!errors.Is(err, ErrNotSent) || !errors.Is(err, broken))) {
				t.Errorf("%s: got %v\nwant %s", mode, err, test.want)
			}
			if sent := len(source.sent) == 1; sent != (test.want == "") {
				t.Errorf("%s: %d messages were sent, with the error %v", mode, len(source.sent), err)
			}
		}
	}
}

// validated is a payload whose Validate returns err.
type validated struct{ err error }

func (v validated) Validate() error            { return v.err }
func (validated) MarshalJSON() ([]byte, error) { return []byte(`{}`), nil }
