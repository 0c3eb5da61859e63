package frame

import (
	"errors"
	"sync"
)

// channels knows the state of each channel of a connection, by the frames that pass. The client
// library and our handlers may learn too late that a channel is closed. A frame on the number of a
// closed channel ends the whole connection, or goes to the next channel with that number.
type channels struct {
	mu       sync.RWMutex
	byNumber map[uint16]*channelState // the numbers that are in use
	opening  *channelState            // the channel that is being opened, or was opened last
	number   uint16                   // its number; 0 until the client library has chosen one
}

type channelState struct {
	phase         phase
	handler       Handler // nil if the client library takes all frames
	awaitsCloseOK bool    // the broker still owes a close-ok, because both sides closed at the same time
}

type phase uint8

const (
	phaseClosed         phase = iota // the number is free, unless a close-ok is still to come
	phaseOpening                     // the open has been written
	phaseOpen                        // it has been answered
	phaseClosing                     // our close has been written
	phaseClosedByBroker              // the broker's close has been read
)

var errNumberTaken = errors.New("the client library opens a channel whose number is in use")

// expect announces that h takes frames of the channel that is opened next, beginning with the
// answer to its open. One channel is opened at a time.
func (c *channels) expect(h Handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opening, c.number = &channelState{handler: h}, 0
}

// opened returns the number of the channel that was opened last, if the broker has answered.
func (c *channels) opened() (number uint16, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.number, c.opening != nil && c.opening.phase > phaseOpening
}

// handler returns the handler of a channel, or nil.
func (c *channels) handler(channel uint16) Handler {
	c.mu.RLock()
	defer c.mu.RUnlock()
	state := c.byNumber[channel]
	if state == nil || state.phase < phaseOpen {
		return nil
	}
	return state.handler
}

// count returns how many channels are open.
func (c *channels) count() (n int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, state := range c.byNumber {
		if state.phase == phaseOpen {
			n++
		}
	}
	return n
}

// onRead notes that a method is about to be read, and returns whether to hide it from the client
// library.
func (c *channels) onRead(channel uint16, method Method) (hide bool) {
	c.mu.Lock()
	state := c.byNumber[channel]
	var closed Handler
	switch {
	case state == nil:
	case method == channelOpenOK && state.phase == phaseOpening:
		state.phase = phaseOpen
	case method == channelClose && state.phase >= phaseOpen:
		closed, state.handler = state.handler, nil
		state.awaitsCloseOK = state.phase == phaseClosing
		state.phase = phaseClosedByBroker
	case method == channelCloseOK && state.awaitsCloseOK:
		// The client library would take it for the answer to the open of the next channel.
		hide, state.awaitsCloseOK = true, false
		c.drop(channel, state)
	case method == channelCloseOK && state.phase == phaseClosing:
		state.phase = phaseClosed
		c.drop(channel, state)
	}
	c.mu.Unlock()
	if closed != nil {
		closed.StopWriting()
	}
	return hide
}

// onWrite notes that the client library is about to write a frame, and returns whether it may. The
// method is 0 for a frame without one.
func (c *channels) onWrite(channel uint16, method Method) (pass bool, err error) {
	c.mu.Lock()
	state := c.byNumber[channel]
	var closed Handler
	switch {
	case channel == 0: // the connection's own frames
		pass = true
	case method == channelOpen:
		err = c.open(channel, state)
		pass = true
	case method == channelCloseOK:
		pass = true // the client library also answers for channels that it does not know
		if state != nil && state.phase == phaseClosedByBroker {
			state.phase = phaseClosed
			c.drop(channel, state)
		}
	case state == nil || state.phase != phaseOpen: // the channel has been closed meanwhile
	case method == channelClose:
		pass, closed, state.phase = true, state.handler, phaseClosing
	default:
		pass = true
	}
	c.mu.Unlock()
	if closed != nil {
		closed.StopWriting()
	}
	return pass, err
}

// open assigns a number to the channel that is being opened. The caller holds mu.
func (c *channels) open(channel uint16, old *channelState) error {
	if old != nil && old.phase != phaseClosed || c.opening == nil || c.number != 0 {
		return errNumberTaken
	}
	if c.byNumber == nil {
		c.byNumber = make(map[uint16]*channelState)
	}
	c.number, c.opening.phase = channel, phaseOpening
	c.opening.awaitsCloseOK = old != nil && old.awaitsCloseOK
	c.byNumber[channel] = c.opening
	return nil
}

// drop forgets a channel if no frame of it is still to come. The caller holds mu.
func (c *channels) drop(channel uint16, state *channelState) {
	if state.phase == phaseClosed && !state.awaitsCloseOK {
		delete(c.byNumber, channel)
	}
}
