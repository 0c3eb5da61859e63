package runtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// A message waits for its retry in a queue whose name ends in the wait. There is one queue for each
// wait: the time-to-live is set on the queue and not on the message, because RabbitMQ expires
// messages only at the head of a queue, and a long wait would delay shorter ones behind it. When
// the message expires, the broker dead-letters it to the queue that it came from.
//
// The queue is a quorum queue that dead-letters at least once: it keeps a message until the queue
// that it goes back to has confirmed it. A classic queue would drop the message if that queue were
// missing at that moment.

// retryQueue returns the name of the queue in which messages wait.
func retryQueue(queue string, wait time.Duration) string {
	return fmt.Sprintf("%s.retry.%d", queue, wait.Milliseconds())
}

// newRetryQueue returns the declaration of that queue. The retry queue of a transient queue is
// deleted after it has not been declared for some time.
func newRetryQueue(queue string, wait time.Duration, transient bool) Queue {
	waiting := Queue{
		Name:    retryQueue(queue, wait),
		Durable: true,
		Arguments: Headers{
			"x-queue-type":              "quorum",
			"x-message-ttl":             wait.Milliseconds(),
			"x-dead-letter-exchange":    "",
			"x-dead-letter-routing-key": queue,
			"x-dead-letter-strategy":    "at-least-once",
			"x-overflow":                "reject-publish", // at-least-once requires it
		},
	}
	if transient {
		waiting.Arguments["x-expires"] = max(2*wait, transientRetryQueue).Milliseconds()
	}
	return waiting
}

// transientRetryQueue is the minimum lifetime of the retry queue of a transient queue.
const transientRetryQueue = 24 * time.Hour

// deadSuffix ends the names of dead-letter queues.
const deadSuffix = ".dead"

// newDeadLetterQueue returns the declaration of a dead-letter queue, of the same type as the queue
// whose messages it takes. Dead letters of a stream are in a quorum queue, from which they can be
// removed.
func newDeadLetterQueue(name string, queueType any) Queue {
	queue := Queue{Name: name, Durable: true}
	if queueType == "stream" {
		queueType = "quorum"
	}
	if queueType != nil {
		queue.Arguments = Headers{"x-queue-type": queueType}
	}
	return queue
}

// recoveryQueues returns the declarations of every queue that p publishes to, except those of
// Forward, which belong to somebody else.
func recoveryQueues(p *recoveryPlan, subscription Subscription) (*Declarations, error) {
	d := &Declarations{}
	if subscription.Declarations != nil {
		d.Mode = subscription.Declarations.Mode
	}
	var waits []time.Duration
	for _, step := range slices.Concat(p.failed, p.invalid) {
		waits = append(waits, step.waits()...)
	}
	slices.Sort(waits)
	for _, wait := range slices.Compact(waits) {
		d.Queues = append(d.Queues, newRetryQueue(p.queue, wait, isTransient(subscription)))
	}
	if len(d.Queues) > maxRetryQueues {
		return nil, fmt.Errorf("recovery: more than %d different waits: give the backoff a larger factor or a smaller Max", maxRetryQueues)
	}
	if p.deadLetters != "" && p.deadLetters != p.queue {
		d.Queues = append(d.Queues, newDeadLetterQueue(p.deadLetters, argument(subscription, "x-queue-type")))
	}
	if p.suspectQueue != "" {
		d.Queues = append(d.Queues, newSuspectQueue(p.suspectQueue))
	}
	for _, queue := range d.Queues {
		if len(queue.Name) > frame.MaxShort {
			return nil, fmt.Errorf("recovery: the queue name %q is longer than %d bytes", queue.Name, frame.MaxShort)
		}
	}
	return d, nil
}

// currentQueues returns the declarations of the queues that recovery publishes to.
func (p *recoveryPlan) currentQueues() *Declarations { return p.queues.Load().(*Declarations) }

// joined returns the declarations of a consumer: its own and those of recovery, which declares its
// queues again before it publishes.
func (p *recoveryPlan) joined(own *Declarations) *Declarations {
	joined := *p.currentQueues()
	joined.later = len(joined.Queues)
	if own != nil {
		joined.Exchanges = own.Exchanges
		joined.Queues = slices.Concat(own.Queues, joined.Queues)
		joined.Bindings = own.Bindings
	}
	if x := p.rejectsTo; x != "" && !joined.declares(x) {
		joined.Exchanges = append(slices.Clip(joined.Exchanges), Exchange{Name: x})
	}
	return &joined
}

// declareAgain makes the next publish declare the queues again: the broker had no queue for a
// message. If that has happened since used was loaded, it does nothing.
func (p *recoveryPlan) declareAgain(used *Declarations) {
	again := *used
	p.queues.CompareAndSwap(used, &again)
}

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
