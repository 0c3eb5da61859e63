package nullbroker

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// The types of frames, and the octet that ends each.
const (
	frameMethod    = 1
	frameHeader    = 2
	frameBody      = 3
	frameHeartbeat = 8
	frameEnd       = 0xCE

	frameMax = 128 << 10
)

// A method is a class and a method id in one number, as on the wire.
type method uint32

// frame is one frame. Its payload is valid until the next is read.
type frame struct {
	kind    byte
	channel uint16
	payload []byte
}

// frameReader reads frames into one buffer.
type frameReader struct {
	r       *bufio.Reader
	largest int // frame, with its head and end
	buffer  []byte
}

func (r *frameReader) next() (frame, error) {
	var head [7]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		return frame{}, err
	}
	size := int(binary.BigEndian.Uint32(head[3:]))
	if size > r.largest-8 {
		return frame{}, errors.New("frame too large")
	}
	if cap(r.buffer) < size+1 {
		r.buffer = make([]byte, size+1)
	}
	payload := r.buffer[:size+1]
	if _, err := io.ReadFull(r.r, payload); err != nil {
		return frame{}, err
	}
	if payload[size] != frameEnd {
		return frame{}, errors.New("frame without end")
	}
	return frame{kind: head[0], channel: binary.BigEndian.Uint16(head[1:]), payload: payload[:size]}, nil
}

// appendFrame appends a frame whose payload add appends.
func appendFrame(dst []byte, kind byte, channel uint16, add func([]byte) []byte) []byte {
	dst = append(dst, kind)
	dst = binary.BigEndian.AppendUint16(dst, channel)
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = add(dst)
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-4))
	return append(dst, frameEnd)
}

// appendMethod appends a method frame. The arguments are in wire format.
func appendMethod(dst []byte, channel uint16, m method, arguments ...byte) []byte {
	return appendFrame(dst, frameMethod, channel, func(dst []byte) []byte {
		return append(binary.BigEndian.AppendUint32(dst, uint32(m)), arguments...)
	})
}

// short and long return a string as AMQP writes it.
func short(s string) []byte { return append([]byte{byte(len(s))}, s...) }

func long(s string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(s))), s...)
}

// cutShort cuts a short string off b.
func cutShort(b []byte) (text string, rest []byte) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return "", nil
	}
	end := 1 + int(b[0])
	return string(b[1:end]), b[end:]
}
