package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOutageInTheLog keeps the broker down for two hours, at 5.5 attempts a second: what is logged
// is the first failure, each new reason, and fewer and fewer of the rest.
func TestOutageInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &lines{}
		observer := log.observer()
		away := errors.New("connection refused")
		const anHour = 20000
		for i := 1; i <= 2*anHour; i++ {
			err := away
			if i > anHour { // it boots; the local port is different each time
				err = fmt.Errorf("read tcp 127.0.0.1:%d->10.0.0.1:5672: connection reset", 10000+i)
			}
			observer.Observe(context.Background(), ConnectFailedEvent{Connection: "c", Err: err, Attempts: i})
			time.Sleep(180 * time.Millisecond)
		}
		written := log.take()
		if n := len(written); n != 2*15 {
			t.Errorf("%d lines in two hours, each with its reason", n)
		}
		for _, want := range []string{"refused\" connection=c attempts=1 ", "refused\" connection=c attempts=16384 ", "reset\" connection=c attempts=20001 "} {
			if !strings.Contains(strings.Join(written, "\n"), want) {
				t.Errorf("no line has %q:\n%s", want, strings.Join(written, "\n"))
			}
		}
		observer.Observe(context.Background(), ConnectedEvent{Connection: "c", Down: time.Hour})
		observer.Observe(context.Background(), ConnectFailedEvent{Connection: "c", Err: away, Attempts: 1})
		if got := log.take(); len(got) != 2 || !strings.Contains(got[0], "level=INFO") || !strings.Contains(got[0], "down=1h0m0s") {
			t.Errorf("the end and the next outage are\n%s", strings.Join(got, "\n"))
		}
	})
}

// TestReasonsThatTakeTurns checks that two reasons that alternate are thinned out like one, and
// that a reason that has not occurred for long is new.
func TestReasonsThatTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &lines{}
		observer := log.observer()
		fail := func(reason string, i int) {
			observer.Observe(context.Background(), ConnectFailedEvent{Connection: "c", Err: errors.New(reason), Attempts: i})
		}
		for i := range 1000 {
			fail([]string{"refused", "reset"}[i%2], i+1)
		}
		if n := len(log.take()); n > 20 {
			t.Errorf("%d lines", n)
		}
		time.Sleep(problemLifetime + time.Second)
		fail("refused", 1001)
		if n := len(log.take()); n != 1 {
			t.Errorf("a reason that comes back has %d lines", n)
		}
	})
}

// TestTwoConnectionsOfOneName reconnects one of two connections with the same name: the counts of
// the other are kept.
func TestTwoConnectionsOfOneName(t *testing.T) {
	log := &lines{}
	observer := log.observer()
	observer.Observe(context.Background(), ConnectFailedEvent{Connection: "c", Err: errors.New("refused"), Attempts: 1})
	observer.Observe(context.Background(), ConnectFailedEvent{Connection: "c", Err: errors.New("refused"), Attempts: 1})
	observer.Observe(context.Background(), ConnectedEvent{Connection: "c", Down: time.Second})
	observer.Observe(context.Background(), ConnectFailedEvent{Connection: "c", Err: errors.New("refused"), Attempts: 2})
	got := log.take()
	if len(got) != 4 || !strings.Contains(got[3], "attempts=2") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestProblemsOfQueuesAndChannels checks that other repeated events are thinned out with their
// count, and that events about single messages are not.
func TestProblemsOfQueuesAndChannels(t *testing.T) {
	tests := []struct {
		name  string
		event Event
		lines int
	}{
		{"channel", ChannelLostEvent{Connection: "c", Err: &ChannelError{Reply{404, "NOT_FOUND"}}}, 10},
		{"declaration", DeclarationRefusedEvent{Connection: "c", Err: &DeclarationError{`queue "q"`, Reply{406, "no"}}}, 10},
		{"return", UnconfirmedReturnedEvent{Connection: "c", Exchange: "x", RoutingKey: "k"}, 10},
		{"interrupted", ConsumerEvent{Kind: EventInterrupted, Queue: "q", Err: errDied}, 10},
		{"held", ConsumerEvent{Kind: EventHeld, Queue: "q", Err: ErrNacked, Delivery: &Delivery{}}, 10},
		{"failed", ConsumerEvent{Kind: EventFailed, Queue: "q", Err: ErrNacked, Delivery: &Delivery{}}, 1000},
		{"dead-lettered", ConsumerEvent{Kind: EventDeadLettered, Queue: "q", Err: ErrNacked, Delivery: &Delivery{}}, 1000},
	}
	for _, test := range tests {
		log := &lines{}
		observer := log.observer()
		for range 1000 {
			observer.Observe(context.Background(), test.event)
		}
		got := log.take()
		if len(got) != test.lines {
			t.Errorf("%s: %d lines, want %d", test.name, len(got), test.lines)
		}
		if last := got[len(got)-1]; test.lines == 10 && !strings.Contains(last, "times=512") {
			t.Errorf("%s: no count in %s", test.name, last)
		}
	}
}

// TestProblemsAreBounded checks that no more than maxProblems reasons are remembered.
func TestProblemsAreBounded(t *testing.T) {
	var counted problems
	for i := range 3 * maxProblems {
		counted.count(problem{"s", fmt.Sprint(i)})
	}
	if n := len(counted.all); n > maxProblems {
		t.Errorf("%d are remembered", n)
	}
}

// lines holds the output of a log.
type lines struct{ out bytes.Buffer }

func (l *lines) observer() Observer {
	return NewLogObserver(slog.New(slog.NewTextHandler(&l.out, nil)))
}

// take returns the lines since the last call.
func (l *lines) take() []string {
	text := strings.TrimSpace(l.out.String())
	l.out.Reset()
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// TestUnknownTypesInTheLog handles many deliveries of two types that the contract does not know:
// the log has few lines, and begins again for neither when the consumer reconnects.
func TestUnknownTypesInTheLog(t *testing.T) {
	log := &lines{}
	observer := log.observer()
	for i := range 2000 {
		err := fmt.Errorf("the type is %q", []string{"a", "b"}[i%2])
		observer.Observe(t.Context(), ConsumerEvent{Kind: EventUnknownType, Queue: "q", Delivery: &Delivery{}, Err: err})
		if i%100 == 0 {
			observer.Observe(t.Context(), ConsumerEvent{Kind: EventConsuming, Queue: "q"})
		}
	}
	written := slices.DeleteFunc(log.take(), func(line string) bool { return !strings.Contains(line, "unknown-type") })
	if len(written) != 2*10 {
		t.Errorf("%d lines:\n%s", len(written), strings.Join(written, "\n"))
	}
}
