package frame

import "encoding/binary"

// AppendPublish appends the frames of basic.publish that precede m's body. Short strings must not be
// longer than [MaxShort], and HeaderSize must have found no fault in the headers.
func AppendPublish[T Table](dst []byte, channel uint16, m *Message[T]) []byte {
	dst, start := beginFrame(dst, frameMethod, channel)
	dst = binary.BigEndian.AppendUint32(dst, uint32(basicPublish))
	dst = append(dst, 0, 0)
	dst = appendShort(dst, m.Exchange)
	dst = appendShort(dst, m.RoutingKey)
	dst = append(dst, bit(m.Mandatory))
	dst = endFrame(dst, start)

	dst, start = beginFrame(dst, frameHeader, channel)
	dst = append(dst, 0, classBasic, 0, 0)
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(m.Body)))
	dst = AppendProperties(dst, m)
	return endFrame(dst, start)
}

// AppendBody appends a frame with a piece of a body.
func AppendBody(dst []byte, channel uint16, piece []byte) []byte {
	dst, start := beginFrame(dst, frameBody, channel)
	return endFrame(append(dst, piece...), start)
}

// AppendAck appends the frame of basic.ack.
func AppendAck(dst []byte, channel uint16, tag uint64, multiple bool) []byte {
	return appendAnswer(dst, channel, BasicAck, tag, multiple)
}

// AppendReject appends the frame of basic.reject.
func AppendReject(dst []byte, channel uint16, tag uint64, requeue bool) []byte {
	return appendAnswer(dst, channel, basicReject, tag, requeue)
}

func appendAnswer(dst []byte, channel uint16, method Method, tag uint64, flag bool) []byte {
	dst, start := beginFrame(dst, frameMethod, channel)
	dst = binary.BigEndian.AppendUint32(dst, uint32(method))
	dst = binary.BigEndian.AppendUint64(dst, tag)
	return endFrame(append(dst, bit(flag)), start)
}

// Deliver has the arguments of basic.deliver.
type Deliver struct {
	Tag                  uint64
	Redelivered          bool
	Exchange, RoutingKey string
}

// ParseDeliver reads the arguments of basic.deliver.
func ParseDeliver(arguments []byte, cache *StringCache) (d Deliver, err error) {
	_, p, err := cutShortOctets(arguments) // the consumer's tag
	if err != nil || len(p) < 9 {
		return d, errShort
	}
	d.Tag, d.Redelivered = binary.BigEndian.Uint64(p), p[8]&1 != 0
	if d.Exchange, p, err = cache.cut(p[9:], cachedExchange); err != nil {
		return d, err
	}
	d.RoutingKey, _, err = cache.cut(p, cachedRoutingKey)
	return d, err
}

// ParseAck reads the arguments of basic.ack and basic.nack.
func ParseAck(arguments []byte) (tag uint64, multiple bool, err error) {
	if len(arguments) < 9 {
		return 0, false, errShort
	}
	return binary.BigEndian.Uint64(arguments), arguments[8]&1 != 0, nil
}

// Return has the arguments of basic.return.
type Return struct {
	Code                 uint16
	Text                 string
	Exchange, RoutingKey string
}

// ParseReturn reads the arguments of basic.return. If they cannot all be read, it returns those
// before.
func ParseReturn(arguments []byte) (r Return, err error) {
	if len(arguments) < 2 {
		return r, errShort
	}
	r.Code = binary.BigEndian.Uint16(arguments)
	rest := arguments[2:]
	for _, field := range []*string{&r.Text, &r.Exchange, &r.RoutingKey} {
		if *field, rest, err = cutShort(rest); err != nil {
			return r, err
		}
	}
	return r, nil
}

// StringCache holds the last values of a channel's short strings. Most strings are equal to those
// of the previous delivery, and then need no new memory.
type StringCache [cachedAppID + 1]string

// The indices of StringCache.
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
func (cache *StringCache) cut(p []byte, index int) (text string, rest []byte, err error) {
	value, rest, err := cutShortOctets(p)
	if err != nil {
		return "", nil, err
	}
	if string(value) != cache[index] {
		cache[index] = string(value)
	}
	return cache[index], rest, nil
}
