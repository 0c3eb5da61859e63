package scamptest

import (
	"slices"
	"strconv"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// The messages of a stream stay in ready, where the index of an entry is its offset. A consumer has
// a cursor, and an answer to a delivery only makes room for the next one. Retention (x-max-age,
// x-max-length-bytes) removes nothing, and each message is a chunk of its own.

// notImplemented is AMQP's reply code for what RabbitMQ does not do with streams.
const notImplemented = 540

// notOfStreams are the arguments of other queues, which RabbitMQ refuses for a stream.
var notOfStreams = []string{
	"x-message-ttl", "x-expires", "x-max-length", "x-overflow", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy",
	"x-max-priority", "x-delivery-limit", "x-single-active-consumer", "x-queue-mode",
}

func (q *queue) isStream() bool { return q.Arguments["x-queue-type"] == "stream" }

// checkStream refuses what a stream cannot be.
func (r *argumentReader) checkStream(q runtime.Queue) {
	for _, name := range notOfStreams {
		if _, given := q.Arguments[name]; given {
			r.refuse(name, "of queue type rabbit_stream_queue")
		}
	}
	r.checkReplicated(q, "streams")
}

// consumeStream sets the cursor of a consumer, or returns why the broker refuses it.
func (c *consumerChannel) consumeStream(q *queue, request runtime.ConsumeRequest) *replyError {
	switch {
	case request.NoAck:
		return refused(notImplemented, "NOT_IMPLEMENTED - automatic acknowledgement not supported by stream queue '%s' in vhost '/'", q.Name)
	case request.Arguments["x-priority"] != nil:
		return refused(preconditionFailed, "PRECONDITION_FAILED - invalid arg 'x-priority' for queue '%s' in vhost '/' of queue type rabbit_stream_queue", q.Name)
	}
	cursor, ok := q.offset(request.Arguments["x-stream-offset"])
	if !ok {
		return refused(preconditionFailed, "PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue '%s' in vhost '/'", q.Name)
	}
	c.cursor = cursor
	return nil
}

// offset returns where a consumer begins. It is beyond the end if the stream is shorter.
func (q *queue) offset(argument any) (offset int, ok bool) {
	switch argument := argument.(type) {
	case nil:
		return len(q.ready), true
	case string:
		switch argument {
		case "first":
			return 0, true
		case "last":
			return max(len(q.ready)-1, 0), true
		case "next":
			return len(q.ready), true
		}
		age, ok := interval(argument)
		return q.since(time.Now().Add(-age)), ok
	case time.Time:
		return q.since(receivedTime(argument)), true
	}
	n, ok := integer(argument)
	return int(max(n, 0)), ok
}

// since returns the offset of the first message that was written at t or later.
func (q *queue) since(t time.Time) int {
	i := slices.IndexFunc(q.ready, func(e *entry) bool { return !e.written.Before(t) })
	if i < 0 {
		return len(q.ready)
	}
	return i
}

// interval reads a number with a unit, such as 7D.
func interval(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{
		'Y': 365 * 24 * time.Hour, 'M': 30 * 24 * time.Hour, 'D': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute, 's': time.Second,
	}
	if text == "" {
		return 0, false
	}
	last := len(text) - 1
	n, err := strconv.Atoi(text[:last])
	unit, ok := units[text[last]]
	return time.Duration(n) * unit, err == nil && ok
}

// dispatchStream delivers to each consumer what follows its cursor, while it has room.
func (q *queue) dispatchStream() {
	for _, c := range q.consumers {
		for ; c.cursor < len(q.ready) && c.hasRoom(); c.cursor++ {
			if e := q.ready[c.cursor]; c.wants(e.message) {
				q.unacknowledged++
				c.deliver(q, e)
			}
		}
	}
}

// wants reports whether the consumer's filter lets a message through.
func (c *consumerChannel) wants(m *runtime.Message) bool {
	filter, filters := c.request.Arguments["x-stream-filter"]
	value, has := m.Headers["x-stream-filter-value"].(string)
	switch {
	case !filters:
		return true
	case !has:
		return c.request.Arguments["x-stream-match-unfiltered"] == true
	}
	if values, several := filter.([]any); several {
		return slices.Contains(values, any(value))
	}
	return filter == value
}
