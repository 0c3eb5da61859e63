package runtime

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"
)

// The types of AMQP 0-9-1 frames, the sizes around a payload, and the last octet.
const (
	frameMethod    = 1
	frameHeader    = 2
	frameBody      = 3
	frameHeartbeat = 8

	frameHead     = 7
	frameOverhead = frameHead + 1
	frameEnd      = 0xCE

	frameMax = 128 << 10 // the largest frame that we ask for, like RabbitMQ
)

// The methods that are looked at in passing, or bypass the client library: class, then method.
const (
	methodChannelOpen    uint32 = 20<<16 | 10
	methodChannelOpenOK  uint32 = 20<<16 | 11
	methodChannelClose   uint32 = 20<<16 | 40
	methodChannelCloseOK uint32 = 20<<16 | 41
	methodBasicPublish   uint32 = 60<<16 | 40
	methodBasicReturn    uint32 = 60<<16 | 50
	methodBasicDeliver   uint32 = 60<<16 | 60
	methodBasicAck       uint32 = 60<<16 | 80
	methodBasicReject    uint32 = 60<<16 | 90
	methodBasicNack      uint32 = 60<<16 | 120
)

const (
	classChannel = 20
	classBasic   = 60
)

// beforeProperties is the size of what precedes the properties in a content header: class, weight,
// body size.
const beforeProperties = 2 + 2 + 8

// The flags of the properties in a content header, in the order of the properties.
const (
	flagContentType uint16 = 1 << (15 - iota)
	flagContentEncoding
	flagHeaders
	flagDeliveryMode
	flagPriority
	flagCorrelationID
	flagReplyTo
	flagExpiration
	flagMessageID
	flagTimestamp
	flagType
	flagUserID
	flagAppID
)

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

// appendPublish appends the frames of basic.publish that precede m's body. A message that
// checkMessage accepts fits.
func appendPublish(dst []byte, channel uint16, m *Message) []byte {
	dst, start := beginFrame(dst, frameMethod, channel)
	dst = binary.BigEndian.AppendUint32(dst, methodBasicPublish)
	dst = append(dst, 0, 0)
	dst = appendShort(dst, m.Exchange)
	dst = appendShort(dst, m.RoutingKey)
	dst = append(dst, bit(m.Mandatory))
	dst = endFrame(dst, start)

	dst, start = beginFrame(dst, frameHeader, channel)
	dst = append(dst, 0, classBasic, 0, 0)
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(m.Body)))
	dst = appendProperties(dst, m)
	return endFrame(dst, start)
}

// appendBody appends a frame of m's body.
func appendBody(dst []byte, channel uint16, piece []byte) []byte {
	dst, start := beginFrame(dst, frameBody, channel)
	return endFrame(append(dst, piece...), start)
}

func bit(set bool) byte {
	if set {
		return 1
	}
	return 0
}

// appendProperties appends the flags of m's properties and the properties.
func appendProperties(dst []byte, m *Message) []byte {
	at := len(dst)
	dst = append(dst, 0, 0)
	flags := flagDeliveryMode
	text := func(flag uint16, value string) {
		if value != "" {
			flags |= flag
			dst = appendShort(dst, value)
		}
	}
	text(flagContentType, m.ContentType)
	text(flagContentEncoding, m.ContentEncoding)
	if len(m.Headers) > 0 {
		flags |= flagHeaders
		dst = appendTable(dst, m.Headers)
	}
	dst = append(dst, 1+bit(m.Persistent))
	if m.Priority > 0 {
		flags |= flagPriority
		dst = append(dst, m.Priority)
	}
	text(flagCorrelationID, m.CorrelationID)
	text(flagReplyTo, m.ReplyTo)
	if m.Expiration > 0 {
		flags |= flagExpiration
		dst = appendExpiration(dst, m.Expiration)
	}
	text(flagMessageID, m.MessageID)
	if !m.Timestamp.IsZero() {
		flags |= flagTimestamp
		dst = binary.BigEndian.AppendUint64(dst, uint64(m.Timestamp.Unix()))
	}
	text(flagType, m.Type)
	text(flagUserID, m.UserID)
	text(flagAppID, m.AppID)
	binary.BigEndian.PutUint16(dst[at:], flags)
	return dst
}

