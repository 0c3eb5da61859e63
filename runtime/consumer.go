package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A Subscription says what a consumer consumes and who handles it.
type Subscription struct {
	// Queue is consumed. Its arguments tell whether it dead-letters by itself.
	// It is declared only if Declarations has it.
	Queue Queue
	// Declarations are made before consuming, again after each reconnect. May be nil.
	Declarations *Declarations
	// Routes are the messages that the queue carries. A delivery goes to the
	// route whose publication has the delivery's type property (or TypeHeader);
	// without one, to the only route that it can be.
	Routes []Route
	// TypeHeader names a header that holds the message's type where producers do
	// not set the type property. Empty: there is none.
	TypeHeader string
}

// A Consumer takes the messages of one queue to their handlers.
type Consumer struct {
	queue        string
	sources      []ConsumerSource
	declarations *Declarations // the subscription's and those of recovery
	config       consumerConfig
	handler      Handler
	recovery     *recoveryPlan
	slots        handlerSlots

	started   atomic.Bool
	ready     chan struct{}
	readyOnce sync.Once
	counts    [lastConsumerEventKind + 1]atomic.Int64
}

// NewConsumer returns a consumer that has been checked and whose declarations
// the broker has accepted; it waits for the broker until ctx ends. Consuming
// begins with Run. It returns a *DeclarationError when the broker refuses a
// declaration. Streams (x-queue-type: stream) are refused: they cannot be consumed yet.
func NewConsumer(ctx context.Context, source ConsumerSource, subscription Subscription, options ...ConsumerOption) (*Consumer, error) {
	c := &Consumer{
		queue:   subscription.Queue.Name,
		sources: sourcesOf(source),
		config:  newConsumerConfig(source, options),
		ready:   make(chan struct{}),
	}
	if err := c.build(subscription); err != nil {
		return nil, fmt.Errorf("consumer of %q: %w", c.queue, err)
	}
	if err := c.preflightAny(ctx); err != nil {
		return nil, fmt.Errorf("consumer of %q: %w", c.queue, err)
	}
	return c, nil
}

// Run consumes until ctx ends. Then it asks the broker for no more, lets
// started handlers finish, acknowledges what they handled and returns nil;
// what was not started goes back to the queue. If handlers run longer than the
// stop timeout their context ends, and Run returns an error if they run on.
// When all connections that it could consume on have been closed by their owner, it
// returns an error that wraps ErrClosed. Everything else that goes wrong is repaired
// and reported as a ConsumerEvent. Run may be called once.
func (c *Consumer) Run(ctx context.Context) error {
	if !c.started.CompareAndSwap(false, true) {
		return errors.New("consumer: Run was called twice")
	}
	r := newRun(ctx, c)
	defer r.end()
	var loops sync.WaitGroup
	closed := make([]error, len(c.sources))
	for i, source := range c.sources {
		if queue := c.recovery.suspectQueue; queue != "" {
			loops.Go(func() { _ = r.consume(source, sessionSpec{queue: queue, prefetch: 1, isSuspectQueue: true}) })
		}
		loops.Go(func() { closed[i] = r.consume(source, sessionSpec{queue: c.queue, prefetch: c.prefetch()}) })
	}
	loops.Wait()
	if ctx.Err() == nil {
		r.closed = errors.Join(closed...)
	}
	return r.wait()
}

// Ready is closed when deliveries can arrive for the first time.
func (c *Consumer) Ready() <-chan struct{} { return c.ready }

// Count returns how often an event of kind has happened since NewConsumer.
func (c *Consumer) Count(kind ConsumerEventKind) int64 {
	if kind > lastConsumerEventKind {
		return 0
	}
	return c.counts[kind].Load()
}

// errStream refuses a stream, where an acknowledgement does not take a message away: a
// consumer would begin in the wrong place each time.
var errStream = errors.New("the queue is a stream: streams cannot be consumed yet")

// build makes what does not need the broker.
func (c *Consumer) build(subscription Subscription) error {
	if c.queue == "" {
		return errors.New("the queue has no name")
	}
	if err := c.config.check(); err != nil {
		return err
	}
	if argument(subscription, "x-queue-type") == "stream" {
		return errStream
	}
	keys, err := newKeyring(c.config.profiles)
	if err != nil {
		return err
	}
	routes, err := newRouter(subscription.Routes, subscription.TypeHeader, keys)
	if err != nil {
		return err
	}
	routes.secret = c.config.withoutValues
	subscription.Declarations = subscription.Declarations.inMode(c.config.declareMode)
	if c.recovery, err = newRecoveryPlan(subscription, &c.config); err != nil {
		return err
	}
	c.handler = chain(routes.handle, c.config.middleware)
	c.slots.free = c.config.workers
	c.declarations = c.recovery.joined(subscription.Declarations)
	return errors.Join(subscription.Queue.check(), c.declarations.check())
}

// tryOutAny tries all sources out until one has worked and the others have had a
// little more time. A refused declaration is an error whatever the others say.
func (c *Consumer) preflightAny(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(c.sources))
	for _, source := range c.sources {
		go func() { results <- c.preflight(ctx, source) }()
	}
	var errs []error
	var enough <-chan time.Time
	for range c.sources {
		select {
		case err := <-results:
			switch {
			case err == nil:
				enough = time.After(othersTimeout)
			case isType[*DeclarationError](err):
				return err
			default:
				errs = append(errs, err)
			}
		case <-enough:
			return nil
		}
	}
	if enough != nil {
		return nil
	}
	return errors.Join(errs...)
}

// othersTimeout is how long a new consumer waits for its other virtual hosts when it
// has reached one.
const othersTimeout = time.Second

// tryOut opens a channel and closes it, so that what the broker refuses is
// known before anything runs.
func (c *Consumer) preflight(ctx context.Context, source ConsumerSource) error {
	channel, err := source.ConsumerChannel(ctx, c.declarations)
	if err != nil {
		return err
	}
	return channel.Close(ctx)
}

// prefetch is the share of each source.
func (c *Consumer) prefetch() int {
	return max(c.config.prefetch/len(c.sources), 1)
}

// consuming says that deliveries can arrive.
func (c *Consumer) consuming(spec sessionSpec) {
	if spec.isSuspectQueue {
		return
	}
	c.readyOnce.Do(func() { close(c.ready) })
	c.report(Consuming, nil, nil)
}

// report counts an event and tells the observer of it.
func (c *Consumer) report(kind ConsumerEventKind, delivery *Delivery, err error) {
	c.counts[kind].Add(1)
	if kind != Handled {
		c.config.observer.Observe(ConsumerEvent{Kind: kind, Queue: c.queue, Delivery: delivery, Err: err})
	}
}

// sourcesOf returns the sources that a consumer of source consumes from: those of a Pair, or
// source itself.
func sourcesOf(source ConsumerSource) []ConsumerSource {
	if several, ok := source.(interface{ ConsumerSources() []ConsumerSource }); ok {
		return several.ConsumerSources()
	}
	return []ConsumerSource{source}
}
