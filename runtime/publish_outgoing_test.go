package runtime

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// TestRetryByOutcome checks for each outcome how often the message is sent and which error is
// returned.
func TestRetryByOutcome(t *testing.T) {
	acked, nacked := Settlement{Outcome: OutcomeAcked}, Settlement{Outcome: OutcomeNacked}
	unknown := Settlement{Outcome: OutcomeUnknown, Err: errLost}
	notSent := Settlement{Outcome: OutcomeNotSent, Err: errChannelGone}
	returned := Settlement{Outcome: OutcomeReturned, Reply: Reply{312, "NO_ROUTE"}}
	tests := []struct {
		name     string
		settle   []Settlement
		options  []ProducerOption
		attempts int
		want     string // of the error
		maybe    bool   // it may have been delivered
	}{
		{"acked", []Settlement{acked}, nil, 1, "", false},
		{"written", []Settlement{{Outcome: OutcomeWritten}}, nil, 1, "", false},
		{"returned", []Settlement{returned}, nil, 1, `publish P: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE`, false},
		{"nacked", []Settlement{nacked}, nil, 1, "publish P: a queue refused the message", true},
		{"always nacked", []Settlement{nacked}, []ProducerOption{WithNackRetries(3)}, 4, "publish P: a queue refused the message", true},
		{"nacked, no retries", []Settlement{nacked}, []ProducerOption{WithNackRetries(0)}, 1, "publish P: a queue refused the message", true},
		{"nacked once", []Settlement{nacked, acked}, []ProducerOption{WithNackRetries(3)}, 2, "", false},
		{"nacked, then returned", []Settlement{nacked, returned}, []ProducerOption{WithNackRetries(3)}, 2, `publish P: the fate of message "1" is unknown: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE, after: a queue refused the message`, true},
		{"unknown once", []Settlement{unknown, acked}, nil, 2, "", false},
		{"unknown at most once", []Settlement{unknown, acked}, []ProducerOption{WithAtMostOnce()}, 1, `publish P: the fate of message "1" is unknown: the connection was lost`, true},
		{"unknown, then nacked", []Settlement{unknown, nacked}, []ProducerOption{WithNackRetries(0)}, 2, "publish P: a queue refused the message", true},
		{"unknown, then returned", []Settlement{unknown, returned}, nil, 2, `publish P: the fate of message "1" is unknown: returned: no queue takes routing key "k" of exchange "x": 312 NO_ROUTE, after: the connection was lost`, true},
		{"not sent ten times", append(slices.Repeat([]Settlement{notSent}, 10), acked), nil, 11, "", false},
		{"not sent, at most once", []Settlement{notSent, acked}, []ProducerOption{WithAtMostOnce()}, 2, "", false},
		{"never to be sent", []Settlement{{Outcome: OutcomeNotSent, Err: unsendable{errors.New("too large")}}}, nil, 1, "publish P: the message was not sent: too large", false},
		{"its own mistake", []Settlement{{Outcome: OutcomeNotSent, Err: &ChannelError{Reply{404, "NOT_FOUND - no exchange 'x' in vhost '/'"}}}}, nil, 1, `publish P: the message was not sent: the broker closed the channel: 404 NOT_FOUND - no exchange 'x' in vhost '/'`, false},
		{"a neighbour's mistake", []Settlement{{Outcome: OutcomeUnknown, Err: &ChannelError{Reply{404, "NOT_FOUND - no exchange 'y' in vhost '/'"}}}, acked}, nil, 2, "", false},
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

// TestNackRetries checks that by default a publish is retried only if a single queue can have
// refused it: otherwise several queues would get copies.
func TestNackRetries(t *testing.T) {
	for _, test := range []struct {
		name        string
		publication Publication
		attempts    int
	}{
		{"default exchange", Publication{RoutingKey: "q"}, 1 + nackRetries},
		{"default exchange with CC", Publication{RoutingKey: "q", CC: []string{"r"}}, 1},
		{"default exchange with BCC", Publication{RoutingKey: "q", BCC: []string{"r"}}, 1},
		{"another exchange", Publication{Exchange: "x"}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			producer := newTestProducer(t, settled(Settlement{Outcome: OutcomeNacked}))
			receipt, err := producer.Publish(t.Context(), &test.publication, "x")
			if !errors.Is(err, ErrNacked) || receipt.Attempts != test.attempts {
				t.Errorf("%s: %d attempts, %v, want %d", test.name, receipt.Attempts, err, test.attempts)
			}
		})
	}
}
