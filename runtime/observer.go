package runtime

import (
	"slices"
	"time"
)

// An Observer is told what happens, for logs, metrics and traces. Observe is called
// from many goroutines at once, some of which everything else waits for: it must be
// quick and must not block.
//
// Without one, all that goes wrong and mends is logged as by NewLogObserver(nil), except
// for publishes: their callers get the error. NoObserver is silent.
//
// New kinds of events may come with any release; ignore those you do not know.
type Observer interface {
	Observe(event Event)
}

// An Event is one of Connected, ClearText, ConnectFailed, ConnectionLost, ConnectionBlocked,
// ConnectionUnblocked, ChannelLost, DeclarationRefused, Published, PublishRetried,
// UnconfirmedReturned, FailedOver and ConsumerEvent.
type Event interface{ event() }

// Observers returns an Observer that passes each event on to all of observers. Those that
// are nil are left out. It does not log: add NewLogObserver(nil) for that.
func Observers(observers ...Observer) Observer {
	return observerList(slices.DeleteFunc(slices.Clone(observers), func(o Observer) bool { return o == nil }))
}

type observerList []Observer

func (l observerList) Observe(event Event) {
	for _, observer := range l {
		observer.Observe(event)
	}
}

// NoObserver is the Observer that keeps silent.
var NoObserver Observer = noObserver{}

type noObserver struct{}

func (noObserver) Observe(Event) {}

// defaultObserver is the Observer of those who did not set one.
type defaultObserver struct{ logObserver }

// observerOf returns the observer that source's connections report to, if it is one
// of this package's sources.
func observerOf(source any) Observer {
	if observed, ok := source.(interface{ observer() Observer }); ok {
		return observed.observer()
	}
	return &defaultObserver{}
}

// hearsPublishes says whether observer is told of single publishes: somebody has set it.
func observesPublishes(observer Observer) bool {
	switch observer.(type) {
	case noObserver, *defaultObserver:
		return false
	}
	return true
}

// Connected is the event of a network connection that is up.
type Connected struct {
	Connection string        // the name that operators see
	Address    string        // host and port
	Generation uint64        // 1 for the first, and one more for each that follows
	Took       time.Duration // from the beginning of the dial
	Down       time.Duration // how long there was none, although it was wanted; 0 if the first attempt succeeded
}

// ClearText is the event of the first connection of a Connection that goes to another machine
// without TLS: whoever is on the way can read the password and the messages.
type ClearText struct {
	Connection string
	Address    string // host and port
}

// ConnectFailed is the event of an attempt to connect that did not succeed.
type ConnectFailed struct {
	Connection string
	Err        error
	Attempts   int           // how many have failed since the connection was lost or first wanted, this one included
	Down       time.Duration // since then
	Refused    bool          // trying again soon will not help: Err is a *RefusedError, or the Broker has a mistake
	RetryIn    time.Duration // the longest that the next attempt waits
}

// ConnectionLost is the event of a network connection that went down.
type ConnectionLost struct {
	Connection string
	Generation uint64
	Err        error
}

// ConnectionBlocked is the event of a broker that stops reading from its publishers,
// because it runs out of memory or disk.
type ConnectionBlocked struct {
	Connection string
	Reason     string
}

// ConnectionUnblocked is the event of a broker that reads from its publishers again.
type ConnectionUnblocked struct {
	Connection string
	Blocked    time.Duration // how long it was blocked
}

// ChannelLost is the event of a channel that the broker closed while its connection
// stayed up.
type ChannelLost struct {
	Connection string
	Err        error
}

// DeclarationRefused is the event of a declaration that the broker refused.
type DeclarationRefused struct {
	Connection string
	Err        error // a *DeclarationError
}

// Published is the event of a publish that has settled, retries and all.
type Published struct {
	Publication string // Publication.Name
	Exchange    string
	RoutingKey  string
	MessageID   string
	Size        int // of the body, in bytes
	Outcome     Outcome
	Attempts    int
	Took        time.Duration // from the call to the settlement
	Err         error
}

// PublishRetried is the event of a publish that is about to be sent again.
type PublishRetried struct {
	Publication string
	MessageID   string
	Outcome     Outcome // of the attempt that did not succeed
	Attempts    int     // so far
	Err         error
}

// UnconfirmedReturned is the event of a message that came back on a channel without
// confirms: its publish had settled when it was written, so only this event tells.
type UnconfirmedReturned struct {
	Connection string
	MessageID  string
	Exchange   string
	RoutingKey string
	Reply      Reply
}

// FailedOver is the event of an active/passive pair that switches from one side to
// the other.
type FailedOver struct {
	Passive bool  // to the passive side
	Reason  State // of the side that was left; Ready when it was left by choice
}

func (Connected) event()           {}
func (ClearText) event()           {}
func (ConnectFailed) event()       {}
func (ConnectionLost) event()      {}
func (ConnectionBlocked) event()   {}
func (ConnectionUnblocked) event() {}
func (ChannelLost) event()         {}
func (DeclarationRefused) event()  {}
func (Published) event()           {}
func (PublishRetried) event()      {}
func (UnconfirmedReturned) event() {}
func (FailedOver) event()          {}
