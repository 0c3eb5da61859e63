package frame

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
)

// handle opens a channel, of which h takes frames.
func (f *Conn) handle(channel uint16, h Handler) {
	f.Expect(h)
	_, _ = f.channels.onWrite(channel, channelOpen)
	f.channels.onRead(channel, channelOpenOK)
}

// frameOf is a frame made by hand: type, channel, payload.
func frameOf(kind byte, channel uint16, payload ...byte) []byte {
	frame, start := beginFrame(nil, kind, channel)
	return endFrame(append(frame, payload...), start)
}

// methodOf is a method frame.
func methodOf(channel uint16, id Method, arguments ...byte) []byte {
	return frameOf(frameMethod, channel, append(binary.BigEndian.AppendUint32(nil, uint32(id)), arguments...)...)
}

func ackOf(channel uint16, tag uint64, multiple bool) []byte {
	return methodOf(channel, BasicAck, append(binary.BigEndian.AppendUint64(nil, tag), bit(multiple))...)
}

// script is a net.Conn that reads from a text and keeps what is written.
type script struct {
	net.Conn
	in io.Reader

	mu  sync.Mutex
	out bytes.Buffer
}

func (s *script) Read(p []byte) (int, error) { return s.in.Read(p) }

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), 1+rand.N(50))]) }

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// fakeHandler is a Handler that notes its arguments.
type fakeHandler []string

func (k *fakeHandler) notef(format string, a ...any) { *k = append(*k, fmt.Sprintf(format, a...)) }

func (k *fakeHandler) WantsMethod(method Method) bool {
	return method == BasicAck || method == BasicNack || method == BasicReturn
}

func (k *fakeHandler) HandleMethod(id Method, arguments []byte) error {
	k.notef("method %d %x", id&0xffff, arguments)
	return nil
}

func (k *fakeHandler) HandleHeader(payload []byte) error {
	k.notef("header %d", len(payload))
	return nil
}

func (k *fakeHandler) HandleBody(from *bufio.Reader, size int) error {
	k.notef("body %d", size)
	_, err := from.Discard(size)
	return err
}

func (k *fakeHandler) StopWriting() { k.notef("closed") }

// chunks reads in pieces of random sizes.
type chunks struct{ r io.Reader }
