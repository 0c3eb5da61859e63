package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// appendAck appends the frame of basic.ack.
func appendAck(dst []byte, channel uint16, tag uint64, multiple bool) []byte {
	return appendAnswer(dst, channel, methodBasicAck, tag, multiple)
}

// appendReject appends the frame of basic.reject.
func appendReject(dst []byte, channel uint16, tag uint64, requeue bool) []byte {
	return appendAnswer(dst, channel, methodBasicReject, tag, requeue)
}

func appendAnswer(dst []byte, channel uint16, method uint32, tag uint64, flag bool) []byte {
	dst, start := beginFrame(dst, frameMethod, channel)
	dst = binary.BigEndian.AppendUint32(dst, method)
	dst = binary.BigEndian.AppendUint64(dst, tag)
	return endFrame(append(dst, bit(flag)), start)
}

// stringCache holds the last values of a channel's short strings. Most strings are equal to those
// of the previous delivery, and then need no new memory.
type stringCache [cachedAppID + 1]string

// The indices of stringCache.
const (
	cachedExchange = iota
	cachedRoutingKey
	cachedContentType
	cachedContentEncoding
	cachedReplyTo
	cachedType
	cachedUserID
	cachedAppID
)

// cut cuts a short string off p.
func (cache *stringCache) cut(p []byte, index int) (text string, rest []byte, err error) {
	value, rest, err := cutShortOctets(p)
	if err != nil {
		return "", nil, err
	}
	if string(value) != cache[index] {
		cache[index] = string(value)
	}
	return cache[index], rest, nil
}

// parseDeliver reads the arguments of basic.deliver into d.
func parseDeliver(arguments []byte, cache *stringCache, d *Delivery) error {
	_, p, err := cutShortOctets(arguments) // the consumer's tag
	if err != nil || len(p) < 9 {
		return errShort
	}
	d.Tag, d.Redelivered = binary.BigEndian.Uint64(p), p[8]&1 != 0
	if d.Exchange, p, err = cache.cut(p[9:], cachedExchange); err != nil {
		return err
	}
	d.RoutingKey, _, err = cache.cut(p, cachedRoutingKey)
	return err
}

// parseHeader reads a content header's payload into m and returns the size of the body. If a
// property cannot be read, m has the properties before it.
func parseHeader(payload []byte, cache *stringCache, m *Message) (size uint64, propertiesErr, err error) {
	const before = 2 + 2 + 8 // class, weight, body size
	if len(payload) < before+2 {
		return 0, nil, errShort
	}
	size = binary.BigEndian.Uint64(payload[4:])
	flags := binary.BigEndian.Uint16(payload[before:])
	return size, parseProperties(payload[before+2:], flags, cache, m), nil
}

// parseProperties reads the properties that flags names into m.
func parseProperties(p []byte, flags uint16, cache *stringCache, m *Message) (err error) {
	for flag := flagContentType; flag >= flagAppID && err == nil; flag >>= 1 {
		if flags&flag != 0 {
			p, err = parseProperty(p, flag, cache, m)
		}
	}
	return err
}

