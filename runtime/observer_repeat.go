package runtime

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
)

// A trouble is what may come again and again, and why: the same for each time that a log
// would say the same of it.
type problem struct{ subject, reason string }

// troubleIn returns the trouble that event tells of, or none. What happens to a single
// message is none: each is another one.
func problemIn(event Event) problem {
	switch e := event.(type) {
	case ConnectFailed:
		return problem{connecting(e.Connection), withoutPort(e.Err)}
	case ClearText:
		return problem{"clear text", e.Address}
	case ChannelLost:
		return problem{"channel of " + e.Connection, withoutPort(e.Err)}
	case DeclarationRefused:
		return problem{"declarations of " + e.Connection, withoutPort(e.Err)}
	case UnconfirmedReturned:
		return problem{"returns of " + e.Connection, e.Exchange + " " + e.RoutingKey}
	case ConsumerEvent:
		switch e.Kind {
		case Cancelled, Interrupted, Held, Stale:
			return problem{consumingFrom(e.Queue), e.Kind.String() + " " + withoutPort(e.Err)}
		}
	}
	return problem{}
}

// mendedBy returns the subject whose trouble event ends, if it does that.
func resolvedBy(event Event) string {
	switch e := event.(type) {
	case Connected:
		return connecting(e.Connection)
	case ConsumerEvent:
		if e.Kind == Consuming {
			return consumingFrom(e.Queue)
		}
	}
	return ""
}

func connecting(connection string) string { return "connecting of " + connection }
func consumingFrom(queue string) string   { return "consuming from " + queue }

// withoutPort returns err's text without our own address: its port is another one each time.
func withoutPort(err error) string {
	text := fmt.Sprint(err)
	before, after, found := strings.Cut(text, "->")
	if !found {
		return text
	}
	return before[:strings.LastIndexByte(before, ' ')+1] + after
}

// troubles counts how often each trouble has come since it is new. It is new again when its
// subject's trouble has ended, or when it has not come for a while. The zero value is ready
// for use.
type problems struct {
	mu  sync.Mutex
	all map[problem]*occurrences
}

type occurrences struct {
	times int
	last  time.Time
}

const (
	// quietTrouble is how long a trouble must not have come to be new again.
	problemLifetime = 10 * time.Minute

	// maxTroubles bounds what is remembered of reasons that are different each time.
	maxProblems = 1000
)

// count notes that what has come and returns how often it has: 0 for none.
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

// end notes that the trouble of subject is over, and says whether there was any.
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
