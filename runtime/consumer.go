package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A Subscription describes what a consumer consumes and who handles it.
type Subscription struct {
	// Queue is what to consume from. Its arguments tell whether it has a dead-letter exchange. It
	// is declared only if Declarations contains it.
	Queue Queue
	// Declarations are made before consuming, and again after each reconnect. May be nil.
	Declarations *Declarations
	// Routes are the messages in the queue. A delivery goes to the route whose publication has the
	// delivery's type property (or TypeHeader). Without a type, it goes to the only route that
	// fits.
	Routes []Route
	// TypeHeader names a header with the message's type, for producers that do not set the type
	// property. Empty: there is none.
	TypeHeader string
	// ConsumerTag is what operators see of the consumer, at most 248 bytes. If empty, it is random.
	ConsumerTag string
	// Exclusive makes the broker refuse all other consumers of the queue: see WithExclusive.
	Exclusive bool
	// NoAck turns acknowledgements off: the broker forgets a message when it sends it. Messages are
	// lost when the process ends, and when a failed one cannot be published elsewhere before the
	// stop timeout has passed; they are not limited by the prefetch, so a slow handler lets them pile
	// up in memory. docs/consuming.md has the details.
	NoAck bool
	// Arguments are those of basic.consume. May be nil.
	Arguments Headers
}

// A Consumer passes the messages of one queue to their handlers.
type Consumer struct {
	queue        string
	hosts        []virtualHost
	request      ConsumeRequest // of a session; its prefetch is the share of one virtual host
	declarations *Declarations  // those of the subscription and of recovery
	config       consumerConfig
	handler      Handler
	recovery     *recoveryPlan
	slots        handlerSlots

	started   atomic.Bool
	ready     chan struct{}
	readyOnce sync.Once
	counts    [lastConsumerEventKind + 1]atomic.Int64
}

// NewConsumer returns a consumer after it has checked the options and the broker has accepted the
// declarations. It waits for the broker until ctx ends. Consuming begins with Run. It returns a
// *DeclarationError when the broker refuses a declaration. Streams (x-queue-type: stream) are
// refused: they are not supported yet.
func NewConsumer(ctx context.Context, source ConsumerSource, subscription Subscription, options ...ConsumerOption) (*Consumer, error) {
	c := &Consumer{
		queue:  subscription.Queue.Name,
		hosts:  virtualHostsOf(source),
		config: newConsumerConfig(source.Info(), options),
		ready:  make(chan struct{}),
	}
	if err := c.build(subscription); err != nil {
		return nil, fmt.Errorf("consumer of %q: %w", c.queue, err)
	}
	if err := c.preflightAny(ctx); err != nil {
		return nil, fmt.Errorf("consumer of %q: %w", c.queue, err)
	}
	return c, nil
}

// Run consumes until ctx ends. Then it stops the deliveries, lets running handlers finish,
// acknowledges what they handled and returns nil; messages that no handler has started go back to
// the queue. If handlers run longer than the stop timeout their context ends, and Run returns an
// error if they still do not return. When the owner has closed all connections that it could
// consume on, it returns an error that wraps ErrClosed. Everything else that goes wrong is repaired
// and reported as a ConsumerEvent. Run may be called once.
func (c *Consumer) Run(ctx context.Context) error {
	if !c.started.CompareAndSwap(false, true) {
		return errors.New("consumer: Run was called twice")
	}
	r := newRun(ctx, c)
	defer r.end()
	var loops sync.WaitGroup
	closed := make([]error, len(c.hosts))
	for i, host := range c.hosts {
		if c.recovery.suspectQueue != "" {
			suspects := c.request
			suspects.Queue, suspects.Prefetch = c.recovery.suspectQueue, 1
			loops.Go(func() { _ = r.consume(host, sessionSpec{request: suspects, isSuspectQueue: true}) })
		}
		loops.Go(func() { closed[i] = r.consume(host, sessionSpec{request: c.request}) })
	}
	loops.Wait()
	if ctx.Err() == nil {
		r.closed = errors.Join(closed...)
	}
	return r.wait()
}

// Ready is closed when deliveries can arrive for the first time.
func (c *Consumer) Ready() <-chan struct{} { return c.ready }

// Count returns the number of events of a kind since NewConsumer.
func (c *Consumer) Count(kind ConsumerEventKind) int64 {
	if kind > lastConsumerEventKind {
		return 0
	}
	return c.counts[kind].Load()
}

// errStream refuses a stream. There an acknowledgement does not remove a message, so that a
// consumer would start at the wrong offset each time.
var errStream = errors.New("the queue is a stream: streams cannot be consumed yet")

// errExclusiveQuorum refuses what RabbitMQ would silently not do.
var errExclusiveQuorum = errors.New("RabbitMQ knows no exclusive consumers of quorum queues: declare the queue with the argument x-single-active-consumer instead")

// build prepares what does not need the broker.
func (c *Consumer) build(subscription Subscription) error {
	if c.queue == "" {
		return errors.New("the queue has no name")
	}
	subscription = c.config.completed(subscription)
	if err := c.config.check(subscription); err != nil {
		return err
	}
	c.request = ConsumeRequest{
		Queue: c.queue, Prefetch: max(c.config.prefetch/len(c.hosts), 1), Tag: subscription.ConsumerTag,
		Exclusive: subscription.Exclusive, NoAck: subscription.NoAck, Arguments: subscription.Arguments,
	}
	if err := c.request.check(); err != nil {
		return err
	}
	switch kind := argument(subscription, "x-queue-type"); {
	case kind == "stream":
		return errStream
	case kind == "quorum" && subscription.Exclusive:
		return errExclusiveQuorum
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

// preflightAny checks all sources until one has succeeded and the others have had a little more
// time. If any refuses a declaration, that is an error.
func (c *Consumer) preflightAny(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(c.hosts))
	for _, host := range c.hosts {
		go func() { results <- c.preflight(ctx, host) }()
	}
	var errs []error
	var enough <-chan time.Time
	for range c.hosts {
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

// othersTimeout is how long a new consumer waits for its other virtual hosts after it has reached
// one.
const othersTimeout = time.Second

// preflight opens a channel and closes it, so that refusals of the broker are known before anything
// runs.
func (c *Consumer) preflight(ctx context.Context, host virtualHost) error {
	channel, err := host.open(ctx, c.declarations)
	if err != nil {
		return err
	}
	return channel.Close(ctx)
}

// consuming reports that deliveries can arrive.
func (c *Consumer) consuming(spec sessionSpec) {
	if spec.isSuspectQueue {
		return
	}
	c.readyOnce.Do(func() { close(c.ready) })
	c.report(EventConsuming, nil, nil)
}

// report counts an event and passes it to the observer.
func (c *Consumer) report(kind ConsumerEventKind, delivery *Delivery, err error) {
	c.counts[kind].Add(1)
	if kind != EventHandled {
		c.config.observer.Observe(ConsumerEvent{Kind: kind, Queue: c.queue, Delivery: delivery, Err: err})
	}
}
