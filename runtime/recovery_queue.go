package runtime

import (
	"fmt"
	"slices"
	"time"
)

// A message that waits is in a queue whose name ends in the wait, one queue for
// each: its time-to-live is the queue's and not the message's, because RabbitMQ
// expires messages at a queue's head only, and a long wait would hold up the short ones
// behind it. When it expires the broker dead-letters it to the queue that it came from.
//
// The queue is a quorum queue that dead-letters at least once: it keeps a message until
// the queue that it goes back to has confirmed it. A classic queue would drop it if that queue
// were missing just then.

// retryQueue returns the name of the queue in which messages wait.
func retryQueue(queue string, wait time.Duration) string {
	return fmt.Sprintf("%s.retry.%d", queue, wait.Milliseconds())
}

// newRetryQueue returns the declaration of that queue. That of a transient queue is deleted
// by itself when it has not been declared for long.
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

// transientRetryQueue is how long the retry queue of a transient queue stays at least.
const transientRetryQueue = 24 * time.Hour

// deadSuffix ends the names of the queues for dead letters.
const deadSuffix = ".dead"

// newDeadLetterQueue returns the declaration of the queue for dead letters, of the type
// of the queue that they come from.
func newDeadLetterQueue(name string, queueType any) Queue {
	queue := Queue{Name: name, Durable: true}
	if queueType != nil {
		queue.Arguments = Headers{"x-queue-type": queueType}
	}
	return queue
}

// recoveryQueues returns the declarations of every queue that p publishes to,
// other than those of Forward, which belong to somebody else.
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
		if len(queue.Name) > maxShort {
			return nil, fmt.Errorf("recovery: the queue name %q is longer than %d bytes", queue.Name, maxShort)
		}
	}
	return d, nil
}

// joined returns the declarations of a consumer: its own and those of recovery.
func (p *recoveryPlan) joined(own *Declarations) *Declarations {
	joined := *p.queues.Load()
	if own != nil {
		joined.Exchanges = own.Exchanges
		joined.Queues = slices.Concat(own.Queues, joined.Queues)
		joined.Bindings = own.Bindings
	}
	return &joined
}

// remake makes the next publish declare the queues again, unless somebody has
// done so since used was loaded: the broker had no queue for a message.
func (p *recoveryPlan) declareAgain(used *Declarations) {
	again := *used
	p.queues.CompareAndSwap(used, &again)
}
