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
	// Routes are the messages in the queue. If there is one, it takes each delivery, whatever its
	// type: see EventUnknownType. Of several, the one takes a delivery whose publication has the
	// delivery's type property (or TypeHeader). A delivery without a type goes to the only route
	// that has its content type, else to the only one of these that has its exchange and routing
	// key, else to the only one of those that can decode its body. If that is none, or several, the
	// delivery is invalid content. So is a delivery with a type that no route has, unless some
	// routes have no type: these take it as if it had none.
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
	// stop timeout has passed; they are not limited by the prefetch, so a slow handler lets them
	// pile up in memory. docs/consuming.md has the details.
	NoAck bool
	// Arguments are those of basic.consume. May be nil.
	Arguments Headers
	// Recovery is what becomes of a delivery whose handler failed and that no step of WithRecovery
	// takes: generated code has the contract's x-retry here. A program that wants none of it ends
	// its own steps with DeadLetter or Discard. May be nil.
	Recovery []Recovery
}

// A Consumer passes the messages of one queue to their handlers.
type Consumer struct {
	queue string
	work  consumerWork
}

// consumerWork is a *queueConsumer. All generated packages name Consumer, and for each of them the
// compiler reads all types that it reaches: those of what a consumer does are many.
type consumerWork interface {
	run(ctx context.Context) error
	isReady() <-chan struct{}
	count(kind ConsumerEventKind) int64
	status() ConsumerStatus
	idle() error
}

// NewConsumer returns a consumer after it has checked the options and the broker has accepted the
// declarations. It waits for the broker until ctx ends, except with Broker.Lazy. Consuming begins
// with Run. It returns a *DeclarationError when the broker refuses a declaration. The consumer of a
// stream (x-queue-type: stream) needs WithStreamOffset, WithOffsetStore or the argument
// x-stream-offset; docs/streams.md says what else is different.
func NewConsumer(ctx context.Context, source ConsumerSource, subscription Subscription, options ...ConsumerOption) (*Consumer, error) {
	info := source.Info()
	c := &queueConsumer{
		queue:  subscription.Queue.Name,
		hosts:  virtualHostsOf(source),
		config: newConsumerConfig(info, options),
		ready:  make(chan struct{}),
	}
	if err := c.build(subscription); err != nil {
		return nil, fmt.Errorf("consumer of %q: %w", c.queue, err)
	}
	if info.Lazy && info.mistake != nil {
		return nil, fmt.Errorf("consumer of %q: %w", c.queue, info.mistake)
	}
	consumer := &Consumer{c.queue, c}
	c.unregister = info.register(consumer)
	if info.Lazy {
		c.begin = func(ctx context.Context) {
			_ = info.turn.take(ctx, func() error { return c.preflightAny(ctx) }) // Run fails in the same way, and tries again
		}
		return consumer, nil
	}
	if err := c.preflightAny(ctx); err != nil {
		c.unregister()
		return nil, fmt.Errorf("consumer of %q: %w", c.queue, err)
	}
	return consumer, nil
}

// Run consumes until ctx ends. Then it stops the deliveries, lets running handlers finish,
// acknowledges what they handled and returns nil; messages that no handler has started go back to
// the queue. If handlers run longer than the stop timeout their context ends, and Run returns an
// error if they still do not return. When the owner has closed all connections that it could
// consume on, it returns an error that wraps ErrClosed. Everything else that goes wrong is repaired
// and reported as a ConsumerEvent. Run may be called once.
func (c *Consumer) Run(ctx context.Context) error { return c.work.run(ctx) }

// Ready is closed when deliveries can arrive for the first time.
func (c *Consumer) Ready() <-chan struct{} { return c.work.isReady() }

// Count returns the number of events of a kind since NewConsumer.
func (c *Consumer) Count(kind ConsumerEventKind) int64 { return c.work.count(kind) }

// Status returns what c is doing now. It is cheap and may be called from many goroutines. Before
// Run and after it, nothing is consumed.
func (c *Consumer) Status() ConsumerStatus { return c.work.status() }

