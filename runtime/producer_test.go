package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeChannels is a ProducerSource with one channel that settles as a test says.
type fakeChannels struct {
	mu     sync.Mutex
	sent   []Message
	answer func(n int, m *Message, settle func(Settlement)) // n counts from 0
	err    error                                            // of ProducerChannel
}

// settled answers with settlements in turn, the last again and again.
func settled(settlements ...Settlement) *fakeChannels {
	return &fakeChannels{answer: func(n int, _ *Message, settle func(Settlement)) {
		settle(settlements[min(n, len(settlements)-1)])
	}}
}

// neverSettled never settles.
func neverSettled() *fakeChannels {
	return &fakeChannels{answer: func(int, *Message, func(Settlement)) {}}
}

func (f *fakeChannels) ProducerChannel(ctx context.Context, _ *Declarations) (ProducerChannel, error) {
	return f, errors.Join(f.err, ctx.Err())
}

func (f *fakeChannels) Publish(_ context.Context, m *Message, settle func(Settlement)) {
	f.mu.Lock()
	n := len(f.sent)
	f.sent = append(f.sent, *m)
	f.mu.Unlock()
	f.answer(n, m, settle)
}

func (f *fakeChannels) Done() <-chan struct{} { return nil }

func newTestProducer(t *testing.T, source ProducerSource, options ...ProducerOption) *Producer {
	t.Helper()
	p, err := NewProducer(t.Context(), source, nil, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Close(ctx)
	})
	return p
}

var testPublication = &Publication{Name: "P", Exchange: "x", RoutingKey: "k", Type: "t"}

// TestRetryByOutcome says for each outcome how often the message is sent and which
// error comes of it.
func TestRetryByOutcome(t *testing.T) {
	acked, nacked := Settlement{Outcome: Acked}, Settlement{Outcome: Nacked}
	unknown := Settlement{Outcome: Unknown, Err: errLost}
	notSent := Settlement{Outcome: NotSent, Err: errChannelGone}
	returned := Settlement{Outcome: Returned, Reply: Reply{312, "NO_ROUTE"}}
	tests := []struct {
		name     string
		settle   []Settlement
		options  []ProducerOption
		attempts int
		want     string // of the error
		maybe    bool   // it may have been delivered
	}{
		{"acked", []Settlement{acked}, nil, 1, "", false},
		{"written", []Settlement{{Outcome: Written}}, nil, 1, "", false},
		{"returned", []Settlement{returned}, nil, 1, `publish P: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE`, false},
		{"nacked for ever", []Settlement{nacked}, nil, 4, "publish P: the broker refused the message", false},
		{"nacked, no retries", []Settlement{nacked}, []ProducerOption{WithNackRetries(0)}, 1, "publish P: the broker refused the message", false},
		{"nacked once", []Settlement{nacked, acked}, nil, 2, "", false},
		{"unknown once", []Settlement{unknown, acked}, nil, 2, "", false},
		{"unknown at most once", []Settlement{unknown, acked}, []ProducerOption{AtMostOnce()}, 1, `publish P: the fate of message "1" is unknown: the connection was lost`, true},
		{"unknown, then nacked", []Settlement{unknown, nacked}, []ProducerOption{WithNackRetries(0)}, 2, `publish P: the fate of message "1" is unknown: the broker refused the message, after: the connection was lost`, true},
		{"unknown, then returned", []Settlement{unknown, returned}, nil, 2, `publish P: the fate of message "1" is unknown: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE, after: the connection was lost`, true},
		{"not sent ten times", append(slices.Repeat([]Settlement{notSent}, 10), acked), nil, 11, "", false},
		{"not sent, at most once", []Settlement{notSent, acked}, []ProducerOption{AtMostOnce()}, 2, "", false},
		{"never to be sent", []Settlement{{Outcome: NotSent, Err: unsendable{errors.New("too large")}}}, nil, 1, "publish P: the message was not sent: too large", false},
		{"its own mistake", []Settlement{{Outcome: Unknown, Err: &ChannelError{Reply{404, "NOT_FOUND - no exchange 'x' in vhost '/'"}}}}, nil, 1, `publish P: the fate of message "1" is unknown: the broker closed the channel: 404 NOT_FOUND - no exchange 'x' in vhost '/'`, true},
		{"a neighbour's mistake", []Settlement{{Outcome: Unknown, Err: &ChannelError{Reply{404, "NOT_FOUND - no exchange 'y' in vhost '/'"}}}, acked}, nil, 2, "", false},
	}
	for _, test := range tests {
		for _, mode := range []string{"waiting", "async"} {
			t.Run(test.name+", "+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					source := settled(test.settle...)
					producer := newTestProducer(t, source, test.options...)
					receipt, err := publishBy(mode, producer, "x", WithMessageID("1"))
					if text := errorText(err); text != test.want {
						t.Errorf("got  %s\nwant %s", text, test.want)
					}
					if receipt.Attempts != test.attempts || len(source.sent) != test.attempts {
						t.Errorf("%d attempts, and %d sent, want %d", receipt.Attempts, len(source.sent), test.attempts)
					}
					if MayHaveBeenDelivered(err) != test.maybe {
						t.Errorf("MayHaveBeenDelivered is %v", !test.maybe)
					}
					for _, m := range source.sent {
						if m.MessageID != "1" {
							t.Errorf("sent with id %q", m.MessageID)
						}
					}
				})
			})
		}
	}
}

