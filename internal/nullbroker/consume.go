package nullbroker

import "encoding/binary"

// consume answers the methods of a consumer.
func (s *session) consume(c *channel, m method, arguments []byte) {
	switch m {
	case basicQos:
		c.prefetch = int(binary.BigEndian.Uint16(arguments[4:]))
		s.out = appendMethod(s.out, c.number, basicQosOK)
	case basicConsume:
		_, rest := cutShort(arguments[2:])
		c.consumer, _ = cutShort(rest)
		s.out = appendMethod(s.out, c.number, basicConsumeOK, short(c.consumer)...)
		s.deliver(c)
	case basicCancel:
		tag, _ := cutShort(arguments)
		s.out = appendMethod(s.out, c.number, basicCancelOK, short(tag)...)
		if tag == c.consumer { // otherwise another consumer has replaced it
			c.consumer = ""
		}
	case basicAck, basicNack:
		tag := binary.BigEndian.Uint64(arguments)
		if multiple := arguments[8]&1 != 0; multiple {
			c.settled = max(c.settled, tag)
		} else {
			c.settled++
		}
		s.deliver(c)
	case basicReject:
		c.settled++
		s.deliver(c)
	}
}

// deliver sends messages until the prefetch is used up. Acknowledgements are only counted, so
// clients must not mix single and multiple ones out of order on one channel.
func (s *session) deliver(c *channel) {
	if s.config.Delivery == nil || c.consumer == "" {
		return
	}
	for c.delivered-c.settled < uint64(max(c.prefetch, 1)) {
		c.delivered++
		arguments := short(c.consumer)
		arguments = binary.BigEndian.AppendUint64(arguments, c.delivered)
		arguments = append(arguments, 0)      // not redelivered
		arguments = append(arguments, 0)      // the default exchange
		arguments = append(arguments, 1, 'q') // routing key
		s.out = appendMethod(s.out, c.number, basicDeliver, arguments...)
		s.out = appendContent(s.out, c.number, noProperties, s.config.Delivery)
	}
}
