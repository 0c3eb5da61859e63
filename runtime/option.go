package runtime

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// An Option is a ProducerOption and a ConsumerOption.
type Option interface {
	ProducerOption
	ConsumerOption
}

// Options makes one Option of several, which apply in their order. A program that keeps options for
// its producers and consumers in a slice passes it to both so:
//
//	shared := []runtime.Option{runtime.WithObserver(counters), runtime.WithDeclareMode(runtime.DeclareVerify)}
//	producer, err := orders.NewProducer(ctx, source, runtime.Options(shared...))
//	consumer, err := orders.NewConsumer(ctx, source, handler, runtime.Options(shared...), runtime.WithWorkers(4))
func Options(options ...Option) Option { return optionList(options) }

type optionList []Option

func (l optionList) applyToProducer(c *producerConfig) {
	for _, option := range l {
		option.applyToProducer(c)
	}
}

func (l optionList) applyToConsumer(c *consumerConfig) {
	for _, option := range l {
		option.applyToConsumer(c)
	}
}

// WithObserver sets the observer of a client: how publishes end and what happens to deliveries. The
// default, also if observer is nil, is the Broker's Observer. If there is none, or with a source of
// your own, what happens to deliveries is logged to slog.Default().
func WithObserver(observer Observer) Option { return observerOption{observer} }

type observerOption struct{ observer Observer }

func (o observerOption) applyToProducer(c *producerConfig) { o.apply(&c.observer) }
func (o observerOption) applyToConsumer(c *consumerConfig) { o.apply(&c.observer) }

func (o observerOption) apply(observer *Observer) {
	if o.observer != nil {
		*observer = o.observer
	}
}

// A ConsumerOption changes how a consumer works. The defaults are right for most.
type ConsumerOption interface {
	applyToConsumer(*consumerConfig)
}

type consumerOption func(*consumerConfig)

func (o consumerOption) applyToConsumer(c *consumerConfig) { o(c) }

// WithPrefetch limits the number of unacknowledged deliveries, from 1 to 65535. The default is 100,
// or four for each worker if that is more. A consumer on two virtual hosts has half of it on each.
func WithPrefetch(n int) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.prefetch, c.prefetchGiven = n, true })
}

// WithConsumerTag sets the consumer's tag, which operators see: at most 248 bytes. The tag of a
// consumer that has just begun and takes one message at a time ends in "-narrow". The default is
// random.
func WithConsumerTag(tag string) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.tag = tag })
}

// WithExclusive makes the broker refuse all other consumers of the queue while this one consumes.
// While there is another one, this one is refused (403): that is reported as EventInterrupted, and
// tried again with waits of up to 30 s. So another process takes over when this one ends. RabbitMQ
// knows no exclusive consumers of quorum queues: they are refused by NewConsumer, and have the
// argument x-single-active-consumer instead.
func WithExclusive() ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.exclusive = true })
}

// WithConsumerPriority sets the consumer's priority, the argument x-priority: the broker delivers to
// the consumers with the highest priority as long as their prefetch has room. The default of the
// broker is 0.
func WithConsumerPriority(priority int) ConsumerOption {
	return WithConsumerArguments(Headers{"x-priority": int64(priority)})
}

// WithConsumerArguments adds arguments of basic.consume to those of the subscription and of earlier
// options, and replaces those with the same name.
func WithConsumerArguments(arguments Headers) ConsumerOption {
	return consumerOption(func(c *consumerConfig) {
		if c.arguments == nil {
			c.arguments = Headers{}
		}
		maps.Copy(c.arguments, arguments)
	})
}

// WithWorkers sets how many handlers run at the same time. The default is 1, which keeps the order
// of the queue.
func WithWorkers(n int) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.workers = n })
}

// WithOrderedBy keeps the order of deliveries with the same key, with any number of workers: each
// key belongs to one worker. key is called before the body is decoded and must be fast.
func WithOrderedBy(key func(*Delivery) string) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.orderedBy = key })
}

// WithStopTimeout limits how long Run waits for running handlers after its context has ended. The
// default is 30 seconds.
func WithStopTimeout(limit time.Duration) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.stopTimeout = limit })
}

// WithRecovery sets what becomes of a delivery whose handler failed. What no step takes is left to
// the steps of the subscription, which are the contract's retries, and then to DeadLetter. So
// WithRecovery(When(match, DeadLetter())) keeps the contract's retries for all other errors, and
// steps that end with DeadLetter replace them.
func WithRecovery(steps ...Recovery) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.recovery = steps })
}

// WithInvalidRecovery sets what becomes of a delivery that can never be handled: see InvalidError.
// The default is DeadLetter, which also follows the last of steps.
func WithInvalidRecovery(steps ...Recovery) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.onInvalid = steps })
}

// WithoutValues removes the values in messages from the errors of invalid content, and so from the
// headers of dead letters and from logs. The errors say where a message does not match its schema,
// and which keyword, but not with which value. By default values are shown, shortened. For
// encrypted messages neither values nor paths are shown, with or without this option.
func WithoutValues() ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.withoutValues = true })
}

