// Package wire has the bottom of a network connection: a socket whose writes never wait.
package wire

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// highWater is the number of buffered bytes from which on publishers wait. A wire never
	// holds more than this plus one message for each channel.
	highWater = 256 << 10

	// maxKept is the largest buffer that is kept after it has been written.
	maxKept = 1 << 20

	// chunk is how much is written under one deadline.
	chunk = 64 << 10
)

// A Conn is the net.Conn below the client library. Its Write never waits: the library holds locks
// while it writes, and whoever waits for those locks does not notice that its ctx has ended; not
// even the library's Close does. So bytes that the socket does not accept at once are buffered, and
// a goroutine of the Conn sends them together with all that arrive meanwhile. Publishers wait for
// room before they write, until their ctx ends.
//
// A write that is likely to stay alone goes straight to the socket: nothing is buffered, and writes
// alternate with the peer's answers. Where each answer lets several publishers write at once, one
// large write costs both sides less than a small one followed by a large one.
//
// All methods except Read may be called by many goroutines at once.
type Conn struct {
	net.Conn
	config Config
	try    func([]byte) (int, error)

	hasRead  atomic.Bool // something has been read since the last write
	buffered atomic.Int64
	closed   chan struct{}
	wake     chan struct{}

	mu       sync.Mutex
	buffer   []byte // what the flusher has not taken yet
	flushing bool   // the flusher holds bytes that are older than buffer
	burst    bool   // another write followed the last one before anything was read
	err      error
	closing  bool
}

// A Config says how long a Conn waits for its peer, and whom it tells that there is room. All
// fields are required. The functions are called on the goroutine of the Conn and must not block.
type Config struct {
	Timeout  time.Duration // how long the peer may accept no byte
	MayStall func() bool   // whether the peer has said that it accepts no bytes now
	OnRoom   func()        // called when the Conn is no longer full, or has failed
}

// NewConn returns a Conn over a socket. Close it to end its goroutine.
func NewConn(socket net.Conn, config Config) *Conn {
	w := &Conn{
		Conn:   socket,
		config: config,
		try:    tryWriter(socket),
		closed: make(chan struct{}),
		wake:   make(chan struct{}, 1),
	}
	w.hasRead.Store(true)
	go w.flush()
	return w
}

// Read reads from the peer. It is for one goroutine at a time.
func (w *Conn) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 && !w.hasRead.Load() {
		w.hasRead.Store(true)
	}
	return n, err
}

// Write sends p or buffers it. It fails only if an earlier write has failed: what it has accepted
// may or may not reach the peer.
func (w *Conn) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	if w.closing {
		return 0, net.ErrClosed
	}
	rest := p
	if w.standsAlone() && !w.flushing && len(w.buffer) == 0 {
		n, err := w.try(p)
		if err != nil {
			w.fail(err)
			return n, err
		}
		rest = p[n:]
	}
	if len(rest) > 0 {
		w.buffer = append(w.buffer, rest...)
		w.buffered.Add(int64(len(rest)))
		w.wakeFlusher()
	}
	return len(p), nil
}

// standsAlone reports whether a write is likely to be the only one until something is read again:
// it is the first since then, and the last time no other followed the first. The caller holds mu.
func (w *Conn) standsAlone() bool {
	if !w.hasRead.Swap(false) {
		w.burst = true
		return false
	}
	lone := !w.burst
	w.burst = false
	return lone
}

// Full reports whether publishers have to wait for room.
func (w *Conn) Full() bool { return w.buffered.Load() >= highWater }

// Err returns the error that ended writing, if one did.
func (w *Conn) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Abort ends the connection because of err.
func (w *Conn) Abort(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail(err)
}

// Closed returns a channel that Close closes.
func (w *Conn) Closed() <-chan struct{} { return w.closed }

// Close closes the socket at once. It first offers the buffer to the socket, which accepts it if
// the peer has been reading. It may be called more than once.
func (w *Conn) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing {
		return nil
	}
	w.closing = true
	if !w.flushing && w.err == nil && len(w.buffer) > 0 {
		_, _ = w.try(w.buffer)
	}
	close(w.closed)
	return w.Conn.Close()
}

// SetDeadline sets the deadline for reading. The Conn itself sets deadlines for writing.
func (w *Conn) SetDeadline(t time.Time) error { return w.Conn.SetReadDeadline(t) }

// SetWriteDeadline does nothing: the Conn itself sets deadlines for writing.
func (w *Conn) SetWriteDeadline(time.Time) error { return nil }

// wakeFlusher tells the flusher that there is something to send.
func (w *Conn) wakeFlusher() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// fail notes the first error and closes the socket, so that the reader notices. A failure after
// Close is no error. The caller holds mu.
func (w *Conn) fail(err error) {
	if w.err == nil && !w.closing {
		w.err = err
		_ = w.Conn.Close()
	}
}

// flush sends the buffer until the Conn is closed. There are two buffers, which never share memory:
// one is filled while the other is sent.
func (w *Conn) flush() {
	var out []byte
	for {
		select {
		case <-w.wake:
		case <-w.closed:
			return
		}
		for {
			out = w.take(out)
			if len(out) == 0 {
				break
			}
			if err := w.send(out); err != nil {
				w.Abort(err)
				w.config.OnRoom()
				return
			}
		}
	}
}

// take gives the buffer to the flusher, and continues with empty.
func (w *Conn) take(empty []byte) []byte {
	if cap(empty) > maxKept {
		empty = nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.buffer
	w.buffer = empty[:0]
	w.flushing = len(out) > 0
	return out
}

// send writes p, as long as the peer keeps accepting some of it. Only what the socket does not
// accept at once needs a deadline.
func (w *Conn) send(p []byte) error {
	n, err := w.try(p)
	w.sent(n)
	if err != nil || n == len(p) {
		return err
	}
	for p = p[n:]; len(p) > 0; p = p[n:] {
		if err := w.Conn.SetWriteDeadline(time.Now().Add(w.config.Timeout)); err != nil {
			return err
		}
		n, err = w.Conn.Write(p[:min(len(p), chunk)])
		w.sent(n)
		if err != nil && !w.mayContinue(n, err) {
			return err
		}
	}
	// Otherwise the old deadline would apply to the next write, which may not wait.
	return w.Conn.SetWriteDeadline(time.Time{})
}

// sent notes that the socket has accepted n of the buffered bytes.
func (w *Conn) sent(n int) {
	level := w.buffered.Add(int64(-n))
	if level < highWater && level+int64(n) >= highWater {
		w.config.OnRoom()
	}
}

// mayContinue reports whether to continue after err, when n bytes were accepted before it.
func (w *Conn) mayContinue(n int, err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	return n > 0 || w.config.MayStall()
}
