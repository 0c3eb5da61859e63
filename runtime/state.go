package runtime

// State says whether a source can take a publish now. The smaller, the better.
type State uint8

// The states of a source.
const (
	Ready   State = iota // there is a channel with room
	Full                 // every channel's window is full: the program is faster than the broker
	Blocked              // the broker blocks publishers: it runs out of memory or disk
	Down                 // nothing is connected
	Closed               // the connections have been closed by their owner, for good
)

// String returns the state's name in lower case.
func (s State) String() string {
	switch s {
	case Ready:
		return "ready"
	case Full:
		return "full"
	case Blocked:
		return "blocked"
	case Down:
		return "down"
	case Closed:
		return "closed"
	}
	return "unknown"
}

// A StatefulSource is a ProducerSource that tells its state. Implementing it is
// optional. A producer needs it to say that it is busy before a publish has had to
// wait; ActivePassive needs it to tell a full window from an outage.
type StatefulSource interface {
	ProducerSource

	// State returns the state and a channel that is closed when the state may have
	// changed. A source that has never been asked for a channel has not connected
	// yet and may say Ready.
	State() (state State, changed <-chan struct{})
}
