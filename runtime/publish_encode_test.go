package runtime

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	hostile "github.com/scampgen/scampgen/internal/hostile/messages"
	unions "github.com/scampgen/scampgen/internal/unions/messages"
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
		source := settled(Settlement{Outcome: OutcomeAcked})
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

// TestNil: a message that is nil is not sent, whatever its kind, nor is a union without a value;
// text and bytes may be empty.
func TestNil(t *testing.T) {
	for name, payload := range map[string]any{
		"struct":                      (*unions.Any)(nil),
		"map":                         (*hostile.Conditional)(nil),
		"list":                        (*unions.Texts)(nil),
		"union":                       (*unions.Kinds)(nil),
		"union without a value":       &unions.Kinds{},
		"union of a nil pointer":      &unions.Kinds{Value: (*unions.Card)(nil)},
		"union in a list":             &unions.Texts{{}},
		"nothing that encodes itself": (*struct{})(nil),
	} {
		for _, options := range [][]ProducerOption{nil, {WithoutValidation()}} {
			source := settled(Settlement{Outcome: OutcomeAcked})
			producer := newTestProducer(t, source, options...)
			_, err := producer.Publish(t.Context(), testPublication, payload)
			_, later := producer.PublishAsync(t.Context(), testPublication, payload).Wait(t.Context())
			if !errors.Is(err, ErrNotSent) || !errors.Is(later, ErrNotSent) || len(source.sent) > 0 {
				t.Errorf("%s: got %v, %v, sent %v", name, err, later, source.sent)
			}
		}
	}
	for _, payload := range []any{[]byte(nil), ""} {
		source := settled(Settlement{Outcome: OutcomeAcked})
		if _, err := newTestProducer(t, source).Publish(t.Context(), testPublication, payload); err != nil || len(source.sent[0].Body) > 0 {
			t.Errorf("%T: got %v, sent %v", payload, err, source.sent)
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
		source := settled(Settlement{Outcome: OutcomeAcked})
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
		{validated{broken}, []ProducerOption{WithoutValidation()}, ""},
	}
	for _, test := range tests {
		for _, mode := range []string{"waiting", "async"} {
			source := settled(Settlement{Outcome: OutcomeAcked})
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

// numbered is a payload that encodes itself, each as text of its own.
type numbered int

func (n numbered) AppendJSON(dst []byte) ([]byte, error) {
	return append(dst, strings.Repeat(strconv.Itoa(int(n)%10), 100)...), nil
}

// TestBodiesAreKeptApart checks that the memory of a body is not used again while somebody may look
// at it: one that is in flight, is sent again, came back or is unknown.
func TestBodiesAreKeptApart(t *testing.T) {
	for _, mode := range []string{"waiting", "async"} {
		for name, settlements := range map[string][]Settlement{
			"nacked, then acked": {{Outcome: OutcomeNacked}, {Outcome: OutcomeAcked}},
			"returned":           {{Outcome: OutcomeReturned}},
			"unknown":            {{Outcome: OutcomeUnknown, Err: errChannelGone}},
		} {
			synctest.Test(t, func(t *testing.T) {
				source := settled(settlements...)
				producer := newTestProducer(t, source, WithAtMostOnce(), WithNackRetries(1))
				_, err := publishBy(mode, producer, numbered(1))
				source.answer = func(_ int, _ *Message, settle func(Settlement)) { settle(Settlement{Outcome: OutcomeAcked}) }
				for n := 2; n < 5; n++ {
					if _, err := publishBy(mode, producer, numbered(n)); err != nil {
						t.Fatal(err)
					}
				}
				body := source.messages()[0].Body
				if returned, ok := errors.AsType[*ReturnedError](err); ok {
					body = returned.Message.Body
				}
				if want := strings.Repeat("1", 100); string(body) != want {
					t.Errorf("%s, %s: the body became %s", mode, name, body)
				}
			})
		}
	}
}

// TestBodiesOfManyGoroutines checks, best with -race, that each publish has the body that its
// payload has written until it is settled.
func TestBodiesOfManyGoroutines(t *testing.T) {
	source := &fakeProducer{answer: func(_ int, m *Message, settle func(Settlement)) {
		if want := strings.Repeat(m.MessageID, 100); string(m.Body) != want {
			t.Errorf("the body of %s is %s", m.MessageID, m.Body)
		}
		settle(Settlement{Outcome: OutcomeAcked})
	}}
	producer := newTestProducer(t, source)
	var publishing sync.WaitGroup
	for n := range 10 {
		publishing.Go(func() {
			for i := range 200 {
				mode := []string{"waiting", "async"}[i%2]
				if _, err := publishBy(mode, producer, numbered(n), WithMessageID(strconv.Itoa(n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishing.Wait()
}

// TestLargeRoom checks that a single large message does not make all that follow hold as much.
func TestLargeRoom(t *testing.T) {
	r := newRooms()
	large := make([]byte, 0, 1<<20)
	if r.keep(&large, 1<<10); r.free.Get() != nil {
		t.Error("kept 1 MiB for messages of 1 KiB")
	}
}
