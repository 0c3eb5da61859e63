package frame

import (
	"encoding/binary"
	"strconv"
	"time"
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

// persistent is the delivery mode of persistent messages; one less is that of all others.
const persistent = 2

// AppendProperties appends the flags of m's properties and the properties. It needs of m what
// [AppendPublish] needs.
func AppendProperties[T Table](dst []byte, m *Message[T]) []byte {
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
	dst = append(dst, persistent-1+bit(m.Persistent))
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

// Properties returns the part of a content header's payload that [AppendProperties] writes. The
// payload must be one in which [MessageID] has found no fault.
func Properties(payload []byte) []byte { return payload[beforeProperties:] }

// HeaderSize returns the maximum size of the payload of m's content header, in bytes. Its errors are
// those of [TableSize].
func HeaderSize[T Table](m *Message[T]) (int, error) {
	const fixed = beforeProperties + 2 + 1 + 1 + 20 + 8 // flags; delivery mode, priority, expiration, timestamp
	table, err := TableSize(m.Headers)
	return fixed + 9 + len(m.ContentType) + len(m.ContentEncoding) + len(m.CorrelationID) + len(m.ReplyTo) +
		len(m.MessageID) + len(m.Type) + len(m.UserID) + len(m.AppID) + table, err
}

// ParseHeader reads a content header's payload into m and returns the size of the body. If a
// property cannot be read, propertiesErr says why, and m has the properties before it.
func ParseHeader[T Table](payload []byte, cache *StringCache, m *Message[T]) (size uint64, propertiesErr, err error) {
	if len(payload) < beforeProperties+2 {
		return 0, nil, errShort
	}
	size = binary.BigEndian.Uint64(payload[4:])
	flags := binary.BigEndian.Uint16(payload[beforeProperties:])
	return size, parseProperties(payload[beforeProperties+2:], flags, cache, m), nil
}

// parseProperties reads the properties that flags names into m.
func parseProperties[T Table](p []byte, flags uint16, cache *StringCache, m *Message[T]) (err error) {
	for flag := flagContentType; flag >= flagAppID && err == nil; flag >>= 1 {
		if flags&flag != 0 {
			p, err = parseProperty(p, flag, cache, m)
		}
	}
	return err
}

// parseProperty cuts one property off p.
func parseProperty[T Table](p []byte, flag uint16, cache *StringCache, m *Message[T]) (rest []byte, err error) {
	switch flag {
	case flagContentType:
		m.ContentType, rest, err = cache.cut(p, cachedContentType)
	case flagContentEncoding:
		m.ContentEncoding, rest, err = cache.cut(p, cachedContentEncoding)
	case flagHeaders:
		m.Headers, rest, err = cutTable[T](p)
	case flagDeliveryMode:
		var mode byte
		mode, rest, err = cutOctet(p)
		m.Persistent = mode == persistent
	case flagPriority:
		m.Priority, rest, err = cutOctet(p)
	case flagCorrelationID:
		m.CorrelationID, rest, err = cutShort(p)
	case flagReplyTo:
		m.ReplyTo, rest, err = cache.cut(p, cachedReplyTo)
	case flagExpiration:
		var text string
		text, rest, err = cutShort(p)
		milliseconds, _ := strconv.ParseInt(text, 10, 64) // the broker refuses what is no number
		m.Expiration = time.Duration(milliseconds) * time.Millisecond
	case flagMessageID:
		m.MessageID, rest, err = cutShort(p)
	case flagTimestamp:
		m.Timestamp, rest, err = cutTime(p)
	case flagType:
		m.Type, rest, err = cache.cut(p, cachedType)
	case flagUserID:
		m.UserID, rest, err = cache.cut(p, cachedUserID)
	case flagAppID:
		m.AppID, rest, err = cache.cut(p, cachedAppID)
	}
	return rest, err
}

func cutTime(p []byte) (time.Time, []byte, error) {
	if len(p) < 8 {
		return time.Time{}, nil, errShort
	}
	return time.Unix(int64(binary.BigEndian.Uint64(p)), 0), p[8:], nil
}

// MessageID returns the message id in a content header's payload.
func MessageID(payload []byte) (string, error) {
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
