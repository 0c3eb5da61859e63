package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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
}

// NewProducer returns a producer that publishes on source's channels, after it has received the
// first of them: the broker can be reached and has accepted declarations, which may be nil. It
// waits for that until ctx ends, and returns at once when the broker refuses (*RefusedError,
// *DeclarationError). Close the producer when it is no longer needed.
func NewProducer(ctx context.Context, source ProducerSource, declarations *Declarations, options ...ProducerOption) (*Producer, error) {
	info := source.Info()
	config := newProducerConfig(info, options)
	if err := errors.Join(config.check(), declarations.check()); err != nil {
		return nil, fmt.Errorf("new producer: %w", err)
	}
	declarations = declarations.inMode(config.declareMode)
	if _, err := source.ProducerChannel(ctx, ProducerRequest{Declarations: declarations}); err != nil {
		return nil, fmt.Errorf("new producer: %w", err)
	}
	return &Producer{
		source: source, info: info, declarations: declarations, config: config,
		outstanding: newOutstanding(),
		hooks:       startHooks(info, config),
		waiters:     &sync.Pool{},
		rooms:       newRooms(),
	}, nil
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
	p.hooks.stop()
	p.info.release(p.declarations)
	if err == nil {
		err = pause(ctx, p.hooks.stopped)
	}
	if err != nil {
		return fmt.Errorf("close producer: %w", err)
	}
	return nil
}