// queueConsumer is what a Consumer does.
type queueConsumer struct {
	queue        string
	hosts        []virtualHost
	request      ConsumeRequest // of a session; its prefetch is the share of one virtual host
	declarations *Declarations  // those of the subscription and of recovery
	config       consumerConfig
	handler      Handler
	recovery     *recoveryPlan
	slots        handlerSlots
	stream       *streamProgress // nil if the queue is no stream

	started   atomic.Bool
	current   atomic.Pointer[run] // nil before Run
	ready     chan struct{}
	readyOnce sync.Once
	counts    [lastConsumerEventKind + 1]atomic.Int64

	unregister func()
	begin      func(ctx context.Context) // of a lazy consumer: what NewConsumer has not done; or nil
}

func (c *queueConsumer) run(ctx context.Context) error {
	if !c.started.CompareAndSwap(false, true) {
		return errors.New("consumer: Run was called twice")
	}
	r := newRun(ctx, c)
	c.current.Store(r)
	defer c.unregister()
	defer r.end()
	if c.begin != nil {
		c.begin(ctx)
	}
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
	var saving sync.WaitGroup
	defer saving.Wait()
	if c.stream != nil && c.stream.store != nil {
		end := make(chan struct{})
		defer close(end)
		saving.Go(func() { r.saveOffsets(end) })
	}
	loops.Wait()
	if ctx.Err() == nil {
		r.closed = errors.Join(closed...)
	}
	return r.wait()
}

func (c *queueConsumer) isReady() <-chan struct{} { return c.ready }

func (c *queueConsumer) count(kind ConsumerEventKind) int64 {
	if kind > lastConsumerEventKind {
		return 0
	}
	return c.counts[kind].Load()
}

// errExclusiveQuorum refuses what RabbitMQ would silently not do.
var errExclusiveQuorum = errors.New("RabbitMQ knows no exclusive consumers of quorum queues: declare the queue with the argument x-single-active-consumer instead")

// build prepares what does not need the broker.
func (c *queueConsumer) build(subscription Subscription) error {
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
	if argument(subscription, "x-queue-type") == "quorum" && subscription.Exclusive {
		return errExclusiveQuorum
	}
	if err := c.buildStream(&subscription); err != nil {
		return err
	}
	keys, err := newKeyring(c.config.profiles)
	if err != nil {
		return err
	}
	routes, err := newRouter(subscription.Routes, subscription.TypeHeader, keys)
	if err != nil {
		return err
	}
	routes.secret, routes.report = c.config.withoutValues, c.report
	routes.encodings, routes.maxContent = c.config.encodings, c.config.maxContent
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
func (c *queueConsumer) preflightAny(ctx context.Context) error {
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
func (c *queueConsumer) preflight(ctx context.Context, host virtualHost) error {
	channel, err := host.open(ctx, c.declarations)
	if err != nil {
		return err
	}
	return channel.Close(ctx)
}

// consuming reports that deliveries can arrive.
func (c *queueConsumer) consuming(ctx context.Context, spec sessionSpec) {
	if spec.isSuspectQueue {
		return
	}
	c.readyOnce.Do(func() { close(c.ready) })
	c.report(ctx, ConsumerEvent{Kind: EventConsuming})
}

// report counts an event and passes it to the observer.
func (c *queueConsumer) report(ctx context.Context, event ConsumerEvent) {
	c.counts[event.Kind].Add(1)
	if c.config.onEvent != nil {
		c.config.onEvent(event.Kind, event.Err)
	}
	event.Queue = c.queue
	c.config.observer.Observe(ctx, event)
}

// reportHandled is report for EventHandled, which costs nothing more than counting if nobody
// observes it.
func (c *queueConsumer) reportHandled(h *handling) {
	if c.config.observesHandled {
		c.report(h.ctx, h.event(EventHandled, nil))
	} else {
		c.counts[EventHandled].Add(1)
	}
}
