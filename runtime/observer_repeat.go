package runtime

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
)

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
		case EventCancelled, EventInterrupted, EventHeld, EventStale:
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
