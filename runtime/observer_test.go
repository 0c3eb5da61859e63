package runtime

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// everyEvent has one event of each type, and several kinds of some.
var everyEvent = []Event{
	ConnectedEvent{Connection: "c producer", Address: "h:5672", Generation: 1, Took: time.Millisecond},
	ConnectFailedEvent{Connection: "c producer", Err: errors.New("refused"), Attempts: 1, RetryIn: time.Second},
	ConnectFailedEvent{Connection: "c producer", Err: &RefusedError{Reply{403, "ACCESS_REFUSED"}}, Attempts: 2, Down: 1500400 * time.Microsecond, Refused: true, RetryIn: 30 * time.Second},
	ConnectedEvent{Connection: "c producer", Address: "h:5672", Generation: 2, Took: time.Millisecond, Down: time.Minute},
	ConnectionLostEvent{Connection: "c producer", Generation: 2, Err: errors.New("EOF")},
	ConnectionBlockedEvent{Connection: "c producer", Reason: "low on memory"},
	ConnectionUnblockedEvent{Connection: "c producer", Blocked: time.Minute},
	ChannelLostEvent{Connection: "c producer", Err: &ChannelError{Reply{404, "NOT_FOUND"}}},
	DeclarationRefusedEvent{Connection: "c producer", Err: &DeclarationError{`queue "q"`, Reply{406, "PRECONDITION_FAILED"}}},
	PublishedEvent{Publication: "P", Exchange: "x", RoutingKey: "k", MessageID: "1", Size: 3, Outcome: OutcomeAcked, Attempts: 1, Took: time.Millisecond},
	PublishedEvent{Publication: "P", Exchange: "x", RoutingKey: "k", MessageID: "2", Outcome: OutcomeNacked, Attempts: 4, Took: time.Second, Err: ErrNacked},
	PublishRetriedEvent{Publication: "P", MessageID: "2", Outcome: OutcomeNacked, Attempts: 1},
	UnconfirmedReturnedEvent{Connection: "c producer", MessageID: "3", Exchange: "x", RoutingKey: "k", Reply: Reply{312, "NO_ROUTE"}},
	MiddlewarePanickedEvent{Publication: "P", MessageID: "1", Err: &PanicError{Value: "no"}},
	FailedOverEvent{Passive: true, Reason: StateBlocked},
	ConsumerEvent{Kind: EventConsuming, Queue: "q"},
	ConsumerEvent{Kind: EventInterrupted, Queue: "q", Err: errors.New("EOF")},
	ConsumerEvent{Kind: EventConsuming, Queue: "q"},
	ConsumerEvent{Kind: EventFailed, Queue: "q", Delivery: &Delivery{Message: Message{MessageID: "4"}}, Err: errors.New("no")},
	ConsumerEvent{Kind: EventHandled, Queue: "q", Delivery: &Delivery{Message: Message{MessageID: "5"}}, Took: time.Second},
}

func TestLogObserver(t *testing.T) {
	var out bytes.Buffer
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	observer := NewLogObserver(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime})))
	for _, event := range everyEvent {
		observer.Observe(context.Background(), event)
	}
	const want = `level=DEBUG msg=connected connection="c producer" address=h:5672 generation=1 took=1ms
level=WARN msg="connect failed" error=refused connection="c producer" attempts=1 down=0s retry_in=1s
level=ERROR msg="connect failed" error="the broker refuses the connection: 403 ACCESS_REFUSED" connection="c producer" attempts=2 down=1.5s retry_in=30s
level=INFO msg=connected connection="c producer" address=h:5672 generation=2 took=1ms down=1m0s
level=WARN msg="connection lost" error=EOF connection="c producer" generation=2
level=WARN msg="connection blocked" connection="c producer" reason="low on memory"
level=INFO msg="connection unblocked" connection="c producer" blocked=1m0s
level=WARN msg="channel lost" error="the broker closed the channel: 404 NOT_FOUND" connection="c producer"
level=ERROR msg="declaration refused" error="declare queue \"q\": 406 PRECONDITION_FAILED" connection="c producer"
level=DEBUG msg=published publication=P message_id=1 exchange=x routing_key=k outcome=acked attempts=1 took=1ms
level=WARN msg="publish failed" error="a queue refused the message" publication=P message_id=2 exchange=x routing_key=k outcome=nacked attempts=4 took=1s
level=DEBUG msg="publish retried" publication=P message_id=2 outcome=nacked attempts=1
level=WARN msg="message returned" connection="c producer" message_id=3 exchange=x routing_key=k reply="312 NO_ROUTE"
level=ERROR msg="publish middleware panicked" error="panic: no" publication=P message_id=1
level=WARN msg="failed over" passive=true reason=blocked
level=DEBUG msg="consumer consuming" queue=q
level=WARN msg="consumer interrupted" error=EOF queue=q
level=INFO msg="consumer consuming" queue=q
level=WARN msg="consumer failed" error=no queue=q message_id=4
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCounters(t *testing.T) {
	var counters Counters
	both := Observers(&counters, NoObserver)
	for _, event := range everyEvent {
		both.Observe(context.Background(), event)
	}
	want := Counts{
		Connected: 2, ConnectFailed: 2, ConnectionsLost: 1, Blocked: 1, Unblocked: 1, ChannelsLost: 1,
		DeclarationsRefused: 1, Acked: 1, Nacked: 1, Retried: 1, UnconfirmedReturned: 1, Failovers: 1,
		Publishing: time.Second + time.Millisecond, Consumers: ConsumerCounts{EventConsuming: 2, EventInterrupted: 1, EventFailed: 1, EventHandled: 1},
	}
	if got := counters.Counts(); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestCountersLeaveUnknownKindsOut observes kinds that this version does not know.
func TestCountersLeaveUnknownKindsOut(t *testing.T) {
	var counters Counters
	for kind := range ConsumerEventKind(200) {
		counters.Observe(t.Context(), ConsumerEvent{Kind: kind})
	}
	for kind, n := range counters.Counts().Consumers {
		if n != 1 {
			t.Errorf("%d events of kind %d", n, kind)
		}
	}
}

// TestObserversLeaveNilOut passes an Observer that may be nil.
func TestObserversLeaveNilOut(t *testing.T) {
	var sometimes Observer
	counters := &Counters{}
	Observers(sometimes, counters).Observe(context.Background(), ConnectedEvent{})
	if got := counters.Counts().Connected; got != 1 {
		t.Errorf("counted %d", got)
	}
}
