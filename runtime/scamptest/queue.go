package scamptest

import (
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// A queue holds messages until they are delivered and acknowledged. Its fields are guarded by the
// broker's mu.
type queue struct {
	runtime.Queue
	broker    *Broker
	owner     *connection // of an exclusive queue
	limits    limits
	removed   bool
	ready     []*entry
	consumers []*consumerChannel // served in turn; the first is next
	consumed  bool               // it has had a consumer

	unacknowledged int
	expiry         *time.Timer // fires when the first ready message expires
	idle           *time.Timer // fires when x-expires has passed without use
}

// An entry is one message in a queue.
type entry struct {
	message     *runtime.Message
	sequence    uint64 // its position in the order of arrival
	expires     time.Time
	redelivered bool
	requeued    int       // how often it was requeued, as x-delivery-count counts
	written     time.Time // of a stream
}

// push adds a message, or returns that the queue is full and refuses it.
func (q *queue) push(m *runtime.Message) (accepted bool) { return q.add(&entry{message: m}) }

// add is push for a message that may have been delivered before.
func (q *queue) add(e *entry) (accepted bool) {
	if q.isFull(e.message) {
		if q.limits.overflow == rejectPublishDLX {
			q.deadLetter(e, "maxlen")
		}
		return false
	}
	q.broker.sequence++
	e.sequence = q.broker.sequence
	if q.isStream() {
		e.written = time.Now()
		q.ready = append(q.ready, e)
		q.dispatch()
		return true
	}
	e.expires = q.expires(e.message)
	q.insert(e)
	q.dispatch()
	q.dropExcess()
	q.dropExpired()
	return true
}

// insert puts e at its position: by priority, then by arrival. A requeued message gets its old
// position.
func (q *queue) insert(e *entry) {
	i, _ := slices.BinarySearchFunc(q.ready, e, func(a, b *entry) int {
		if order := q.priority(b) - q.priority(a); order != 0 {
			return order
		}
		if a.sequence < b.sequence {
			return -1
		}
		return 1
	})
	q.ready = slices.Insert(q.ready, i, e)
}

// pop removes the next ready message from the queue.
func (q *queue) pop() *entry {
	e := q.ready[0]
	q.ready[0] = nil
	q.ready = q.ready[1:]
	return e
}

func (q *queue) priority(e *entry) int {
	return min(int(e.message.Priority), q.limits.maxPriority)
}

// expires returns when m expires in this queue; the zero time means never.
func (q *queue) expires(m *runtime.Message) time.Time {
	ttl := q.limits.ttl
	if m.Expiration > 0 && (!q.limits.hasTTL || m.Expiration < ttl) {
		ttl = m.Expiration
	} else if !q.limits.hasTTL {
		return time.Time{}
	}
	return time.Now().Add(ttl)
}

// dispatch delivers ready messages to consumers with room, in turn.
func (q *queue) dispatch() {
	if q.isStream() {
		q.dispatchStream()
		return
	}
	for len(q.ready) > 0 {
		q.dropExpired()
		i := q.nextConsumer()
		if i < 0 || len(q.ready) == 0 {
			return
		}
		e, consumer := q.pop(), q.consumers[i]
		q.unacknowledged++
		consumer.deliver(q, e)
		if !q.limits.singleActive {
			q.consumers = append(slices.Delete(q.consumers, i, i+1), consumer)
		}
	}
}

// nextConsumer returns the index of the first consumer with room, of those with the highest
// priority, or -1.
func (q *queue) nextConsumer() int {
	if q.limits.singleActive && len(q.consumers) > 0 {
		if q.consumers[0].hasRoom() {
			return 0
		}
		return -1
	}
	next := -1
	for i, c := range q.consumers {
		if c.hasRoom() && (next < 0 || c.priority > q.consumers[next].priority) {
			next = i
		}
	}
	return next
}

// isInExclusiveUse reports whether the queue has an exclusive consumer. Quorum queues and streams
// know no such consumers.
func (q *queue) isInExclusiveUse() bool {
	return !q.isQuorum() && !q.isStream() && slices.ContainsFunc(q.consumers, func(c *consumerChannel) bool { return c.request.Exclusive })
}

// requeue puts a delivered message back, or dead-letters it if it has been requeued too often.
func (q *queue) requeue(e *entry) {
	q.unacknowledged--
	if q.removed || q.isStream() {
		return
	}
	e.redelivered = true
	e.requeued++
	if q.limits.hasDeliveryLimit && e.requeued > q.limits.deliveryLimit {
		q.deadLetter(e, "delivery_limit")
		return
	}
	q.insert(e)
}

// reject dead-letters a delivered message that is not to be requeued.
func (q *queue) reject(e *entry) {
	q.unacknowledged--
	if !q.removed && !q.isStream() {
		e.redelivered = true
		q.deadLetter(e, "rejected")
	}
}

// dropExpired dead-letters the expired messages at the head, and schedules its next call. Only the
// head counts: a message waits behind one that lives longer, as in RabbitMQ.
func (q *queue) dropExpired() {
	now := time.Now()
	for len(q.ready) > 0 && !q.ready[0].expires.IsZero() && !q.ready[0].expires.After(now) {
		q.deadLetter(q.pop(), "expired")
	}
	if q.expiry != nil {
		q.expiry.Stop()
		q.expiry = nil
	}
	if len(q.ready) > 0 && !q.ready[0].expires.IsZero() && !q.removed {
		q.expiry = time.AfterFunc(q.ready[0].expires.Sub(now), func() { q.broker.update(q.dropExpired) })
	}
}

// addConsumer and removeConsumer also update the timer of x-expires, which runs while there is no
// consumer.
func (q *queue) addConsumer(c *consumerChannel) {
	q.consumers = append(q.consumers, c)
	q.consumed = true
	q.used()
	q.dispatch()
}

func (q *queue) removeConsumer(c *consumerChannel) {
	q.consumers = slices.DeleteFunc(q.consumers, func(other *consumerChannel) bool { return other == c })
	if len(q.consumers) > 0 {
		return
	}
	if q.AutoDelete && q.consumed {
		q.broker.removeQueue(q)
		return
	}
	q.used()
}

// used notes that the queue has just been used: declared, or left by its last consumer.
func (q *queue) used() {
	if q.idle != nil {
		q.idle.Stop()
		q.idle = nil
	}
	if q.limits.expires > 0 && len(q.consumers) == 0 && !q.removed {
		q.idle = time.AfterFunc(q.limits.expires, func() {
			q.broker.update(func() {
				if len(q.consumers) == 0 {
					q.broker.removeQueue(q)
				}
			})
		})
	}
}

// removeQueue deletes q with its messages and bindings and cancels its consumers.
func (b *Broker) removeQueue(q *queue) {
	if q.removed {
		return
	}
	q.removed = true
	delete(b.queues, q.Name)
	for _, e := range b.exchanges {
		had := len(e.bindings)
		e.bindings = slices.DeleteFunc(e.bindings, func(to binding) bool { return to.queue == q })
		if e.AutoDelete && had > 0 && len(e.bindings) == 0 {
			delete(b.exchanges, e.Name)
		}
	}
	for _, timer := range []*time.Timer{q.expiry, q.idle} {
		if timer != nil {
			timer.Stop()
		}
	}
	q.ready = nil
	for _, consumer := range q.consumers {
		consumer.cancelled()
	}
	q.consumers = nil
}

func (q *queue) isQuorum() bool { return q.Arguments["x-queue-type"] == "quorum" }
