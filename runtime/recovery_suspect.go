package runtime

// A classic queue does not count how often it has delivered a message; it only tells that it has.
// With WithRedeliveryLimit such a message is moved to a queue of its own kind, the suspects, before
// it is handled: a quorum queue, which counts, and which is consumed one message at a time,
// so that it counts attempts. There it stays until an attempt has come to its end.

// suspectSuffix ends the names of these queues.
const suspectSuffix = ".suspect"

// newSuspectQueue returns the declaration of the queue for suspects.
func newSuspectQueue(name string) Queue {
	return Queue{
		Name: name, Durable: true,
		Arguments: Headers{"x-queue-type": "quorum", "x-delivery-limit": int64(maxRedeliveryLimit)}, // without it RabbitMQ 4 drops at 20
	}
}

// maxRedeliveryLimit bounds WithRedeliveryLimit.
const maxRedeliveryLimit = 1 << 15

// suspect moves a delivery to the suspects. It has a seat until the broker has seen the
// acknowledgement, so that with one worker no handler can end the process before, which would
// double the message.
func (s *session) moveToSuspectQueue(delivery *Delivery) {
	if s.acquireSlot() != nil {
		return
	}
	defer s.releaseSlot()
	f := &failure{delivery: delivery, err: errUncounted}
	s.publish(f, s.consumer.recovery.decide(f))
	if channel, ok := s.channel.(NarrowChannel); ok {
		s.closeAfter(channel.Sync(s.handlers))
	}
}

// isSuspicious says whether a delivery has come so often that it is to be handled by itself. That is
// long before the limit: until then it was perhaps only prefetched beside one that ends the process.
func (p *recoveryPlan) isSuspect(d *Delivery) bool {
	return d.DeliveryCount >= min(max(p.redeliveryLimit/2, 1), suspectCount)
}

// suspiciousCount is the highest count of deliveries that may come from prefetching alone.
const suspectCount = 3
