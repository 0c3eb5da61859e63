package runtime

// A classic queue does not count how often it has delivered a message; it only marks redeliveries.
// With WithRedeliveryLimit a redelivered message is moved, before it is handled, to the suspect
// queue: a quorum queue, which counts, and which is consumed one message at a time, so that its
// count is the number of attempts. The message stays there until an attempt has ended.

// suspectSuffix ends the names of suspect queues.
const suspectSuffix = ".suspect"

// newSuspectQueue returns the declaration of a suspect queue.
func newSuspectQueue(name string) Queue {
	return Queue{
		Name: name, Durable: true,
		Arguments: Headers{"x-queue-type": "quorum", "x-delivery-limit": int64(maxRedeliveryLimit)}, // without it RabbitMQ 4 drops messages at 20
	}
}

// maxRedeliveryLimit is the maximum of WithRedeliveryLimit.
const maxRedeliveryLimit = 1 << 15

// moveToSuspectQueue moves a delivery to the suspect queue. It keeps a handler slot until the
// broker has seen the acknowledgement: with one worker, no handler can end the process before that
// and so duplicate the message.
func (s *session) moveToSuspectQueue(h *handling) {
	if s.acquireSlot() != nil {
		return
	}
	defer s.releaseSlot()
	f := h.failure(errUncounted)
	s.publish(f, s.consumer.recovery.decide(f))
	if sync := s.consumption.Sync; sync != nil {
		s.closeAfter(sync(s.handlers))
	}
}

// isSuspect reports whether a delivery has come so often that it must be handled alone. This begins
// long before the limit: the first times, it may only have been prefetched together with a message
// that ended the process.
func (p *recoveryPlan) isSuspect(d *Delivery) bool {
	return d.DeliveryCount >= min(max(p.redeliveryLimit/2, 1), suspectCount)
}

// suspectCount is the highest count that can come from prefetching alone.
const suspectCount = 3
