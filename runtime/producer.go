package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Producer publishes messages: it encodes them, waits for the broker's confirm and publishes
// again what did not arrive. Generated producers wrap one with types. It may be used by many
// goroutines at once.
type Producer struct {
	source       ProducerSource
	declarations *Declarations
	info         SourceInfo
	config       producerConfig
	hooks        *hooks
	outstanding  *outstanding
	waiters      spares // of *waiter
	rooms        rooms
	counts       [outcomes]atomic.Int64
	starting     starting
	registration registration
}

// NewProducer returns a producer that publishes on source's channels, after it has received the
// first of them: the broker can be reached and has accepted declarations, which may be nil. It
// waits for that until ctx ends, and returns at once when the broker refuses (*RefusedError,
// *DeclarationError). With Broker.Lazy it does not wait. Close the producer when it is no longer
// needed.
func NewProducer(ctx context.Context, source ProducerSource, declarations *Declarations, options ...ProducerOption) (*Producer, error) {
	info := source.Info()
	config := newProducerConfig(info, options)
	if err := errors.Join(config.check(), declarations.check()); err != nil {
		return nil, fmt.Errorf("new producer: %w", err)
	}
	p := &Producer{
		source: source, info: info, declarations: declarations.inMode(config.declareMode), config: config,
		outstanding: newOutstanding(),
		hooks:       newHooks(config),
		waiters:     &sync.Pool{},
		rooms:       newRooms(),
	}
	p.registration.begin(info, p)
	if err := p.start(ctx); err != nil {
		return nil, fmt.Errorf("new producer: %w", errors.Join(err, p.Close(context.WithoutCancel(ctx))))
	}
	p.hooks.start(info)
	return p, nil
}

// Busy reports whether a publish would have to wait: the broker blocks publishers, every window is
// full or nothing is connected. If the windows were full, a producer stays busy until they are no
// more than half full; if all connections were blocked, until none is. It is always false for a
// source without a state (see SourceInfo).
func (p *Producer) Busy() bool {
	state, _ := p.info.state()
	return state != StateReady
}

// Close stops new publishes, waits for those in flight and for the hooks that they cause, and
// returns nil when all have ended. When ctx ends first, what is still in flight settles at once, as
// OutcomeNotSent or OutcomeUnknown, and ctx's error is returned. It does not close the source's
// connections. Closing twice is harmless. A hook must not call Close with a context that never
// ends: Close waits for the hook.
func (p *Producer) Close(ctx context.Context) error {
	drained := p.outstanding.close()
	err := pause(ctx, drained)
	if err != nil {
		p.outstanding.abandon()
		<-drained
	}
	p.starting.end()
	p.hooks.stop()
	p.info.release(p.declarations)
	p.registration.end()
	if err == nil {
		err = pause(ctx, p.hooks.stopped)
	}
	if err != nil {
		return fmt.Errorf("close producer: %w", err)
	}
	return nil
}

// A ProducerOption changes how a producer works. The defaults are right for most.
type ProducerOption interface {
	applyToProducer(*producerConfig)
}

type producerOption func(*producerConfig)

func (o producerOption) applyToProducer(c *producerConfig) { o(c) }

// WithPublishTimeout limits a publish from the call to the confirm, including all waits and
// retries. The default is 10 s. The context of a publish can only shorten it.
func WithPublishTimeout(limit time.Duration) ProducerOption {
	return producerOption(func(c *producerConfig) { c.timeout = limit })
}

// WithMessageIDs sets the function that creates message ids: at most 255 bytes, never the same
// twice. Many goroutines call it at once. The default creates UUIDs of version 7, which sort by
// time.
func WithMessageIDs(next func() string) ProducerOption {
	return producerOption(func(c *producerConfig) {
		c.nextID = nil // a mistake: see check
		if next != nil {
			c.nextID = func(time.Time) string { return next() }
		}
	})
}

// WithNackRetries sets how often a message that a queue refuses is published again, with growing
// waits, within the timeout. The default is 3 for a message to the default exchange, which leads to
// one queue, and 0 for others: RabbitMQ nacks a message when one of several queues refuses it, and
// the others would get a copy with each retry.
func WithNackRetries(n int) ProducerOption {
	return producerOption(func(c *producerConfig) { c.nackRetries = &n })
}

// nackRetries is the default if a single queue has refused.
const nackRetries = 3

// WithAtMostOnce turns off retries of what may have been delivered: a lost connection then loses
// messages instead of duplicating some. What was certainly not sent is still retried.
func WithAtMostOnce() ProducerOption {
	return producerOption(func(c *producerConfig) { c.atMostOnce = true })
}

// WithoutValidation publishes messages without calling their Validate method (see
// Producer.Publish). By default it is called: otherwise a consumer refuses an invalid message, long
// after the caller who could have fixed it has continued.
func WithoutValidation() ProducerOption {
	return producerOption(func(c *producerConfig) { c.notValidated = true })
}

// WithEncryption encrypts the body of each message with profile. The properties, the headers and
// the routing key stay readable.
func WithEncryption(profile *EncryptionProfile) ProducerOption {
	return producerOption(func(c *producerConfig) { c.encryption, c.encrypted = profile, true })
}

