package scamptest

import (
	"fmt"
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// What a full queue does with another message.
const (
	dropHead         = "drop-head"
	rejectPublish    = "reject-publish"
	rejectPublishDLX = "reject-publish-dlx"
)

// limits are a queue's optional arguments, after a check.
type limits struct {
	ttl              time.Duration
	hasTTL           bool // a time-to-live of 0 expires a message at once unless a consumer takes it
	expires          time.Duration
	maxLength        int64
	hasMaxLength     bool
	maxBytes         int64
	hasMaxBytes      bool
	overflow         string
	maxPriority      int
	deliveryLimit    int
	hasDeliveryLimit bool
	singleActive     bool
	deadLetterTo     string // the dead-letter exchange
	deadLetters      bool
	deadLetterKey    string
	hasDeadLetterKey bool
}

// readLimits reads a queue's arguments as RabbitMQ does. Unknown arguments are ignored. The error
// is the broker's.
func readLimits(q runtime.Queue) (limits, error) {
	r := argumentReader{queue: q.Name, arguments: q.Arguments}
	l := limits{overflow: dropHead}
	var milliseconds int64
	if milliseconds, l.hasTTL = r.number("x-message-ttl", 0); l.hasTTL {
		l.ttl = time.Duration(milliseconds) * time.Millisecond
	}
	if milliseconds, ok := r.number("x-expires", 1); ok {
		l.expires = time.Duration(milliseconds) * time.Millisecond
	}
	l.maxLength, l.hasMaxLength = r.number("x-max-length", 0)
	l.maxBytes, l.hasMaxBytes = r.number("x-max-length-bytes", 0)
	if overflow, ok := r.text("x-overflow", dropHead, rejectPublish, rejectPublishDLX); ok {
		l.overflow = overflow
	}
	priority, _ := r.number("x-max-priority", 0)
	l.maxPriority = int(priority)
	l.deadLetterTo, l.deadLetters = r.text("x-dead-letter-exchange")
	l.deadLetterKey, l.hasDeadLetterKey = r.text("x-dead-letter-routing-key")
	if l.hasDeadLetterKey && !l.deadLetters {
		r.refuse("x-dead-letter-routing-key", "routing_key_but_no_dlx_defined")
	}
	l.singleActive, _ = q.Arguments["x-single-active-consumer"].(bool)
	kind, _ := r.text("x-queue-type", "classic", "quorum", "stream")
	if kind == "stream" {
		r.checkStream(q)
	}
	if kind == "quorum" {
		limit, ok := r.number("x-delivery-limit", -1)
		if !ok {
			limit = defaultDeliveryLimit
		}
		l.deliveryLimit, l.hasDeliveryLimit = int(limit), limit >= 0
		r.checkReplicated(q, "quorum queues")
	}
	return l, r.err
}

// checkReplicated refuses what neither quorum queues nor streams can be. subject names which they are.
func (r *argumentReader) checkReplicated(q runtime.Queue, subject string) {
	switch {
	case !q.Durable:
		r.refuse("durable", subject+" are durable")
	case q.Exclusive:
		r.refuse("exclusive", subject+" are not exclusive")
	case q.AutoDelete:
		r.refuse("auto-delete", subject+" are not deleted by themselves")
	}
}

// defaultDeliveryLimit is how often a quorum queue delivers a message again if its arguments say
// nothing of that. -1 turns the limit off.
const defaultDeliveryLimit = 20

// argumentReader reads arguments and keeps the first error.
type argumentReader struct {
	queue     string
	arguments runtime.Headers
	err       error
}

func (r *argumentReader) refuse(name string, why any) {
	if r.err == nil {
		r.err = fmt.Errorf("invalid arg '%s' for queue '%s' in vhost '/': %v", name, r.queue, why)
	}
}

func (r *argumentReader) number(name string, least int64) (n int64, ok bool) {
	value, ok := r.arguments[name]
	if !ok {
		return 0, false
	}
	n, ok = integer(value)
	if !ok || n < least {
		r.refuse(name, value)
	}
	return n, ok
}

func (r *argumentReader) text(name string, allowed ...string) (text string, ok bool) {
	value, ok := r.arguments[name]
	if !ok {
		return "", false
	}
	text, ok = value.(string)
	if !ok || len(allowed) > 0 && !slices.Contains(allowed, text) {
		r.refuse(name, value)
	}
	return text, ok
}

// isFull reports whether the queue refuses m.
func (q *queue) isFull(m *runtime.Message) bool {
	if q.limits.overflow == dropHead {
		return false
	}
	return q.limits.hasMaxLength && int64(len(q.ready)) >= q.limits.maxLength ||
		q.limits.hasMaxBytes && q.readyBytes()+int64(len(m.Body)) > q.limits.maxBytes
}

// dropExcess dead-letters the oldest messages until the queue is within its limits.
func (q *queue) dropExcess() {
	for len(q.ready) > 0 && q.limits.overflow == dropHead &&
		(q.limits.hasMaxLength && int64(len(q.ready)) > q.limits.maxLength ||
			q.limits.hasMaxBytes && q.readyBytes() > q.limits.maxBytes) {
		q.deadLetter(q.pop(), "maxlen")
	}
}

func (q *queue) readyBytes() int64 {
	var sum int64
	for _, e := range q.ready {
		sum += int64(len(e.message.Body))
	}
	return sum
}
