package runtime

import (
	"context"
	"errors"
	"sync"
)

// This file is about clients that begin without waiting for their broker: see Broker.Lazy.

// starting is a producer's wait for its first channel. The zero value has neither begun nor ended.
type starting struct {
	mu      sync.Mutex
	ended   bool
	failed  error // why the last attempt failed, or nil
	stop    context.CancelFunc
	stopped chan struct{}
}

// errStarting is why a producer is not ready that waits for its first channel.
var errStarting = errors.New("it waits for its first channel")

// start waits for the first channel, or begins to, if the source is lazy.
func (p *Producer) start(ctx context.Context) error {
	if !p.info.Lazy {
		return p.tryStart(ctx)
	}
	if p.info.mistake != nil {
		return p.info.mistake
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.starting.stop, p.starting.stopped = stop, make(chan struct{})
	go func() {
		defer close(p.starting.stopped)
		try := func() error { return p.tryStart(ctx) }
		for failures := 0; p.info.awaitUnblocked(ctx) == nil; failures++ {
			if p.info.turn.take(ctx, try) == nil || !sleep(ctx, reopenBackoff.jittered(failures)) {
				return
			}
		}
	}()
	return nil
}

// tryStart waits for a channel until ctx ends or the broker refuses.
func (p *Producer) tryStart(ctx context.Context) error {
	_, err := p.source.ProducerChannel(ctx, ProducerRequest{Declarations: p.declarations})
	p.starting.mu.Lock()
	defer p.starting.mu.Unlock()
	p.starting.ended, p.starting.failed = err == nil, err
	return err
}

// reason returns why there has been no channel, or nil if there has.
func (s *starting) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return nil
	case s.failed != nil:
		return s.failed
	}
	return errStarting
}

// end ends the wait.
func (s *starting) end() {
	if s.stop != nil {
		s.stop()
		<-s.stopped
	}
}

// A turn is had by one lazy client at a time, for its first declarations: RabbitMQ closes the
// connection, and can leave a broken queue behind, when one quorum queue is declared for the first
// time on two connections at once.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take calls begin when the turn has come, unless ctx ends before. Without a turn nobody waits.
func (t turn) take(ctx context.Context, begin func() error) error {
	if t == nil {
		return begin()
	}
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return cause(ctx)
	}
	defer func() { <-t }()
	return begin()
}

// awaitUnblocked waits until the broker does not block publishers. A producer that takes its turn
// then does not keep consumers from beginning, which may be what the broker needs.
func (i *SourceInfo) awaitUnblocked(ctx context.Context) error {
	for {
		state, changed := i.state()
		if state != StateBlocked {
			return nil
		}
		if err := pause(ctx, changed); err != nil {
			return err
		}
	}
}