// WithOnReturned calls notify for each message that came back because no queue is bound for it. The
// publish's error says so too. Calls are made one after the other on a goroutine of the producer.
// If notify is slower than messages come back, up to 1024 wait, and the oldest are dropped.
func WithOnReturned(notify func(*ReturnedError)) ProducerOption {
	return producerOption(func(c *producerConfig) { c.onReturned = notify })
}

// WithOnBusy calls notify each time the producer becomes busy (see Producer.Busy), as a signal to
// slow down. It runs on the same goroutine as WithOnReady.
func WithOnBusy(notify func()) ProducerOption {
	return producerOption(func(c *producerConfig) { c.onBusy = notify })
}

// WithOnReady calls notify each time the producer is no longer busy.
func WithOnReady(notify func()) ProducerOption {
	return producerOption(func(c *producerConfig) { c.onReady = notify })
}

type producerConfig struct {
	timeout      time.Duration
	nextID       func(now time.Time) string
	nackRetries  *int         // nil: as WithNackRetries says
	declareMode  *DeclareMode // nil: the mode of the declarations
	atMostOnce   bool
	notValidated bool
	encryption   *EncryptionProfile
	encrypted    bool
	middleware   []PublishMiddleware
	encodings    contentEncodings
	observer     Observer
	observed     bool // observer gets the events of publishes
	onReturned   func(*ReturnedError)
	onBusy       func()
	onReady      func()
}

func newProducerConfig(source SourceInfo, options []ProducerOption) producerConfig {
	c := producerConfig{
		timeout: 10 * time.Second, nextID: newUUID, encodings: standardEncodings,
		middleware: slices.Clone(source.PublishMiddleware), observer: source.observer(),
	}
	for _, option := range options {
		option.applyToProducer(&c)
	}
	c.observed = observesPublishes(c.observer)
	return c
}

// check returns an error for the first option that makes no sense.
func (c *producerConfig) check() error {
	switch {
	case c.timeout <= 0:
		return fmt.Errorf("timeout %v: wanted more than 0", c.timeout)
	case c.nackRetries != nil && *c.nackRetries < 0:
		return fmt.Errorf("%d retries after a nack: wanted at least 0", *c.nackRetries)
	case c.encrypted && c.encryption == nil:
		return errors.New("WithEncryption: no profile")
	case slices.ContainsFunc(c.middleware, func(m PublishMiddleware) bool { return m == nil }):
		return errors.New("publish middleware: one is nil")
	case c.nextID == nil:
		return errors.New("WithMessageIDs: no function")
	}
	return c.encodings.check()
}

// hooks calls a producer's callbacks on goroutines of its own, so that a slow one delays only the
// next one.
type hooks struct {
	config  producerConfig
	ending  chan struct{}
	stopped chan struct{} // closed when the goroutines have ended

	mu      sync.Mutex
	waiting []*ReturnedError
	wake    chan struct{}
	started bool
	ended   bool
}

// maxReturned is how many returned messages may wait for WithOnReturned.
const maxReturned = 1024

func newHooks(config producerConfig) *hooks {
	return &hooks{config: config, ending: make(chan struct{}), stopped: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// start starts the goroutines that the callbacks need, unless stop has been called.
func (h *hooks) start(source SourceInfo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return
	}
	h.started = true
	var running sync.WaitGroup
	if h.config.onReturned != nil {
		running.Go(h.callReturned)
	}
	if source.State != nil && (h.config.onBusy != nil || h.config.onReady != nil) {
		running.Go(func() { h.callBusy(source) })
	}
	go func() {
		running.Wait()
		close(h.stopped)
	}()
}

// stop ends the goroutines after the waiting calls.
func (h *hooks) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return
	}
	h.ended = true
	close(h.ending)
	if !h.started {
		close(h.stopped)
	}
}

// returned queues a call of WithOnReturned.
func (h *hooks) returned(err *ReturnedError) {
	if h == nil || h.config.onReturned == nil {
		return
	}
	h.mu.Lock()
	if len(h.waiting) == maxReturned {
		h.waiting = h.waiting[1:]
	}
	h.waiting = append(h.waiting, err)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hooks) callReturned() {
	for ending := false; !ending; {
		select {
		case <-h.wake:
		case <-h.ending:
			ending = true
		}
		for {
			err := h.next()
			if err == nil {
				break
			}
			h.config.onReturned(err)
		}
	}
}

// next removes the oldest returned message and returns it, or nil.
func (h *hooks) next() *ReturnedError {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		return nil
	}
	err := h.waiting[0]
	h.waiting = h.waiting[1:]
	return err
}

// callBusy calls WithOnBusy and WithOnReady at each change. Changes that come and go during a call
// are not reported.
func (h *hooks) callBusy(source SourceInfo) {
	busy := false
	for {
		state, changed := source.State()
		if now := state != StateReady; now != busy {
			busy = now
			call := h.config.onReady
			if busy {
				call = h.config.onBusy
			}
			if call != nil {
				call()
			}
		}
		select {
		case <-changed:
		case <-h.ending:
			return
		}
	}
}
