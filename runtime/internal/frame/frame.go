// Package frame reads and writes frames of AMQP 0-9-1: those that this module handles itself, below
// the client library. A [Conn] separates them from the library's.
package frame

import (
	"encoding/binary"
	"errors"
	"time"
)

const (
	// Max is the size of the largest frame that we ask for, in bytes, like RabbitMQ.
	Max = 128 << 10

	// Overhead is the size of a frame without its payload, in bytes.
	Overhead = frameHead + 1

	// MaxShort is the length of the longest AMQP short string, in bytes.
	MaxShort = 255
)

// The types of AMQP 0-9-1 frames, the size before a payload, and the last octet.
const (
	frameMethod    = 1
	frameHeader    = 2
	frameBody      = 3
	frameHeartbeat = 8

	frameHead = 7
	frameEnd  = 0xCE
)

// A Method is the number of a method: class, then method.
type Method uint32

// The methods that a [Handler] can take.
const (
	BasicReturn  Method = 60<<16 | 50
	BasicDeliver Method = 60<<16 | 60
	BasicAck     Method = 60<<16 | 80
	BasicNack    Method = 60<<16 | 120
)

// The methods that are written, or looked at in passing.
const (
	channelOpen    Method = 20<<16 | 10
	channelOpenOK  Method = 20<<16 | 11
	channelClose   Method = 20<<16 | 40
	channelCloseOK Method = 20<<16 | 41
	basicPublish   Method = 60<<16 | 40
	basicReject    Method = 60<<16 | 90
)

const (
	classChannel = 20
	classBasic   = 60
)

// A Table is an AMQP field table. Tables within a table have the same type. The types of its values
// are those that [TableSize] accepts.
type Table interface{ ~map[string]any }

// A Message is one message with its address. Its fields are those of runtime.Message, whose pointers
// are converted to it: there is no copy, and the compiler holds the two against each other.
type Message[T Table] struct {
	Exchange   string
	RoutingKey string
	Mandatory  bool

	MessageID       string
	CorrelationID   string
	ReplyTo         string
	Type            string
	ContentType     string
	ContentEncoding string
	AppID           string
	UserID          string
	Persistent      bool
	Priority        uint8
	Expiration      time.Duration
	Timestamp       time.Time
	Headers         T
	Body            []byte
}

func heartbeatFrame() []byte { return []byte{frameHeartbeat, 0, 0, 0, 0, 0, 0, frameEnd} }

// beginFrame appends a frame's head. endFrame sets its size.
func beginFrame(dst []byte, kind byte, channel uint16) (grown []byte, start int) {
	dst = append(dst, kind)
	dst = binary.BigEndian.AppendUint16(dst, channel)
	return append(dst, 0, 0, 0, 0), len(dst) + 4
}

// endFrame ends the frame whose payload begins at start.
func endFrame(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start-4:], uint32(len(dst)-start))
	return append(dst, frameEnd)
}

func bit(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func appendShort(dst []byte, text string) []byte {
	return append(append(dst, byte(len(text))), text...)
}

var errShort = errors.New("the broker sent a frame that is too short")

// cutShort cuts a short string off p.
func cutShort(p []byte) (text string, rest []byte, err error) {
	octets, rest, err := cutShortOctets(p)
	return string(octets), rest, err
}

func cutShortOctets(p []byte) (octets, rest []byte, err error) {
	if len(p) == 0 || len(p) < 1+int(p[0]) {
		return nil, nil, errShort
	}
	end := 1 + int(p[0])
	return p[1:end], p[end:], nil
}

func cutOctet(p []byte) (byte, []byte, error) {
	if len(p) == 0 {
		return 0, nil, errShort
	}
	return p[0], p[1:], nil
}

// cutLong cuts octets that are preceded by their length off p.
func cutLong(p []byte) (value, rest []byte, err error) {
	if len(p) < 4 {
		return nil, nil, errShort
	}
	size := int64(binary.BigEndian.Uint32(p))
	if int64(len(p)) < 4+size {
		return nil, nil, errShort
	}
	return p[4 : 4+size], p[4+size:], nil
}
