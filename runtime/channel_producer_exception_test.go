package runtime

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// replyText returns what RabbitMQ puts into channel.close: at most 255 octets. If there are more,
// it replaces the last three by dots.
func replyText(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	if len(text) > 255 {
		text = text[:252] + "..."
	}
	return text
}

// settlementsOf lets the broker close a channel because of the message bad, which is in flight
// between an innocent one and another, and returns what becomes of the three.
func settlementsOf(code uint16, text string, innocent, bad Message) []Settlement {
	p := &producerChannel{conn: &conn{broker: &Broker{}}, cause: &ChannelError{Reply: Reply{Code: code, Text: text}}}
	return p.settlementsAfterClose([]inFlight{published(innocent), published(bad), published(Message{Exchange: "another"})})
}

// TestNamesMislead uses names that contain the text with which the broker refuses others. A message
// that is innocent and was read before must never count as not delivered.
func TestNamesMislead(t *testing.T) {
	const missing = "NOT_FOUND - no exchange '%s' in vhost '/'"
	const noTopic = "ACCESS_REFUSED - access to topic '%s' in exchange '%s' in vhost '/' refused for user 'u'"
	const noUser = "PRECONDITION_FAILED - user_id property set to '%s' but authenticated user was 'u'"
	long := strings.Repeat("x", 220)
	for name, test := range map[string]struct {
		code          uint16
		format        string
		innocent, bad Message
	}{
		"a phrase":             {amqp.NotFound, missing, Message{Exchange: "good"}, Message{Exchange: "exchange 'good' in vhost"}},
		"a phrase, cut":        {amqp.NotFound, missing, Message{Exchange: "good"}, Message{Exchange: "exchange 'good' in vhost" + long}},
		"a beginning":          {amqp.NotFound, missing, Message{Exchange: "good"}, Message{Exchange: "good' in vhost 'b"}},
		"a beginning, cut":     {amqp.NotFound, missing, Message{Exchange: "good"}, Message{Exchange: "good' in vhost '" + long}},
		"a common start":       {amqp.NotFound, missing, Message{Exchange: "a" + long + "good"}, Message{Exchange: "a" + long + "bad"}},
		"the default exchange": {amqp.NotFound, missing, Message{RoutingKey: "q"}, Message{Exchange: "exchange 'amq.default' in vhost" + long}},
		"a key":                {amqp.AccessRefused, noTopic, Message{Exchange: "x", RoutingKey: "k"}, Message{Exchange: "x", RoutingKey: "k' in exchange 'x' in vhost"}},
		"a key, cut":           {amqp.AccessRefused, noTopic, Message{Exchange: "x", RoutingKey: "k"}, Message{Exchange: "x", RoutingKey: "topic 'k' in exchange 'x' in vhost" + long}},
		"a user":               {amqp.PreconditionFailed, noUser, Message{UserID: "u"}, Message{UserID: "u' but authenticated user was 'v"}},
		"a user, cut":          {amqp.PreconditionFailed, noUser, Message{UserID: "u"}, Message{UserID: "user_id property set to 'u'" + long}},
		"a size":               {amqp.PreconditionFailed, noUser, Message{Body: []byte("x")}, Message{UserID: "message size 1 larger than max size 0"}},
		"a direct reply":       {amqp.PreconditionFailed, noUser, Message{ReplyTo: directReplyTo}, Message{UserID: "fast reply consumer does not exist"}},
	} {
		names := []any{test.bad.Exchange}
		switch test.format {
		case noTopic:
			names = []any{test.bad.RoutingKey, test.bad.Exchange}
		case noUser:
			names = []any{test.bad.UserID}
		}
		text := replyText(test.format, names...)
		got := settlementsOf(test.code, text, test.innocent, test.bad)
		if got[0].Outcome != OutcomeUnknown {
			t.Errorf("%s: %q: what was read before is %v", name, text, got[0])
		}
		if s := got[2]; s.Outcome == OutcomeNotSent && !errors.Is(s.Err, errNotAccepted) {
			t.Errorf("%s: %q: what came after is %v", name, text, s)
		}
		if s := got[1]; s.Outcome == OutcomeNotSent && errors.Is(s.Err, errNotAccepted) || s.Outcome == OutcomeUnknown && !isType[retryIsolated](s.Err) {
			t.Errorf("%s: %q: the bad one is %v", name, text, s)
		}
	}
}

// TestTruncatedNameMatches lets the broker truncate a name that does not fit into its text.
func TestTruncatedNameMatches(t *testing.T) {
	long := strings.Repeat("é", 120)
	got := settlementsOf(amqp.NotFound, replyText("NOT_FOUND - no exchange '%s' in vhost '/'", long), Message{Exchange: "good"}, Message{Exchange: long})
	if got[0].Outcome != OutcomeUnknown || got[1].Outcome != OutcomeNotSent || !isType[*ChannelError](got[1].Err) || !errors.Is(got[2].Err, errNotAccepted) {
		t.Errorf("got %v", got)
	}
}

// TestReplyMatchesSeveral refuses one of three publishes to an exchange. It cannot have been one
// after the last of them: so the broker does not have that one, nor what was written after it.
func TestReplyMatchesSeveral(t *testing.T) {
	cause := &ChannelError{Reply: Reply{Code: amqp.AccessRefused, Text: "ACCESS_REFUSED - access to exchange 'x' in vhost '/' refused for user 'u'"}}
	isolation := &isolation{ruleLifetime: time.Minute}
	p := &producerChannel{conn: &conn{broker: &Broker{}}, cause: cause, isolation: isolation}
	bad, other := Message{Exchange: "x"}, Message{Exchange: "other"}
	got := p.settlementsAfterClose([]inFlight{published(other), published(bad), published(bad), published(other), published(bad), published(other)})
	for i, s := range got {
		wantIsolated := i == 1 || i == 2
		switch {
		case i >= 4 && (s.Outcome != OutcomeNotSent || !errors.Is(s.Err, errNotAccepted)):
			t.Errorf("publish %d, at or after the last that matches: %+v", i, s)
		case i < 4 && (s.Outcome != OutcomeUnknown || isType[retryIsolated](s.Err) != wantIsolated):
			t.Errorf("publish %d, before the last that matches: %+v", i, s)
		}
	}
	if rules := isolation.rules.Load(); rules == nil || !anyMatches(*rules, &bad) || anyMatches(*rules, &other) {
		t.Errorf("the rules are %v", rules)
	}
}

// TestUserIDSetsNoLimit uses a user id that reads like the broker's limit for bodies.
func TestUserIDSetsNoLimit(t *testing.T) {
	e := &ChannelError{Reply: Reply{Code: amqp.PreconditionFailed, Text: replyText(
		"PRECONDITION_FAILED - user_id property set to '%s' but authenticated user was 'u'", "message size 9 larger than max size 1")}}
	if limit, ok := e.bodyLimit(); ok {
		t.Errorf("took %d for the largest body", limit)
	}
}

func TestChannelErrorSaysWhatWasClosed(t *testing.T) {
	for code, want := range map[uint16]string{
		amqp.NotFound:           "the broker closed the channel: 404 reason",
		amqp.PreconditionFailed: "the broker closed the channel: 406 reason",
		amqp.ResourceError:      "the broker closed the connection: 506 reason",
		amqp.InternalError:      "the broker closed the connection: 541 reason",
	} {
		if got := (&ChannelError{Reply: Reply{Code: code, Text: "reason"}}).Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
