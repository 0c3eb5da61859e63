package runtime

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
func (f *frames) handle(channel uint16, h frameHandler) {
	f.channels.expect(h)
	_, _ = f.channels.onWrite(channel, methodChannelOpen)
	f.channels.onRead(channel, methodChannelOpenOK)
}

// frameOf is a frame made by hand: type, channel, payload.
func frameOf(kind byte, channel uint16, payload ...byte) []byte {
	frame, start := beginFrame(nil, kind, channel)
	return endFrame(append(frame, payload...), start)
}

// methodOf is a method frame.
func methodOf(channel uint16, id uint32, arguments ...byte) []byte {
	return frameOf(frameMethod, channel, append(binary.BigEndian.AppendUint32(nil, id), arguments...)...)
}

func ackOf(channel uint16, tag uint64, multiple bool) []byte {
	return methodOf(channel, methodBasicAck, append(binary.BigEndian.AppendUint64(nil, tag), bit(multiple))...)
}

// script is a net.Conn that reads from a text and keeps what is written.
type script struct {
	net.Conn
	in io.Reader

	mu  sync.Mutex
	out bytes.Buffer
}

func (s *script) Read(p []byte) (int, error) { return s.in.Read(p) }

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// fakeHandler is a frameHandler that notes its arguments.
type fakeHandler []string

func (k *fakeHandler) notef(format string, a ...any) { *k = append(*k, fmt.Sprintf(format, a...)) }

func (k *fakeHandler) wants(method uint32) bool {
	return method == methodBasicAck || method == methodBasicNack || method == methodBasicReturn
}

func (k *fakeHandler) method(id uint32, arguments []byte) error {
	k.notef("method %d %x", id&0xffff, arguments)
	return nil
}

func (k *fakeHandler) header(payload []byte) error {
	k.notef("header %d", len(payload))
	return nil
}

func (k *fakeHandler) body(from *bufio.Reader, size int) error {
	k.notef("body %d", size)
	_, err := from.Discard(size)
	return err
}

func (k *fakeHandler) stopWriting() { k.notef("closed") }

// chunks reads in pieces of random sizes.
type chunks struct{ r io.Reader }

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), 1+rand.N(50))]) }

// delivery is the frames of basic.deliver.
func delivery(channel uint16, tag uint64, body string) []byte {
	arguments := binary.BigEndian.AppendUint64([]byte{1, 'c'}, tag)
	frames := methodOf(channel, methodBasicDeliver, append(arguments, 0, 1, 'x', 1, 'k')...)
	header := binary.BigEndian.AppendUint64([]byte{0, classBasic, 0, 0}, uint64(len(body)))
	header = append(header, byte(flagContentType>>8), 0, 1, 't')
	frames = append(frames, frameOf(frameHeader, channel, header...)...)
	if body != "" {
		frames = append(frames, frameOf(frameBody, channel, []byte(body)...)...)
	}
	return frames
}
