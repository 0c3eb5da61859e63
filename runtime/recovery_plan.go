package runtime

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// An action is what becomes of a failed delivery: it is published to queue and then acknowledged
// or, if queue is empty, rejected (EventDeadLettered) or acknowledged (Discarded).
type action struct {
	kind  ConsumerEventKind
	queue string
}

// A failure is a delivery that could not be handled, and what is known about it.
type failure struct {
	ctx            context.Context // the handler's, for its values
	delivery       *Delivery
	err            error
	since          time.Time
	deadLetters    string   // the queue that dead letters are published to; empty: they are rejected
	attempts       int      // earlier attempts that no step before has counted
	forwarded      int      // how often it was forwarded
	missing        []string // queues that it could not be forwarded to, as they do not exist
	headersDropped bool     // its headers leave no room for those of recovery, and are dropped
}

// decide returns the action of the first step that takes f.
func decide(steps []Recovery, f *failure) (action, bool) {
	for _, step := range steps {
		if action, ok := step.decide(f); ok {
			return action, true
		}
	}
	return action{}, false
}

// A recoveryPlan is what a consumer's options say about deliveries that fail.
type recoveryPlan struct {
	queue           string
	deadLetters     string // the queue that dead letters are published to; empty: they are rejected
	rejectsTo       string // the exchange that gets what is rejected; empty: none, or one that a policy names
	failed, invalid []Recovery
	redeliveryLimit int
	suspectQueue    string // the queue where redeliveries are counted; empty: the broker counts, or nobody
	brokerCounts    bool   // the broker counts deliveries, or may
	startsNarrow    bool   // sessions begin narrow, as the broker counts

	// queues are those that recovery publishes to.
	queues  atomic.Value // a *Declarations
	breaker breaker
}

func newRecoveryPlan(subscription Subscription, config *consumerConfig) (*recoveryPlan, error) {
	p := &recoveryPlan{
		queue:           subscription.Queue.Name,
		failed:          slices.Concat(config.recovery, subscription.Recovery),
		invalid:         config.onInvalid,
		redeliveryLimit: redeliveryLimit(subscription, config),
		breaker:         newBreaker(),
	}
	kind := argument(subscription, "x-queue-type")
	if config.countRedeliveries && kind != "quorum" && !isTransient(subscription) {
		p.suspectQueue = p.queue + suspectSuffix
	}
	// A consumer of a queue with a single active consumer would lose its turn when it becomes wide.
	// An exclusive one could not become wide, and without acknowledgements there is no prefetch.
	p.brokerCounts = (kind == nil || kind == "quorum") && !isTransient(subscription)
	p.startsNarrow = p.brokerCounts && argument(subscription, "x-single-active-consumer") != true && !subscription.Exclusive && !subscription.NoAck
	if config.deadLetterQueue == p.queue {
		return nil, errors.New("the dead-letter queue is the consumer's own queue")
	}
	p.deadLetters = deadLetters(subscription, config)
	if p.deadLetters == "" && !config.deadLetterPolicy && !subscription.NoAck {
		p.rejectsTo, _ = argument(subscription, "x-dead-letter-exchange").(string)
	}
	for _, step := range slices.Concat(p.failed, p.invalid) {
		if err := step.check(); err != nil {
			return nil, err
		}
	}
	queues, err := recoveryQueues(p, subscription)
	p.queues.Store(queues)
	return p, err
}

// deadLetters returns the queue that dead letters are published to; empty: they are rejected.
func deadLetters(subscription Subscription, config *consumerConfig) string {
	name := subscription.Queue.Name
	switch {
	case config.deadLetterQueue != "":
		return config.deadLetterQueue
	case config.deadLetterPolicy || hasArgument(subscription, "x-dead-letter-exchange") && !subscription.NoAck:
		return ""
	case isTransient(subscription):
		return "" // each process would leave a durable queue behind
	case strings.HasSuffix(name, deadSuffix):
		return name // a dead letter stays where it is
	}
	return name + deadSuffix
}

// isTransient reports whether the consumed queue is deleted with its consumer.
func isTransient(subscription Subscription) bool {
	transient := subscription.Queue.Exclusive || subscription.Queue.AutoDelete
	if d := subscription.Declarations; d != nil && !transient {
		transient = slices.ContainsFunc(d.Queues, func(queue Queue) bool {
			return queue.Name == subscription.Queue.Name && (queue.Exclusive || queue.AutoDelete)
		})
	}
	return transient
}

// decide returns what becomes of f. A message that comes too often is not tried again.
func (p *recoveryPlan) decide(f *failure) action {
	f.deadLetters = p.deadLetters
	f.attempts = f.delivery.recoveryCount("republished")
	f.forwarded = f.delivery.recoveryCount("forwarded")
	steps := p.failed
	switch {
	case errors.Is(f.err, errUncounted):
		return action{kind: EventRetried, queue: p.suspectQueue}
	case isType[*RedeliveryError](f.err):
		steps = nil
	case isType[*InvalidError](f.err):
		steps = p.invalid
	}
	if action, ok := decide(steps, f); ok {
		return action
	}
	action, _ := deadLetter{}.decide(f)
	return action
}

// errUncounted is the error of a redelivered message that the broker does not count: it is moved to
// the suspect queue.
var errUncounted = errors.New("redelivered, and the broker does not count how often")

// checkRedeliveries returns a *RedeliveryError for a delivery over the limit, and errUncounted for
// one that must be counted first.
func (p *recoveryPlan) checkRedeliveries(d *Delivery) error {
	count := d.DeliveryCount
	uncounted := p.suspectQueue != "" && d.Redelivered && count == 0 && p.fitsSuspectQueue(d)
	if uncounted {
		count = 1
	}
	switch {
	case count > p.redeliveryLimit:
		return &RedeliveryError{Count: count, Limit: p.redeliveryLimit}
	case uncounted:
		return errUncounted
	}
	return nil
}

// fitsSuspectQueue reports whether a delivery can be moved to the suspect queue. If its headers
// leave no room for those of recovery, it is handled where it is, uncounted.
func (p *recoveryPlan) fitsSuspectQueue(d *Delivery) bool {
	moved := (&failure{delivery: d, err: errUncounted}).message(action{kind: EventRetried, queue: p.suspectQueue})
	return checkMessage(moved, limits{body: math.MaxInt, payload: frame.Max - frame.Overhead}) == nil
}

// redeliveryLimit returns the limit of the options, or less if the queue itself drops messages that
// come too often: this limit must be reached first.
func redeliveryLimit(subscription Subscription, config *consumerConfig) int {
	limit := config.redeliveryLimit
	if own, ok := integer(argument(subscription, "x-delivery-limit")); ok && own > 0 && !hasArgument(subscription, "x-dead-letter-exchange") {
		limit = min(limit, int(own)-1)
	}
	return limit
}

// argument returns an argument of the consumed queue, from the subscription or its declarations.
func argument(subscription Subscription, name string) any {
	if value, ok := subscription.Queue.Arguments[name]; ok || subscription.Declarations == nil {
		return value
	}
	for _, queue := range subscription.Declarations.Queues {
		if queue.Name == subscription.Queue.Name {
			return queue.Arguments[name]
		}
	}
	return nil
}

func hasArgument(subscription Subscription, name string) bool {
	return argument(subscription, name) != nil
}
