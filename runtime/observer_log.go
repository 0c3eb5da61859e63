package runtime

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"
)

// NewLogObserver returns an Observer that writes events to logger. If logger is nil, it uses
// slog.Default() at the time of the event. Problems with a connection, a channel or a message are
// warnings, refusals that stop something from working are errors, recoveries are information, and
// routine events, such as successful publishes and the first connect, are debug messages.
//
// Events that repeat for the same reason, such as attempts to connect during an outage, are written
// when they are new and each time that their count has doubled.
func NewLogObserver(logger *slog.Logger) Observer { return &logObserver{logger: logger} }

type logObserver struct {
	logger   *slog.Logger // nil stands for slog.Default()
	problems problems
}

// Observe implements Observer.
func (o *logObserver) Observe(ctx context.Context, event Event) {
	times := o.problems.count(problemIn(event))
	if times&(times-1) != 0 {
		return
	}
	entry, ok := entryOf(event)
	if !ok {
		return
	}
	if _, counted := event.(ConnectFailedEvent); times > 1 && !counted {
		entry.attrs = append(entry.attrs, slog.Int("times", times))
	}
	if o.problems.end(resolvedBy(event)) {
		entry.level = slog.LevelInfo
	}
	logger := o.logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.LogAttrs(ctx, entry.level, entry.text, entry.attrs...)
}

// logEntry is an entry of the log.
type logEntry struct {
	level slog.Level
	text  string
	attrs []slog.Attr
}

func entryOf(event Event) (logEntry, bool) {
	switch e := event.(type) {
	case PublishedEvent:
		return publishedEntry(e), true
	case PublishRetriedEvent:
		return logEntry{slog.LevelDebug, "publish retried", append(attrs(e.Err),
			slog.String("publication", e.Publication), slog.String("message_id", e.MessageID),
			slog.String("outcome", e.Outcome.String()), slog.Int("attempts", e.Attempts))}, true
	case MiddlewarePanickedEvent:
		return logEntry{slog.LevelError, "publish middleware panicked", append(attrs(e.Err),
			slog.String("publication", e.Publication), slog.String("message_id", e.MessageID))}, true
	case UnconfirmedReturnedEvent:
		return logEntry{slog.LevelWarn, "message returned", []slog.Attr{
			slog.String("connection", e.Connection), slog.String("message_id", e.MessageID),
			slog.String("exchange", e.Exchange), slog.String("routing_key", e.RoutingKey), slog.String("reply", e.Reply.String()),
		}}, true
	case ConsumerEvent:
		return consumerEntry(e), e.Kind != EventHandled
	case FailedOverEvent:
		return logEntry{slog.LevelWarn, "failed over", []slog.Attr{
			slog.Bool("passive", e.Passive), slog.String("reason", e.Reason.String()),
		}}, true
	}
	return connectionEntry(event)
}

// connectionEntry is the entry of an event about a connection or a channel.
func connectionEntry(event Event) (logEntry, bool) {
	switch e := event.(type) {
	case ConnectedEvent:
		entry := logEntry{slog.LevelDebug, "connected", []slog.Attr{
			slog.String("connection", e.Connection), slog.String("address", e.Address),
			slog.Uint64("generation", e.Generation), slog.Duration("took", e.Took),
		}}
		if e.Down > 0 {
			entry.level, entry.attrs = slog.LevelInfo, append(entry.attrs, slog.Duration("down", e.Down.Round(time.Millisecond)))
		}
		return entry, true
	case ClearTextEvent:
		return logEntry{slog.LevelWarn, "connected without TLS: the password and the messages can be read on the way", []slog.Attr{
			slog.String("connection", e.Connection), slog.String("address", e.Address),
		}}, true
	case ConnectFailedEvent:
		level := slog.LevelWarn
		if e.Refused {
			level = slog.LevelError
		}
		return logEntry{level, "connect failed", append(attrs(e.Err), slog.String("connection", e.Connection),
			slog.Int("attempts", e.Attempts), slog.Duration("down", e.Down.Round(time.Millisecond)), slog.Duration("retry_in", e.RetryIn))}, true
	case ConnectionLostEvent:
		return logEntry{slog.LevelWarn, "connection lost", append(attrs(e.Err),
			slog.String("connection", e.Connection), slog.Uint64("generation", e.Generation))}, true
	case ConnectionBlockedEvent:
		return logEntry{slog.LevelWarn, "connection blocked", []slog.Attr{
			slog.String("connection", e.Connection), slog.String("reason", e.Reason),
		}}, true
	case ConnectionUnblockedEvent:
		return logEntry{slog.LevelInfo, "connection unblocked", []slog.Attr{
			slog.String("connection", e.Connection), slog.Duration("blocked", e.Blocked),
		}}, true
	case ChannelLostEvent:
		return logEntry{slog.LevelWarn, "channel lost", append(attrs(e.Err), slog.String("connection", e.Connection))}, true
	case DeclarationRefusedEvent:
		return logEntry{slog.LevelError, "declaration refused", append(attrs(e.Err), slog.String("connection", e.Connection))}, true
	}
	return logEntry{}, false
}

