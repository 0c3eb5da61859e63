package runtime

import (
	"context"
	"fmt"
	"log/slog"
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