// WithRedeliveryLimit dead-letters a delivery that came more than n times before without an answer,
// as a message does that ends the process: it ends the process n+1 times. The broker's count is
// used if there is one (quorum queues). If not, a redelivered message is moved to the quorum queue
// <queue>.suspect and handled from there, one at a time. The message loses its place in the order,
// so this is done only with this option. The default is 15: RabbitMQ 4 drops messages of a queue
// without a dead-letter exchange at 20. docs/consuming.md says what is promised.
func WithRedeliveryLimit(n int) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.redeliveryLimit, c.countRedeliveries = n, true })
}

// WithDeadLetterQueue publishes dead letters to a queue of that name instead of <queue>.dead, even
// if the consumer's queue has a dead-letter exchange.
func WithDeadLetterQueue(name string) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.deadLetterQueue = name })
}

// WithDeadLetterPolicy says that a policy on the broker gives the queue a dead-letter exchange,
// which its arguments do not show: dead letters are rejected.
func WithDeadLetterPolicy() ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.deadLetterPolicy = true })
}

// WithMiddleware wraps every handler; the first is outermost. Those of the connection are outside of
// it: see Broker.Middleware.
func WithMiddleware(middleware ...Middleware) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.middleware = append(c.middleware, middleware...) })
}

type consumerConfig struct {
	prefetch          int
	prefetchGiven     bool
	tag               string
	exclusive         bool
	arguments         Headers
	workers           int
	orderedBy         func(*Delivery) string
	stopTimeout       time.Duration
	recovery          []Recovery
	onInvalid         []Recovery
	redeliveryLimit   int
	countRedeliveries bool
	deadLetterQueue   string
	deadLetterPolicy  bool
	offsets           OffsetStore   // of a stream; nil: none
	singleActive      bool          // one consumer of a stream at a time
	offsetName        string        // in offsets
	noOffsets         bool          // WithOffsetStore was given nil, a mistake
	resumeTimeout     time.Duration // of a stream; 0: the default
	middleware        []Middleware
	publishMiddleware []PublishMiddleware // of the source, for replies
	profiles          []*EncryptionProfile
	withoutValues     bool
	encodings         contentEncodings
	maxContent        int // after decompression
	observer          Observer
	onEvent           func(kind ConsumerEventKind, err error) // nil, or called before the observer
	observesHandled   bool                                    // observer gets EventHandled
	declareMode       *DeclareMode                            // nil: the mode of the declarations
}

func newConsumerConfig(source SourceInfo, options []ConsumerOption) consumerConfig {
	c := consumerConfig{
		workers: 1, stopTimeout: 30 * time.Second, redeliveryLimit: 15, encodings: standardEncodings,
		maxContent: orDefault(source.MaxMessageSize, maxContent), observer: source.observer(),
		middleware: slices.Clone(source.Middleware), publishMiddleware: source.PublishMiddleware,
	}
	for _, option := range options {
		option.applyToConsumer(&c)
	}
	c.observesHandled = observesHandled(c.observer)
	if !c.prefetchGiven {
		c.prefetch = min(max(100, 4*c.workers), math.MaxUint16)
	}
	return c
}

// completed returns subscription with what the options say about the consumer on the broker.
func (c *consumerConfig) completed(subscription Subscription) Subscription {
	subscription.ConsumerTag = cmp.Or(c.tag, subscription.ConsumerTag)
	subscription.Exclusive = subscription.Exclusive || c.exclusive
	if len(c.arguments) > 0 {
		arguments := maps.Clone(c.arguments)
		for name, value := range subscription.Arguments {
			if _, replaced := arguments[name]; !replaced {
				arguments[name] = value
			}
		}
		subscription.Arguments = arguments
	}
	return subscription
}

// check returns an error for the first option that makes no sense.
func (c *consumerConfig) check(subscription Subscription) error {
	switch {
	case subscription.NoAck && c.countRedeliveries:
		return errors.New("WithRedeliveryLimit: without acknowledgements nothing is delivered again")
	case subscription.NoAck && c.deadLetterPolicy:
		return errors.New("WithDeadLetterPolicy: without acknowledgements nothing can be rejected; use WithDeadLetterQueue")
	case c.prefetch < 1 || c.prefetch > math.MaxUint16:
		return fmt.Errorf("prefetch %d: wanted 1 to %d", c.prefetch, math.MaxUint16)
	case c.noOffsets:
		return errors.New("WithOffsetStore: no store: give it an OffsetStore, such as MemoryOffsets")
	case c.workers < 1:
		return fmt.Errorf("%d workers: wanted at least 1", c.workers)
	case c.stopTimeout <= 0:
		return fmt.Errorf("stop timeout %v: wanted more than 0", c.stopTimeout)
	case c.redeliveryLimit < 0 || c.redeliveryLimit > maxRedeliveryLimit:
		return fmt.Errorf("redelivery limit %d: wanted 0 to %d", c.redeliveryLimit, maxRedeliveryLimit)
	case c.deadLetterQueue != "" && c.deadLetterPolicy:
		return errors.New("WithDeadLetterQueue and WithDeadLetterPolicy exclude each other")
	case c.maxContent < 1:
		return fmt.Errorf("content size %d: wanted at least 1", c.maxContent)
	}
	return c.encodings.check()
}
