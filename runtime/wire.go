package runtime

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// wireHighWater is the number of buffered bytes from which on publishers wait. A wire never
	// holds more than this plus one message for each channel.
	wireHighWater = 256 << 10

	// wireMaxKept is the largest buffer that is kept after it has been written.
	wireMaxKept = 1 << 20

	// wireChunk is how much is written under one deadline.
	wireChunk = 64 << 10
)

// wire is the net.Conn below the client library. Its Write never waits: the library holds locks
// while it writes, and whoever waits for those locks does not notice that its ctx has ended; not
// even the library's Close does. So bytes that the socket does not accept at once are buffered, and
// a goroutine of the wire sends them together with all that arrive meanwhile. Publishers wait for
// room before they write, until their ctx ends.
//
// A write that is likely to stay alone goes straight to the socket: nothing is buffered, and writes
// alternate with the peer's answers. Where each answer lets several publishers write at once, one
// large write costs both sides less than a small one followed by a large one.
type wire struct {
	net.Conn
	timeout  time.Duration // how long the peer may accept no byte
	mayStall func() bool   // whether the peer has said that it accepts no bytes now; may be nil
	try      func([]byte) (int, error)

	hasRead  atomic.Bool // something has been read since the last write
	buffered atomic.Int64
	room     signal
	closed   chan struct{}
	wake     chan struct{}

	mu       sync.Mutex
	buffer   []byte // what the flusher has not taken yet
	flushing bool   // the flusher holds bytes that are older than buffer
	burst    bool   // another write followed the last one before anything was read
	err      error
	closing  bool
}

// newWire returns a wire over conn. Close it to end its goroutine.
func newWire(conn net.Conn, timeout time.Duration) *wire {
	w := &wire{
		Conn:    conn,
		timeout: timeout,
		try:     tryWriter(conn),
		closed:  make(chan struct{}),
		wake:    make(chan struct{}, 1),
	}
	w.hasRead.Store(true)
	go w.flush()
	return w
}

// Read reads from the peer. It is for one goroutine at a time.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 && !w.hasRead.Load() {
		w.hasRead.Store(true)
	}
	return n, err
}

// Write sends p or buffers it. It fails only if an earlier write has failed: what it has accepted
// may or may not reach the peer.
func (w *wire) Write(p []byte) (int, error) {
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
func (w *wire) standsAlone() bool {
	if !w.hasRead.Swap(false) {
		w.burst = true
		return false
	}
	lone := !w.burst
	w.burst = false
	return lone
}

// full reports whether publishers have to wait for room.
func (w *wire) full() bool { return w.buffered.Load() >= wireHighWater }

// failure returns the error that ended writing, if one did.
func (w *wire) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Close closes the socket at once. It first offers the buffer to the socket, which accepts it if
// the peer has been reading. It may be called more than once.
func (w *wire) Close() error {
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

// SetDeadline sets the deadline for reading. The wire itself sets deadlines for writing.
func (w *wire) SetDeadline(t time.Time) error { return w.Conn.SetReadDeadline(t) }

// SetWriteDeadline does nothing: the wire itself sets deadlines for writing.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// wakeFlusher tells the flusher that there is something to send.
func (w *wire) wakeFlusher() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// abort ends the connection because of err.
func (w *wire) abort(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail(err)
}

// fail notes the first error and closes the socket, so that the reader notices. A failure after
// Close is no error. The caller holds mu.
func (w *wire) fail(err error) {
	if w.err == nil && !w.closing {
		w.err = err
		_ = w.Conn.Close()
	}
}

// flush sends the buffer until the wire is closed. There are two buffers, which never share memory:
// one is filled while the other is sent.
func (w *wire) flush() {
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
				w.abort(err)
				w.room.notify()
				return
			}
		}
	}
}

// take gives the buffer to the flusher, and continues with empty.
func (w *wire) take(empty []byte) []byte {
	if cap(empty) > wireMaxKept {
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
func (w *wire) send(p []byte) error {
	n, err := w.try(p)
	w.sent(n)
	if err != nil || n == len(p) {
		return err
	}
	for p = p[n:]; len(p) > 0; p = p[n:] {
		if err := w.Conn.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
			return err
		}
		n, err = w.Conn.Write(p[:min(len(p), wireChunk)])
		w.sent(n)
		if err != nil && !w.mayContinue(n, err) {
			return err
		}
	}
	// Otherwise the old deadline would apply to the next write, which may not wait.
	return w.Conn.SetWriteDeadline(time.Time{})
}

// sent notes that the socket has accepted n of the buffered bytes.
func (w *wire) sent(n int) {
	level := w.buffered.Add(int64(-n))
	if level < wireHighWater && level+int64(n) >= wireHighWater {
		w.room.notify()
	}
}

// mayContinue reports whether to continue after err, when n bytes were accepted before it.
func (w *wire) mayContinue(n int, err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	return n > 0 || w.mayStall != nil && w.mayStall()
}
