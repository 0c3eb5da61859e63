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
	closed  bool
	stop    context.CancelFunc // and stopped: nil if nothing waits in the background
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
	p.starting.goBackground(context.WithoutCancel(ctx), func(ctx context.Context) {
		for failures := 0; p.info.awaitBlocked(ctx, false) == nil; failures++ {
			try := func() error { return p.info.whileUnblocked(ctx, p.tryStart) }
			if p.info.turn.take(ctx, try) == nil || !sleep(ctx, reopenBackoff.jittered(failures)) {
				return
			}
		}
	})
	return nil
}

// goBackground runs a goroutine whose context ends with end, unless end has been called.
func (s *starting) goBackground(ctx context.Context, run func(ctx context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	ctx, s.stop = context.WithCancel(ctx)
	stopped := make(chan struct{})
	s.stopped = stopped
	go func() {
		defer close(stopped)
		run(ctx)
	}()
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
	s.mu.Lock()
	s.closed = true
	stop, stopped := s.stop, s.stopped
	s.mu.Unlock()
	if stop != nil {
		stop()
		<-stopped
	}
}

// A turn lets one at a time do something. Lazy clients take it for their first declarations: RabbitMQ
// closes the connection, and can leave a broken queue behind, when one quorum queue is declared for
// the first time on two connections at once.
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

// awaitBlocked waits until the broker blocks publishers, or until it does not.
func (i *SourceInfo) awaitBlocked(ctx context.Context, blocked bool) error {
	for {
		state, changed := i.state()
		if (state == StateBlocked) == blocked {
			return nil
		}
		if err := pause(ctx, changed); err != nil {
			return err
		}
	}
}

// whileUnblocked calls begin with a context that ends when the broker blocks publishers. So a
// producer that has its turn does not keep consumers from beginning, which may be what the broker
// needs.
func (i *SourceInfo) whileUnblocked(ctx context.Context, begin func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		if i.awaitBlocked(ctx, true) == nil {
			cancel(errBlocked)
		}
	})
	defer watching.Wait()
	defer cancel(nil)
	return begin(ctx)
}
