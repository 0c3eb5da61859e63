package runtime

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// The types of frames.
const (
	frameMethod = 1
	frameHeader = 2
	frameBody   = 3
)

// The methods of a channel that a broker sends.
const (
	channelOpenOK frame.Method = 20<<16 | 11
	channelClose  frame.Method = 20<<16 | 40
)

// frameOf is a frame made by hand: type, channel, payload.
func frameOf(kind byte, channel uint16, payload ...byte) []byte {
	made := binary.BigEndian.AppendUint16([]byte{kind}, channel)
	made = binary.BigEndian.AppendUint32(made, uint32(len(payload)))
	return append(append(made, payload...), 0xCE)
}

// methodOf is a method frame.
func methodOf(channel uint16, method frame.Method, arguments ...byte) []byte {
	return frameOf(frameMethod, channel, append(binary.BigEndian.AppendUint32(nil, uint32(method)), arguments...)...)
}

func ackOf(channel uint16, tag uint64) []byte {
	return methodOf(channel, frame.BasicAck, append(binary.BigEndian.AppendUint64(nil, tag), 0)...)
}

// shortString is a short string on the wire.
func shortString(text string) []byte { return append([]byte{byte(len(text))}, text...) }

// contentHeader returns the payload of a message's content header.
func contentHeader(m *Message) []byte {
	return frame.AppendProperties(binary.BigEndian.AppendUint64([]byte{0, 60, 0, 0}, uint64(len(m.Body))), m.onWire())
}

// delivery is the frames of basic.deliver.
func delivery(channel uint16, tag uint64, body string) []byte {
	frames := methodOf(channel, frame.BasicDeliver, deliverArguments(tag, false, "x", "k")...)
	frames = append(frames, frameOf(frameHeader, channel, contentHeader(&Message{ContentType: "t", Body: []byte(body)})...)...)
	if body != "" {
		frames = append(frames, frameOf(frameBody, channel, []byte(body)...)...)
	}
	return frames
}

func deliverArguments(tag uint64, redelivered bool, exchange, key string) []byte {
	arguments := binary.BigEndian.AppendUint64(shortString("consumer"), tag)
	if redelivered {
		arguments = append(arguments, 1)
	} else {
		arguments = append(arguments, 0)
	}
	return append(append(arguments, shortString(exchange)...), shortString(key)...)
}

// receive lets handlers take the frames that a broker sends on the channels 1 and up. It returns the
// error that ends the connection, or nil when all has been read.
func receive(in []byte, handlers ...frame.Handler) error {
	var answers []byte
	for i := range handlers {
		answers = append(answers, methodOf(uint16(i+1), channelOpenOK, 0, 0, 0, 0)...)
	}
	frames := frame.NewConn(&script{in: io.MultiReader(bytes.NewReader(answers), bytes.NewReader(in))})
	_, _ = frames.Write([]byte("AMQP\x00\x00\x09\x01"))
	for i, handler := range handlers {
		frames.Expect(handler)
		_, _ = frames.Write(methodOf(uint16(i+1), 20<<16|10, 0))
	}
	_, err := io.Copy(io.Discard, frames)
	return err
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