// appendExpiration appends whole milliseconds, at least one, as text.
func appendExpiration(dst []byte, d time.Duration) []byte {
	at := len(dst)
	dst = strconv.AppendInt(append(dst, 0), max(d.Milliseconds(), 1), 10)
	dst[at] = byte(len(dst) - at - 1)
	return dst
}

func appendShort(dst []byte, text string) []byte {
	return append(append(dst, byte(len(text))), text...)
}

// appendTable appends a field table. Names are sorted, so that equal messages have equal bytes.
func appendTable(dst []byte, table map[string]any) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for _, name := range sortedNames(table) {
		dst = appendField(appendShort(dst, name), table[name])
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

func sortedNames(table map[string]any) []string {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// appendField appends a value of a field table, preceded by the octet that names its type, as
// RabbitMQ does (AMQP 0-9-1 section 4.2.1 and RabbitMQ's errata). fieldSize knows the same types.
func appendField(dst []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(dst, 'V')
	case bool:
		return append(dst, 't', bit(value))
	case int8:
		return append(dst, 'b', byte(value))
	case uint8:
		return append(dst, 'B', value)
	case int16:
		return binary.BigEndian.AppendUint16(append(dst, 's'), uint16(value))
	case uint16:
		return binary.BigEndian.AppendUint16(append(dst, 'u'), value)
	case int32:
		return binary.BigEndian.AppendUint32(append(dst, 'I'), uint32(value))
	case uint32:
		return binary.BigEndian.AppendUint32(append(dst, 'i'), value)
	case int64:
		return binary.BigEndian.AppendUint64(append(dst, 'l'), uint64(value))
	case int:
		return binary.BigEndian.AppendUint64(append(dst, 'l'), uint64(value))
	case float32:
		return binary.BigEndian.AppendUint32(append(dst, 'f'), math.Float32bits(value))
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, 'd'), math.Float64bits(value))
	case time.Time:
		return binary.BigEndian.AppendUint64(append(dst, 'T'), uint64(value.Unix()))
	case Decimal:
		return binary.BigEndian.AppendUint32(append(dst, 'D', value.Scale), uint32(value.Value))
	case string:
		return append(binary.BigEndian.AppendUint32(append(dst, 'S'), uint32(len(value))), value...)
	case []byte:
		return append(binary.BigEndian.AppendUint32(append(dst, 'x'), uint32(len(value))), value...)
	case Headers:
		return appendTable(append(dst, 'F'), value)
	case map[string]any:
		return appendTable(append(dst, 'F'), value)
	case []any:
		return appendArray(dst, value)
	case []string:
		return appendArray(dst, value)
	}
	panic("runtime: a header that checkMessage does not know") // it would have refused it
}

func appendArray[T any](dst []byte, values []T) []byte {
	dst = append(dst, 'A')
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for _, value := range values {
		dst = appendField(dst, any(value))
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
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

// messageID returns the message id in a content header's payload.
func messageID(payload []byte) (string, error) {
	if len(payload) < beforeProperties+2 {
		return "", errShort
	}
	flags, p := binary.BigEndian.Uint16(payload[beforeProperties:]), payload[beforeProperties+2:]
	if flags&flagMessageID == 0 {
		return "", nil
	}
	var err error
	for flag := flagContentType; flag > flagMessageID; flag >>= 1 {
		if flags&flag == 0 {
			continue
		}
		if p, err = skipProperty(p, flag); err != nil {
			return "", err
		}
	}
	id, _, err := cutShort(p)
	return id, err
}

// skipProperty cuts a property off p that stands before the message id.
func skipProperty(p []byte, flag uint16) (rest []byte, err error) {
	switch flag {
	case flagHeaders:
		_, rest, err = cutLong(p)
	case flagDeliveryMode, flagPriority:
		_, rest, err = cutOctet(p)
	default:
		_, rest, err = cutShortOctets(p)
	}
	return rest, err
}
