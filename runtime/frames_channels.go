package runtime

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
	phase         channelPhase
	handler       frameHandler // nil if the client library takes all frames
	awaitsCloseOK bool         // the broker still owes a close-ok, because both sides closed at the same time
}

type channelPhase uint8

const (
	channelClosed         channelPhase = iota // the number is free, unless a close-ok is still to come
	channelOpening                            // the open has been written
	channelOpen                               // it has been answered
	channelClosing                            // our close has been written
	channelClosedByBroker                     // the broker's close has been read
)

var errNumberTaken = errors.New("the client library opens a channel whose number is in use")

// expect announces that h takes frames of the channel that is opened next, beginning with the
// answer to its open. One channel is opened at a time.
func (c *channels) expect(h frameHandler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opening, c.number = &channelState{handler: h}, 0
}

// opened returns the number of the channel that was opened last, if the broker has answered.
func (c *channels) opened() (number uint16, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.number, c.opening != nil && c.opening.phase > channelOpening
}

// handler returns the handler of a channel, or nil.
func (c *channels) handler(channel uint16) frameHandler {
	c.mu.RLock()
	defer c.mu.RUnlock()
	state := c.byNumber[channel]
	if state == nil || state.phase < channelOpen {
		return nil
	}
	return state.handler
}

// count returns how many channels are open.
func (c *channels) count() (n int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, state := range c.byNumber {
		if state.phase == channelOpen {
			n++
		}
	}
	return n
}

// onRead notes that a method is about to be read, and returns whether to hide it from the client
// library.
func (c *channels) onRead(channel uint16, method uint32) (hide bool) {
	c.mu.Lock()
	state := c.byNumber[channel]
	var closed frameHandler
	switch {
	case state == nil:
	case method == methodChannelOpenOK && state.phase == channelOpening:
		state.phase = channelOpen
	case method == methodChannelClose && state.phase >= channelOpen:
		closed, state.handler = state.handler, nil
		state.awaitsCloseOK = state.phase == channelClosing
		state.phase = channelClosedByBroker
	case method == methodChannelCloseOK && state.awaitsCloseOK:
		// The client library would take it for the answer to the open of the next channel.
		hide, state.awaitsCloseOK = true, false
		c.drop(channel, state)
	case method == methodChannelCloseOK && state.phase == channelClosing:
		state.phase = channelClosed
		c.drop(channel, state)
	}
	c.mu.Unlock()
	if closed != nil {
		closed.stopWriting()
	}
	return hide
}

// onWrite notes that the client library is about to write a frame, and returns whether it may. The
// method is 0 for a frame without one.
func (c *channels) onWrite(channel uint16, method uint32) (pass bool, err error) {
	c.mu.Lock()
	state := c.byNumber[channel]
	var closed frameHandler
	switch {
	case channel == 0: // the connection's own frames
		pass = true
	case method == methodChannelOpen:
		err = c.open(channel, state)
		pass = true
	case method == methodChannelCloseOK:
		pass = true // the client library also answers for channels that it does not know
		if state != nil && state.phase == channelClosedByBroker {
			state.phase = channelClosed
			c.drop(channel, state)
		}
	case state == nil || state.phase != channelOpen: // the channel has been closed meanwhile
	case method == methodChannelClose:
		pass, closed, state.phase = true, state.handler, channelClosing
	default:
		pass = true
	}
	c.mu.Unlock()
	if closed != nil {
		closed.stopWriting()
	}
	return pass, err
}

// open assigns a number to the channel that is being opened. The caller holds mu.
func (c *channels) open(channel uint16, old *channelState) error {
	if old != nil && old.phase != channelClosed || c.opening == nil || c.number != 0 {
		return errNumberTaken
	}
	if c.byNumber == nil {
		c.byNumber = make(map[uint16]*channelState)
	}
	c.number, c.opening.phase = channel, channelOpening
	c.opening.awaitsCloseOK = old != nil && old.awaitsCloseOK
	c.byNumber[channel] = c.opening
	return nil
}

// drop forgets a channel if no frame of it is still to come. The caller holds mu.
func (c *channels) drop(channel uint16, state *channelState) {
	if state.phase == channelClosed && !state.awaitsCloseOK {
		delete(c.byNumber, channel)
	}
}
