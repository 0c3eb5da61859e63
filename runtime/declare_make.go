package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// declaration is the making of one *Declarations on one link. It is made once; who
// comes meanwhile waits for the first.
type declaration struct {
	done chan struct{}
	err  error
}

// declare makes d on the broker unless that has been done on this link before. A
// refusal is remembered, so that asking often does not become a storm of channels,
// and tried again after Broker.RefusedDelay.
func (l *link) declare(ctx context.Context, d *Declarations) error {
	if l.hasDeclared(d) {
		return nil
	}
	for {
		if err := l.refusals.find(d); err != nil {
			return err
		}
		made, first := l.declaration(d)
		if first {
			made.err = l.makeDeclarations(ctx, d)
			l.keepDeclaration(d, made.err)
			close(made.done)
			return made.err
		}
		if err := pause(ctx, made.done); err != nil {
			return err
		}
		if made.err == nil {
			l.current.Store(d)
		}
		if made.err == nil || l.dead() {
			return made.err
		}
		// It was refused, or the first one's ctx ended: look again.
	}
}

// hasDeclared says whether there is nothing to do for d, as far as can be told without
// a lock.
func (l *link) hasDeclared(d *Declarations) bool {
	return d == nil || d.Mode == Assume || l.current.Load() == d
}

// declaration returns the making of d, and whether the caller is to do it.
func (l *link) declaration(d *Declarations) (made *declaration, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if made = l.declared[d]; made != nil {
		return made, false
	}
	made = &declaration{done: make(chan struct{})}
	if l.declared == nil {
		l.declared = make(map[*Declarations]*declaration)
	}
	l.declared[d] = made
	return made, true
}

// keepDeclaration keeps what the broker has agreed to and forgets the rest.
func (l *link) keepDeclaration(d *Declarations, err error) {
	if err == nil {
		return
	}
	if isType[*DeclarationError](err) || isType[*notNow](err) {
		l.refusals.add(d, err)
	}
	l.noteRefusal(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.declared, d)
}

// noteRefusal tells the observer of a declaration that the broker refused.
func (l *link) noteRefusal(err error) {
	refused, ok := errors.AsType[*DeclarationError](err)
	if passing, absent := errors.AsType[*notNow](err); absent {
		refused, ok = passing.refused, true
	}
	if ok {
		l.broker.Observer.Observe(DeclarationRefused{Connection: l.name, Err: refused})
	}
}

// awaitRetry waits until it is worth trying again what has failed on the link with err. It
// returns an error if it never is, or when ctx ends.
func (l *link) awaitRetry(ctx context.Context, err error) error {
	var over error
	switch {
	case isType[*notNow](err):
		over = l.awaitNode(ctx)
	case isType[*DeclarationError](err), errors.Is(err, amqp.ErrChannelMax), ctx.Err() != nil:
		return err
	default: // the connection is dying, and says so in a moment
		over = pause(ctx, l.done)
	}
	if over != nil {
		return fmt.Errorf("%w (last attempt: %w)", over, err)
	}
	return nil
}

// awaitNode waits before a declaration is made again that the broker refused for now.
func (l *link) awaitNode(ctx context.Context) error {
	timer := time.NewTimer(Backoff{Min: notNowDelay, Max: notNowDelay}.jittered(0))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// refusals remembers what the broker refused to declare. A line's links share it,
// because some refusals close the whole connection.
type refusals struct {
	keep time.Duration

	mu   sync.Mutex
	list map[*Declarations]refusal
}

type refusal struct {
	err   error
	until time.Time // when to ask again
}

// find returns the refusal of d if it is recent.
func (r *refusals) find(d *Declarations) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.list[d]
	if ok && time.Now().After(found.until) {
		delete(r.list, d)
		return nil
	}
	return found.err
}

func (r *refusals) add(d *Declarations, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = make(map[*Declarations]refusal)
	}
	keep := r.keep
	if isType[*notNow](err) {
		keep = min(keep, notNowDelay/2)
	}
	r.list[d] = refusal{err: err, until: time.Now().Add(keep)}
}

// makeDeclarations makes d on a channel of its own, because a refusal closes the
// channel that it happens on.
func (l *link) makeDeclarations(ctx context.Context, d *Declarations) error {
	channel, err := l.channel(ctx)
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	return do(ctx, func() error {
		defer func() { _ = channel.Close() }() // a refusal has closed it
		return declareAll(channel, d)
	})
}

// declareAll makes or checks d on channel, in order: exchanges, queues, bindings.
func declareAll(channel *amqp.Channel, d *Declarations) error {
	for _, exchange := range d.Exchanges {
		if err := declareExchange(channel, exchange, d.Mode); err != nil {
			return declarationError(fmt.Sprintf("exchange %q", exchange.Name), err)
		}
	}
	for _, queue := range d.Queues {
		if err := declareQueue(channel, queue, d.Mode); err != nil {
			return declarationError(fmt.Sprintf("queue %q", queue.Name), err)
		}
	}
	if d.Mode == Verify {
		return nil
	}
	for _, binding := range d.Bindings {
		if err := channel.QueueBind(binding.Queue, binding.RoutingKey, binding.Exchange, false, binding.Arguments.table()); err != nil {
			return declarationError(fmt.Sprintf("binding of queue %q to exchange %q with key %q", binding.Queue, binding.Exchange, binding.RoutingKey), err)
		}
	}
	return nil
}

func declareExchange(channel *amqp.Channel, e Exchange, mode DeclareMode) error {
	// The passive request differs from the active one in nothing but its promise.
	declare := channel.ExchangeDeclare
	if mode == Verify {
		declare = channel.ExchangeDeclarePassive
	}
	return declare(e.Name, e.Type, e.Durable, e.AutoDelete, false, false, e.Arguments.table())
}

func declareQueue(channel *amqp.Channel, q Queue, mode DeclareMode) error {
	declare := channel.QueueDeclare
	if mode == Verify {
		declare = channel.QueueDeclarePassive
	}
	_, err := declare(q.Name, q.Durable, q.AutoDelete, q.Exclusive, false, q.Arguments.table())
	return err
}

// declarationError says what the broker refused. Errors that are not the broker's
// word on the declaration are returned as they are.
func declarationError(subject string, err error) error {
	refusal, ok := errors.AsType[*amqp.Error](err)
	if ok && refusal.Server && (refusal.Recover || refusesDeclaration(refusal.Code)) {
		refused := &DeclarationError{Subject: subject, Reply: Reply{Code: uint16(refusal.Code), Text: refusal.Reason}}
		if isAbsent(refusal) {
			return &notNow{refused}
		}
		return refused
	}
	return fmt.Errorf("declare %s: %w", subject, err)
}

// notNow is a refusal to declare that passes by itself: the queue is there, only not now.
type notNow struct {
	refused *DeclarationError
}

func (e *notNow) Error() string { return e.refused.Error() }

// notNowDelay is the longest wait before asking again.
const notNowDelay = 500 * time.Millisecond

// isAbsent says whether a 404 is about a queue that exists: the cluster's node that it
// lives on is down, or still boots.
func isAbsent(refusal *amqp.Error) bool {
	return refusal.Code == amqp.NotFound &&
		(strings.Contains(refusal.Reason, "is down or inaccessible") || strings.Contains(refusal.Reason, "is stopped by supervisor"))
}

// refusesDeclaration says whether code closes the whole connection because of what
// was declared: 503 is an exchange type that the broker does not know, 530 a virtual
// host's limit, 540 a feature that it has not.
func refusesDeclaration(code int) bool {
	return code == amqp.CommandInvalid || code == amqp.NotAllowed || code == amqp.NotImplemented
}
