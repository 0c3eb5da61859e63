package frame

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"slices"
	"sync/atomic"
	"time"
)

// A Conn is the layer between the client library and the network. Publishes, deliveries and their
// answers bypass the library: it spends more time on them than on everything else, it holds locks
// meanwhile that its Close needs, and it loses the order of confirms and returns. The library does
// all the rest: the handshake, opening channels, declarations, consuming and cancelling,
// heartbeats.
//
// The library's output is passed on in whole frames, so that publishes can be written between them.
//
// Read and Write are for the library. All other methods may be called by many goroutines at once.
type Conn struct {
	net.Conn
	reader   *bufio.Reader
	channels channels
	nonAMQP  atomic.Pointer[[frameHead]byte] // the first bytes from the peer that are no frame; nil if there were none

	// For the reading goroutine only.
	passLeft    int       // octets of a frame that are still to be passed to the library
	passthrough bool      // the peer does not speak AMQP: the library reads everything
	heartbeat   []byte    // the rest of a heartbeat that is being passed to the library
	libraryRead time.Time // when the library last read something
	takenOctets int       // octets taken since the clock was last read
	scratch     []byte    // holds a frame that is larger than the reader's buffer

	// For the library's writes, which it makes one at a time.
	partial    []byte // of a frame that the library has not written completely
	headerSent bool   // the protocol header has been sent
}

// A Handler takes some of the frames of one channel. It is called on the reading goroutine, in
// the order of the wire, and must not block. Its arguments are valid during the call. An error ends
// the connection.
type Handler interface {
	// WantsMethod reports whether a method, and the content that follows it, is for the handler. All
	// others are for the client library.
	WantsMethod(method Method) bool
	HandleMethod(method Method, arguments []byte) error
	HandleHeader(payload []byte) error             // of the content that follows
	HandleBody(from *bufio.Reader, size int) error // a part of it; size octets must be read

	// StopWriting is called before a close of the channel passes, from the broker or from the
	// client library. When it has returned, nothing is written on the channel any more. It may wait
	// only for a write in progress.
	StopWriting()
}

const (
	// heartbeatInterval is how often the client library gets a heartbeat while nothing that arrives
	// is for it: otherwise it would take the connection for dead. It is much shorter than the
	// shortest heartbeat interval, because a broker that sends other frames sends no heartbeats.
	heartbeatInterval = 250 * time.Millisecond

	readBuffer = 32 << 10
)

// NewConn returns a Conn over a network connection on which nothing has been written or read.
func NewConn(conn net.Conn) *Conn {
	return &Conn{
		Conn:        conn,
		reader:      bufio.NewReaderSize(conn, readBuffer),
		libraryRead: time.Now(),
	}
}

// Expect announces that h takes frames of the channel that the client library opens next, beginning
// with the answer to its open. h is nil if the library takes all of them. One channel is opened at a
// time.
func (f *Conn) Expect(h Handler) { f.channels.expect(h) }

// Opened returns the number of the channel that was opened last, if the broker has answered.
func (f *Conn) Opened() (number uint16, ok bool) { return f.channels.opened() }

// Channels returns how many channels are open.
func (f *Conn) Channels() int { return f.channels.count() }

// NotAMQP returns the first bytes that the peer sent instead of a frame, or nil if it sent frames.
func (f *Conn) NotAMQP() []byte {
	if first := f.nonAMQP.Load(); first != nil {
		return first[:]
	}
	return nil
}

