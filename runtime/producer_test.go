package runtime

import (
	"errors"
	"testing"
	"time"
)

// TestHeadersAreOnesOwn checks that a publish does not write to the caller's headers.
func TestHeadersAreOnesOwn(t *testing.T) {
	source := settled(Settlement{Outcome: OutcomeAcked})
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
	source := settled(Settlement{Outcome: OutcomeAcked})
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
		{&fakeProducer{err: refused}, WithPublishTimeout(time.Second), "new producer: refused"},
		{&fakeProducer{}, WithEncryption(nil), "new producer: WithEncryption: no profile"},
		{&fakeProducer{}, WithMessageIDs(nil), "new producer: WithMessageIDs: no function"},
		{&fakeProducer{}, WithPublishTimeout(0), "new producer: timeout 0s: wanted more than 0"},
		{&fakeProducer{}, WithNackRetries(-1), "new producer: -1 retries after a nack: wanted at least 0"},
	}
	for _, test := range tests {
		if _, err := NewProducer(t.Context(), test.source, nil, test.option); errorText(err) != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