func publishBy(mode string, p *Producer, payload any, options ...PublishOption) (Receipt, error) {
	if mode == "async" {
		return p.PublishAsync(context.Background(), testPublication, payload, options...).Result()
	}
	return p.Publish(context.Background(), testPublication, payload, options...)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestPublishTimeout checks that a publish ends exactly after its timeout, whatever it waits
// for, and says whether it may have been delivered.
func TestPublishTimeout(t *testing.T) {
	tests := []struct {
		name   string
		source func() ProducerSource
		maybe  bool
	}{
		{"no confirm", func() ProducerSource { return neverSettled() }, true},
		{"no channel", func() ProducerSource { return &stateSource{current: Down} }, false},
		{"never sent", func() ProducerSource { return settled(Settlement{Outcome: NotSent, Err: errChannelGone}) }, false},
	}
	for _, test := range tests {
		for _, mode := range []string{"waiting", "async"} {
			t.Run(test.name+", "+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					// NewProducer would wait for a first channel.
					source := test.source()
					producer := &Producer{source: source, config: newProducerConfig(source, nil), outstanding: newOutstanding(), hooks: startHooks(source, producerConfig{})}
					defer producer.Close(t.Context())
					begun := time.Now()
					_, err := publishBy(mode, producer, "x")
					if took := time.Since(begun); took > 10*time.Second || took < 9900*time.Millisecond {
						t.Errorf("took %v", took)
					}
					if MayHaveBeenDelivered(err) != test.maybe || errors.Is(err, ErrNotSent) == test.maybe {
						t.Errorf("got %v", err)
					}
				})
			})
		}
	}
}

func TestPublishEndsWithContext(t *testing.T) {
	for _, mode := range []string{"waiting", "async"} {
		synctest.Test(t, func(t *testing.T) {
			producer := newTestProducer(t, neverSettled())
			ctx, cancel := context.WithCancelCause(t.Context())
			reason := errors.New("the request was withdrawn")
			time.AfterFunc(time.Second, func() { cancel(reason) })
			begun := time.Now()
			var err error
			if mode == "async" {
				_, err = producer.PublishAsync(ctx, testPublication, "x").Result()
			} else {
				_, err = producer.Publish(ctx, testPublication, "x")
			}
			if !errors.Is(err, reason) || !MayHaveBeenDelivered(err) || time.Since(begun) != time.Second {
				t.Errorf("%s: %v after %v", mode, err, time.Since(begun))
			}
		})
	}
}

// TestManyTimeouts checks that one timer serves publishes that begin at different times,
// some of which end early.
func TestManyTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fakeChannels{}
		source.answer = func(n int, _ *Message, settle func(Settlement)) {
			if n%3 == 0 {
				time.AfterFunc(time.Second, func() { settle(Settlement{Outcome: Acked}) })
			}
		}
		producer := newTestProducer(t, source)
		var publishing sync.WaitGroup
		for range 50 {
			n := len(source.sent)
			publishing.Go(func() {
				begun := time.Now()
				_, err := producer.Publish(t.Context(), testPublication, "x")
				want := 10 * time.Second
				if n%3 == 0 {
					want = time.Second
				}
				if took := time.Since(begun); took != want || (err == nil) != (n%3 == 0) {
					t.Errorf("publish %d: %v after %v", n, err, took)
				}
			})
			synctest.Wait()
			time.Sleep(300 * time.Millisecond)
		}
		publishing.Wait()
	})
}

func TestCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &fakeChannels{answer: func(_ int, _ *Message, settle func(Settlement)) {
			time.AfterFunc(time.Second, func() { settle(Settlement{Outcome: Acked}) })
		}}
		producer := newTestProducer(t, source)
		pending := producer.PublishAsync(t.Context(), testPublication, "x")
		begun := time.Now()
		if err := producer.Close(t.Context()); err != nil || time.Since(begun) != time.Second {
			t.Errorf("Close: %v after %v", err, time.Since(begun))
		}
		if _, err := pending.Result(); err != nil {
			t.Error(err)
		}
		if _, err := producer.Publish(t.Context(), testPublication, "x"); !errors.Is(err, ErrClosed) || !errors.Is(err, ErrNotSent) {
			t.Errorf("publish after Close: %v", err)
		}
		if _, err := producer.PublishAsync(t.Context(), testPublication, "x").Result(); !errors.Is(err, ErrClosed) {
			t.Errorf("publish after Close: %v", err)
		}
		if err := producer.Close(t.Context()); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

// TestCloseAbandons checks that Close ends what is in flight when its own context does.
func TestCloseAbandons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		producer := newTestProducer(t, neverSettled())
		pending := producer.PublishAsync(t.Context(), testPublication, "x")
		waiting := make(chan error, 1)
		go func() {
			_, err := producer.Publish(t.Context(), testPublication, "x")
			waiting <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if err := producer.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Second {
			t.Errorf("Close: %v after %v", err, time.Since(begun))
		}
		_, err := pending.Result()
		for _, err := range []error{err, <-waiting} {
			if !errors.Is(err, errAbandoned) || !MayHaveBeenDelivered(err) {
				t.Errorf("got %v", err)
			}
		}
	})
}

// selfEncoded is a payload as generated messages are.
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

// TestUnsendable checks that what cannot be encoded or carried fails before a channel
// is asked for.
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

// TestValidate checks that a message that breaks its schema is not sent, unless the
// producer was told not to look.
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

// validated is a payload that finds itself to be as err says.
type validated struct{ err error }

func (v validated) Validate() error            { return v.err }
func (validated) MarshalJSON() ([]byte, error) { return []byte(`{}`), nil }

// TestHeadersAreOnesOwn checks that a publish does not write to the headers it was given.
func TestHeadersAreOnesOwn(t *testing.T) {
	source := settled(Settlement{Outcome: Acked})
	producer := newTestProducer(t, source)
	given := Headers{"a": 1}
	publication := *testPublication
	publication.CC, publication.BCC = []string{"c"}, []string{"b"}
	if _, err := producer.Publish(t.Context(), &publication, "x", WithHeaders(given), WithHeaders(Headers{"b": 2})); err != nil {
		t.Fatal(err)
	}
	if sent := source.sent[0].Headers; len(given) != 1 || len(sent) != 4 || sent["a"] != 1 || sent["b"] != 2 {
		t.Errorf("given are %v, sent %v", given, sent)
	}
}

func TestMessageIDs(t *testing.T) {
	source := settled(Settlement{Outcome: Acked})
	producer := newTestProducer(t, source, WithMessageIDs(func() string { return "made" }))
	for _, options := range [][]PublishOption{nil, {WithMessageID("fixed")}} {
		if _, err := producer.Publish(t.Context(), testPublication, "x", options...); err != nil {
			t.Fatal(err)
		}
	}
	if source.sent[0].MessageID != "made" || source.sent[1].MessageID != "fixed" {
		t.Errorf("sent with ids %q and %q", source.sent[0].MessageID, source.sent[1].MessageID)
	}
}

func TestProducerProblems(t *testing.T) {
	refused := errors.New("refused")
	tests := []struct {
		source ProducerSource
		option ProducerOption
		want   string
	}{
		{&fakeChannels{err: refused}, WithTimeout(time.Second), "new producer: refused"},
		{&fakeChannels{}, WithEncryption(nil), "new producer: WithEncryption: no profile"},
		{&fakeChannels{}, WithMessageIDs(nil), "new producer: WithMessageIDs: no function"},
		{&fakeChannels{}, WithTimeout(0), "new producer: timeout 0s: wanted more than 0"},
		{&fakeChannels{}, WithNackRetries(-1), "new producer: -1 retries after a nack: wanted at least 0"},
	}
	for _, test := range tests {
		if _, err := NewProducer(t.Context(), test.source, nil, test.option); errorText(err) != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
