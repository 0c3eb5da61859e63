package nullbroker

import "encoding/binary"

// beginPublish notes the arguments of basic.publish. The message's header and body follow.
func (s *session) beginPublish(c *channel, arguments []byte) bool {
	c.tag++
	if s.config.Publish == nil {
		return true
	}
	if len(arguments) < 2 {
		return false
	}
	c.publish = Publish{Connection: s.number, Channel: c.number, Tag: c.tag, Body: c.publish.Body, properties: c.publish.properties}
	c.publish.Exchange, arguments = cutShort(arguments[2:])
	c.publish.RoutingKey, _ = cutShort(arguments)
	return true
}

func (s *session) handleHeader(f frame) bool {
	c := s.channels[f.channel]
	if c == nil {
		return true
	}
	if len(f.payload) < 14 {
		return false
	}
	c.remaining = int64(binary.BigEndian.Uint64(f.payload[4:]))
	if s.config.Publish != nil {
		c.publish.MessageID = messageID(f.payload[12:])
		c.publish.properties = append(c.publish.properties[:0], f.payload[12:]...)
		c.publish.Body = c.publish.Body[:0]
	}
	if c.remaining <= 0 {
		s.finishPublish(c)
	}
	return true
}

func (s *session) handleBody(f frame) bool {
	c := s.channels[f.channel]
	if c == nil {
		return true
	}
	if s.config.Publish != nil {
		c.publish.Body = append(c.publish.Body, f.payload...)
	}
	c.remaining -= int64(len(f.payload))
	if c.remaining <= 0 {
		s.finishPublish(c)
	}
	return true
}

// finishPublish answers one complete publish: a multiple acknowledgement would cover those that are
// left unanswered. If every publish is acknowledged, acknowledge does it.
func (s *session) finishPublish(c *channel) {
	if s.config.Publish == nil {
		return
	}
	switch s.config.Publish(c.publish) {
	case Ack:
		s.confirm(c, basicAck, c.tag, false)
	case Nack:
		s.confirm(c, basicNack, c.tag, false)
	case Return:
		s.returnPublish(c)
		s.confirm(c, basicAck, c.tag, false)
	case Silent:
	}
}

func (s *session) returnPublish(c *channel) {
	arguments := append([]byte{0x01, 0x38}, short("NO_ROUTE")...)
	arguments = append(arguments, short(c.publish.Exchange)...)
	arguments = append(arguments, short(c.publish.RoutingKey)...)
	s.out = appendMethod(s.out, c.number, basicReturn, arguments...)
	s.out = appendContent(s.out, c.number, c.publish.properties, c.publish.Body)
}

// acknowledge confirms everything that has been published, with one frame for each channel.
func (s *session) acknowledge() {
	if s.config.Publish != nil {
		return
	}
	for _, c := range s.channels {
		if c.confirming && c.tag > c.acked {
			s.confirm(c, basicAck, c.tag, c.tag > c.acked+1)
			c.acked = c.tag
		}
	}
}

// confirm appends the frame of basic.ack or basic.nack.
func (s *session) confirm(c *channel, m method, tag uint64, multiple bool) {
	arguments := append(binary.BigEndian.AppendUint64(nil, tag), 0)
	if multiple {
		arguments[8] = 1
	}
	s.out = appendMethod(s.out, c.number, m, arguments...)
}

// messageID reads the message id out of a content header's flags and properties.
func messageID(b []byte) string {
	flags := binary.BigEndian.Uint16(b)
	b = b[2:]
	for _, flag := range []uint16{1 << 15, 1 << 14} { // content type and encoding
		if flags&flag != 0 {
			_, b = cutShort(b)
		}
	}
	if flags&(1<<13) != 0 && len(b) >= 4 { // headers
		b = b[min(len(b), 4+int(binary.BigEndian.Uint32(b))):]
	}
	for _, flag := range []uint16{1 << 12, 1 << 11} { // delivery mode and priority
		if flags&flag != 0 && len(b) > 0 {
			b = b[1:]
		}
	}
	for _, flag := range []uint16{1 << 10, 1 << 9, 1 << 8} { // correlation id, reply-to, expiration
		if flags&flag != 0 {
			_, b = cutShort(b)
		}
	}
	if flags&(1<<7) == 0 {
		return ""
	}
	text, _ := cutShort(b)
	return text
}

// noProperties are the flags of a content header without properties.
var noProperties = []byte{0, 0}

// appendContent appends a content header with properties, flags first, and the body.
func appendContent(dst []byte, channel uint16, properties, body []byte) []byte {
	dst = appendFrame(dst, frameHeader, channel, func(dst []byte) []byte {
		dst = append(dst, 0, 60, 0, 0)
		dst = binary.BigEndian.AppendUint64(dst, uint64(len(body)))
		return append(dst, properties...)
	})
	for len(body) > 0 {
		piece := body[:min(len(body), frameMax-8)]
		body = body[len(piece):]
		dst = appendFrame(dst, frameBody, channel, func(dst []byte) []byte { return append(dst, piece...) })
	}
	return dst
}
