//go:build unix

package wire

import (
	"net"
	"syscall"
)

// tryWriter returns a function that writes what the socket accepts at once and returns how much
// that was. It writes nothing to a connection that is no socket. The function is for one goroutine
// at a time.
func tryWriter(conn net.Conn) func([]byte) (int, error) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return writeNothing
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return writeNothing
	}
	t := &nonBlockingWriter{raw: raw}
	t.once = t.write
	return t.try
}

// nonBlockingWriter keeps what raw.Write's callback needs, so that a write allocates nothing.
type nonBlockingWriter struct {
	raw  syscall.RawConn
	once func(fd uintptr) bool
	p    []byte
	n    int
	err  error
}

func (t *nonBlockingWriter) try(p []byte) (int, error) {
	t.p, t.n, t.err = p, 0, nil
	err := t.raw.Write(t.once)
	t.p = nil
	if err == nil {
		err = t.err
	}
	return t.n, err
}

// write makes one attempt. It always reports that it is done: the flusher waits until the socket is
// writable.
func (t *nonBlockingWriter) write(fd uintptr) bool {
	n, err := syscall.Write(int(fd), t.p)
	t.n = max(n, 0)
	if err != syscall.EAGAIN && err != syscall.EINTR {
		t.err = err
	}
	return true
}

func writeNothing([]byte) (int, error) { return 0, nil }
