package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A Producer publishes messages: it encodes them, waits for the broker's confirm
// and publishes again what did not arrive. Generated producers are a typed face of
// one. It may be used by many goroutines at once.
type Producer struct {
	source       ProducerSource
	declarations *Declarations
	config       producerConfig
	hooks        *hooks
	waiters      sync.Pool // of *waiter

	mu       sync.Mutex
	closed   bool
	publishs map[*publish]context.CancelCauseFunc
	drained  chan struct{} // closed when the last publish has settled after Close
}

// NewProducer returns a producer that publishes on source's channels, after it has
// got the first of them: the broker is there and has accepted declarations, which
// may be nil. It waits for that until ctx ends, and returns at once when the broker
// refuses (*RefusedError, *DeclarationError). Close the producer when it is no
// longer needed.
func NewProducer(ctx context.Context, source ProducerSource, declarations *Declarations, options ...ProducerOption) (*Producer, error) {
	config := newProducerConfig(source, options)
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("new producer: %w", err)
	}
	declarations = declarations.inMode(config.declareMode)
	if _, err := source.ProducerChannel(ctx, declarations); err != nil {
		return nil, fmt.Errorf("new producer: %w", err)
	}
	p := &Producer{
		source: source, declarations: declarations, config: config,
		publishs: make(map[*publish]context.CancelCauseFunc),
		drained:  make(chan struct{}),
	}
	p.hooks = startHooks(source, config)
	return p, nil
}

// Busy says whether a publish would have to wait: the broker blocks publishers,
// every window is full or nothing is connected. Once busy, a producer whose windows
// were full stays so until they are less than half full. It is always false for a
// source that does not tell its state (see StatefulSource).
func (p *Producer) Busy() bool {
	stateful, ok := p.source.(StatefulSource)
	if !ok {
		return false
	}
	state, _ := stateful.State()
	return state != Ready
}

// Close takes no further publishes, waits for those that are in flight and for the
// hooks that they have caused, and returns nil when all have ended. When ctx ends first, what is
// still in flight settles at once, as NotSent or Unknown, and ctx's error is
// returned. It does not close the source's connections. Closing twice is harmless.
func (p *Producer) Close(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		if len(p.publishs) == 0 {
			close(p.drained)
		}
	}
	p.mu.Unlock()
	err := pause(ctx, p.drained)
	if err != nil {
		p.abandon()
		<-p.drained
	}
	p.hooks.stop()
	if err == nil {
		err = pause(ctx, p.hooks.stopped)
	}
	if err != nil {
		return fmt.Errorf("close producer: %w", err)
	}
	return nil
}

// publishOnce is the function of that name with a waiter that is kept.
func (p *Producer) publishOnce(ctx context.Context, channel ProducerChannel, m *Message) Settlement {
	w, _ := p.waiters.Get().(*waiter)
	if w == nil {
		w = newWaiter()
	}
	settlement, settled := w.publish(ctx, channel, m)
	if settled {
		p.waiters.Put(w)
	}
	return settlement
}

// begin enters a publish that cancel ends. It returns ErrClosed after Close.
func (p *Producer) begin(one *publish, cancel context.CancelCauseFunc) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fmt.Errorf("producer: %w", ErrClosed)
	}
	p.publishs[one] = cancel
	return nil
}

// end takes a publish out that has settled.
func (p *Producer) end(one *publish) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.publishs, one)
	if p.closed && len(p.publishs) == 0 {
		close(p.drained)
	}
}

// abandon ends the publishes that are still in flight.
func (p *Producer) abandon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.publishs {
		cancel(errAbandoned)
	}
}

var errAbandoned = errors.New("the producer was closed before the message had settled")