// Read reads what is for the library, and handles the frames that are not.
func (f *Conn) Read(p []byte) (int, error) {
	for f.passLeft == 0 && len(f.heartbeat) == 0 && !f.passthrough {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if len(f.heartbeat) > 0 {
		n := copy(p, f.heartbeat)
		f.heartbeat = f.heartbeat[n:]
		return n, nil
	}
	if !f.passthrough {
		p = p[:min(len(p), f.passLeft)]
	}
	n, err := f.reader.Read(p)
	f.passLeft -= min(n, f.passLeft)
	return n, err
}

// next looks at the next frame, and takes it or passes it to the library.
func (f *Conn) next() error {
	head, err := f.reader.Peek(frameHead)
	if err != nil {
		return err
	}
	kind, channel := head[0], binary.BigEndian.Uint16(head[1:])
	length := binary.BigEndian.Uint32(head[3:])
	switch {
	case !isFrame(kind):
		f.nonAMQP.CompareAndSwap(nil, (*[frameHead]byte)(slices.Clone(head)))
		f.passthrough = true
		return nil
	case length > math.MaxInt32-Overhead: // an int may have 32 bits
		return errLargeFrame
	}
	size := int(length) + Overhead
	taken, err := f.offer(kind, channel, size)
	if err != nil {
		return err
	}
	if !taken {
		f.passLeft, f.libraryRead = size, time.Now()
		return nil
	}
	f.feedHeartbeat(size)
	return nil
}

func isFrame(kind byte) bool {
	return kind == frameMethod || kind == frameHeader || kind == frameBody || kind == frameHeartbeat
}

// feedHeartbeat gives the library a heartbeat if it has not read anything for long. It reads the
// clock when nothing is left to read, and now and then if that never happens.
func (f *Conn) feedHeartbeat(size int) {
	f.takenOctets += size
	if f.reader.Buffered() > 0 && f.takenOctets < readBuffer {
		return
	}
	f.takenOctets = 0
	if now := time.Now(); now.Sub(f.libraryRead) > heartbeatInterval {
		f.heartbeat, f.libraryRead = heartbeatFrame(), now
	}
}

// offer takes the next frame if it is for a handler, or for nobody.
func (f *Conn) offer(kind byte, channel uint16, size int) (taken bool, err error) {
	h := f.channels.handler(channel)
	if kind == frameHeartbeat || h == nil && kind != frameMethod {
		return false, nil
	}
	if size > Max {
		return false, errLargeFrame
	}
	switch kind {
	case frameMethod:
		return f.offerMethod(h, channel, size)
	case frameHeader:
		return true, f.take(size, h.HandleHeader)
	default:
		return true, f.takeBody(size, h)
	}
}

// offerMethod takes the methods that the handler wants. All others are for the library.
func (f *Conn) offerMethod(h Handler, channel uint16, size int) (taken bool, err error) {
	if size < Overhead+4 {
		return false, nil
	}
	head, err := f.reader.Peek(frameHead + 4)
	if err != nil {
		return false, err
	}
	id := Method(binary.BigEndian.Uint32(head[frameHead:]))
	if id>>16 == classChannel && f.channels.onRead(channel, id) {
		return true, f.take(size, func([]byte) error { return nil })
	}
	if h == nil || !h.WantsMethod(id) {
		return false, nil
	}
	return true, f.take(size, func(payload []byte) error { return h.HandleMethod(id, payload[4:]) })
}

// takeBody lets the handler read a frame of a body.
func (f *Conn) takeBody(size int, h Handler) error {
	if _, err := f.reader.Discard(frameHead); err != nil {
		return err
	}
	if err := h.HandleBody(f.reader, size-Overhead); err != nil {
		return err
	}
	end, err := f.reader.ReadByte()
	if err == nil && end != frameEnd {
		err = errBadFrame
	}
	return err
}

// take passes the next frame's payload to use and removes the frame.
func (f *Conn) take(size int, use func(payload []byte) error) error {
	inPlace := size <= f.reader.Size()
	var frame []byte
	var err error
	if inPlace {
		frame, err = f.reader.Peek(size)
	} else {
		f.scratch = slices.Grow(f.scratch[:0], size)[:size]
		frame = f.scratch
		_, err = io.ReadFull(f.reader, frame)
	}
	if err != nil {
		return err
	}
	if frame[size-1] != frameEnd {
		return errBadFrame
	}
	if err := use(frame[frameHead : size-1]); err != nil {
		return err
	}
	if inPlace {
		_, err = f.reader.Discard(size)
	}
	return err
}

var (
	errBadFrame   = errors.New("the broker sent a frame without an end")
	errLargeFrame = errors.New("the broker sent a frame that is larger than agreed")
)

// Write takes what the library writes. It sends each frame that is complete and may still be sent.
func (f *Conn) Write(p []byte) (int, error) {
	if !f.headerSent {
		f.headerSent = true // the protocol header, which is no frame
		return f.Conn.Write(p)
	}
	out := p
	if len(f.partial) > 0 {
		f.partial = append(f.partial, p...)
		out = f.partial
	}
	sent, at := 0, 0
	for size := wholeFrame(out); size > 0; size = wholeFrame(out[at:]) {
		pass, err := f.channels.onWrite(channelAndMethod(out[at : at+size]))
		if err != nil {
			return 0, err
		}
		if !pass {
			if err := f.WriteFrames(out[sent:at]); err != nil {
				return 0, err
			}
			sent = at + size
		}
		at += size
	}
	if err := f.WriteFrames(out[sent:at]); err != nil {
		return 0, err
	}
	f.partial = append(f.partial[:0], out[at:]...)
	return len(p), nil
}

// WriteFrames sends whole frames without the client library. The caller makes sure that their
// channel is open.
func (f *Conn) WriteFrames(whole []byte) error {
	if len(whole) == 0 {
		return nil
	}
	_, err := f.Conn.Write(whole)
	return err
}

// wholeFrame returns the size of the frame that p begins with, or 0 if p does not hold all of it.
func wholeFrame(p []byte) int {
	if len(p) < frameHead {
		return 0
	}
	if size := int(binary.BigEndian.Uint32(p[3:])) + Overhead; size <= len(p) {
		return size
	}
	return 0
}

// channelAndMethod returns a frame's channel, and its method if it has one.
func channelAndMethod(frame []byte) (channel uint16, method Method) {
	channel = binary.BigEndian.Uint16(frame[1:])
	if frame[0] == frameMethod && len(frame) >= Overhead+4 {
		method = Method(binary.BigEndian.Uint32(frame[frameHead:]))
	}
	return channel, method
}