// parseProperty cuts one property off p.
func parseProperty(p []byte, flag uint16, cache *stringCache, m *Message) (rest []byte, err error) {
	switch flag {
	case flagContentType:
		m.ContentType, rest, err = cache.cut(p, cachedContentType)
	case flagContentEncoding:
		m.ContentEncoding, rest, err = cache.cut(p, cachedContentEncoding)
	case flagHeaders:
		m.Headers, rest, err = cutHeaders(p)
	case flagDeliveryMode:
		var mode byte
		mode, rest, err = cutOctet(p)
		m.Persistent = mode == amqp.Persistent
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

// maxDepth limits how deeply tables are nested.
const maxDepth = 64

// As Go values, headers may take headersMemory bytes plus headersFactor times their length on the
// wire. Most take twice their length; with a table for each eight bytes they would take fifty
// times.
const (
	headersMemory = 64 << 10
	headersFactor = 8
)

// The memory of Go values in addition to their text, in bytes.
const (
	tableMemory = 336 // a map with up to eight entries
	entryMemory = 64  // an entry of a map
	itemMemory  = 40  // an item of a slice, including growth
	valueMemory = 8   // a number
	textMemory  = 16  // a string
)

var (
	errDeep  = errors.New("the tables of a header are nested too deeply")
	errLarge = fmt.Errorf("the headers take more memory than the limit: %d times their length, and %d bytes", headersFactor, headersMemory)
)

func cutOctet(p []byte) (byte, []byte, error) {
	if len(p) == 0 {
		return 0, nil, errShort
	}
	return p[0], p[1:], nil
}

func cutTime(p []byte) (time.Time, []byte, error) {
	if len(p) < 8 {
		return time.Time{}, nil, errShort
	}
	return time.Unix(int64(binary.BigEndian.Uint64(p)), 0), p[8:], nil
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

// cutHeaders cuts the table of headers off p.
func cutHeaders(p []byte) (Headers, []byte, error) {
	fields, _, err := cutLong(p)
	if err != nil {
		return nil, nil, err
	}
	c := tableCutter{left: headersMemory + headersFactor*len(fields)}
	return c.table(p, maxDepth)
}

// A tableCutter reads tables as long as memory is left for them.
type tableCutter struct{ left int }

// take subtracts memory from what is left.
func (c *tableCutter) take(bytes int) error {
	if c.left -= bytes; c.left < 0 {
		return errLarge
	}
	return nil
}

// table cuts a field table off p.
func (c *tableCutter) table(p []byte, depth int) (Headers, []byte, error) {
	fields, rest, err := cutLong(p)
	switch {
	case err != nil:
		return nil, nil, err
	case depth == 0:
		return nil, nil, errDeep
	case len(fields) == 0:
		return nil, rest, nil
	}
	if err := c.take(tableMemory); err != nil {
		return nil, nil, err
	}
	table := make(Headers)
	for len(fields) > 0 {
		var name string
		if name, fields, err = cutShort(fields); err != nil {
			return nil, nil, err
		}
		if err = c.take(entryMemory + len(name)); err != nil {
			return nil, nil, err
		}
		if table[name], fields, err = c.field(fields, depth); err != nil {
			if depth == maxDepth { // the outermost name is enough: all names together would be long
				err = fmt.Errorf("header %q: %w", name, err)
			}
			return nil, nil, err
		}
	}
	return table, rest, nil
}

// array cuts a field array off p.
func (c *tableCutter) array(p []byte, depth int) ([]any, []byte, error) {
	fields, rest, err := cutLong(p)
	if err != nil {
		return nil, nil, err
	}
	if depth == 0 {
		return nil, nil, errDeep
	}
	values := []any{}
	for len(fields) > 0 {
		var value any
		if err = c.take(itemMemory); err != nil {
			return nil, nil, err
		}
		if value, fields, err = c.field(fields, depth); err != nil {
			return nil, nil, err
		}
		values = append(values, value)
	}
	return values, rest, nil
}

// field cuts a value, preceded by the octet that names its type, off p. It is the counterpart of
// appendField.
func (c *tableCutter) field(p []byte, depth int) (value any, rest []byte, err error) {
	kind, p, err := cutOctet(p)
	if err != nil {
		return nil, nil, err
	}
	switch kind {
	case 'S', 'x':
		return c.text(kind, p)
	case 'F':
		table, rest, err := c.table(p, depth-1)
		if table == nil && err == nil {
			table, err = Headers{}, c.take(entryMemory)
		}
		return table, rest, err
	case 'A':
		values, rest, err := c.array(p, depth-1)
		return values, rest, err
	}
	size, known := scalarSize(kind)
	switch {
	case !known:
		return nil, nil, fmt.Errorf("AMQP has no type %q", kind)
	case len(p) < size:
		return nil, nil, errShort
	}
	if size > 1 { // Go needs no new memory for smaller ones
		err = c.take(valueMemory)
	}
	return scalar(kind, p), p[size:], err
}

// text cuts a string or octets off p.
func (c *tableCutter) text(kind byte, p []byte) (value any, rest []byte, err error) {
	text, rest, err := cutLong(p)
	if err == nil {
		err = c.take(textMemory + len(text))
	}
	switch {
	case err != nil:
		return nil, nil, err
	case kind == 'S':
		return string(text), rest, nil
	}
	return append([]byte{}, text...), rest, nil
}

// scalarSize returns the size of a type whose values all have the same size.
func scalarSize(kind byte) (size int, known bool) {
	switch kind {
	case 'V':
		return 0, true
	case 't', 'b', 'B':
		return 1, true
	case 's', 'u':
		return 2, true
	case 'I', 'i', 'f':
		return 4, true
	case 'D':
		return 5, true
	case 'l', 'd', 'T':
		return 8, true
	}
	return 0, false
}

// scalar reads a value. Its size has been checked.
func scalar(kind byte, p []byte) any {
	switch kind {
	case 't':
		return p[0] != 0
	case 'b':
		return int8(p[0])
	case 'B':
		return p[0]
	case 's':
		return int16(binary.BigEndian.Uint16(p))
	case 'u':
		return binary.BigEndian.Uint16(p)
	case 'I':
		return int32(binary.BigEndian.Uint32(p))
	case 'i':
		return binary.BigEndian.Uint32(p)
	case 'l':
		return int64(binary.BigEndian.Uint64(p))
	case 'f':
		return math.Float32frombits(binary.BigEndian.Uint32(p))
	case 'd':
		return math.Float64frombits(binary.BigEndian.Uint64(p))
	case 'D':
		return Decimal{Scale: p[0], Value: int32(binary.BigEndian.Uint32(p[1:]))}
	case 'T':
		return time.Unix(int64(binary.BigEndian.Uint64(p)), 0)
	}
	return nil // 'V'
}