func publishedEntry(e PublishedEvent) logEntry {
	entry := logEntry{slog.LevelDebug, "published", append(attrs(e.Err),
		slog.String("publication", e.Publication), slog.String("message_id", e.MessageID),
		slog.String("exchange", e.Exchange), slog.String("routing_key", e.RoutingKey),
		slog.String("outcome", e.Outcome.String()), slog.Int("attempts", e.Attempts), slog.Duration("took", e.Took))}
	if e.Err != nil {
		entry.level, entry.text = slog.LevelWarn, "publish failed"
	}
	return entry
}

func consumerEntry(e ConsumerEvent) logEntry {
	entry := logEntry{slog.LevelWarn, "consumer " + e.Kind.String(), append(attrs(e.Err), slog.String("queue", e.Queue))}
	switch e.Kind {
	case EventConsuming, EventRetried: // the reason of a retry has been reported as EventFailed
		entry.level = slog.LevelDebug
	case EventForwarded:
		entry.level = slog.LevelInfo
	}
	if e.Delivery != nil {
		entry.attrs = append(entry.attrs, slog.String("message_id", e.Delivery.MessageID))
	}
	return entry
}

// attrs begins a list of attributes with err, if there is one. Its text is formatted now: the
// errors that it wraps may change.
func attrs(err error) []slog.Attr {
	if err == nil {
		return nil
	}
	return []slog.Attr{slog.String("error", fmt.Sprint(err))}
}

// A problem is something that may happen again and again, and its reason. Two events with the same
// log entry are the same problem.
type problem struct{ subject, reason string }

// problemIn returns the problem that event reports, or none. An event about a single message is not
// a problem: each one is different.
func problemIn(event Event) problem {
	switch e := event.(type) {
	case ConnectFailedEvent:
		return problem{connecting(e.Connection), withoutPort(e.Err)}
	case ClearTextEvent:
		return problem{"clear text", e.Address}
	case ChannelLostEvent:
		return problem{"channel of " + e.Connection, withoutPort(e.Err)}
	case DeclarationRefusedEvent:
		return problem{"declarations of " + e.Connection, withoutPort(e.Err)}
	case UnconfirmedReturnedEvent:
		return problem{"returns of " + e.Connection, e.Exchange + " " + e.RoutingKey}
	case ConsumerEvent:
		switch e.Kind {
		case EventCancelled, EventInterrupted, EventHeld, EventStale, EventOffsetUnsaved:
			return problem{consumingFrom(e.Queue), e.Kind.String() + " " + withoutPort(e.Err)}
		case EventUnknownType: // not resolved by anything
			return problem{"types from " + e.Queue, e.Err.Error()}
		}
	}
	return problem{}
}

// resolvedBy returns the subject whose problems event resolves, or "".
func resolvedBy(event Event) string {
	switch e := event.(type) {
	case ConnectedEvent:
		return connecting(e.Connection)
	case ConsumerEvent:
		if e.Kind == EventConsuming {
			return consumingFrom(e.Queue)
		}
	}
	return ""
}

func connecting(connection string) string { return "connecting of " + connection }
func consumingFrom(queue string) string   { return "consuming from " + queue }

// withoutPort returns err's text without the local address: its port is different each time.
func withoutPort(err error) string {
	text := fmt.Sprint(err)
	before, after, found := strings.Cut(text, "->")
	if !found {
		return text
	}
	return before[:strings.LastIndexByte(before, ' ')+1] + after
}

// problems counts how often each problem has occurred since it was new. A problem is new again
// after its subject has recovered, or after it has not occurred for some time. The zero value is
// ready for use.
type problems struct {
	mu  sync.Mutex
	all map[problem]*occurrences
}

type occurrences struct {
	times int
	last  time.Time
}

const (
	// problemLifetime is how long a problem must not have occurred to be new again.
	problemLifetime = 10 * time.Minute

	// maxProblems limits what is remembered of reasons that are different each time.
	maxProblems = 1000
)

// count notes an occurrence and returns how many there were. It returns 0 for none.
func (t *problems) count(what problem) int {
	if what == (problem{}) {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	o := t.all[what]
	if o == nil || now.Sub(o.last) > problemLifetime {
		o = t.add(what)
	}
	o.times++
	o.last = now
	return o.times
}

func (t *problems) add(what problem) *occurrences {
	if t.all == nil || len(t.all) >= maxProblems {
		t.all = make(map[problem]*occurrences)
	}
	o := &occurrences{}
	t.all[what] = o
	return o
}

// end forgets the problems of subject, and returns whether there were any.
func (t *problems) end(subject string) bool {
	if subject == "" {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.all)
	maps.DeleteFunc(t.all, func(what problem, _ *occurrences) bool { return what.subject == subject })
	return len(t.all) < before
}
