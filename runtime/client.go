package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// A Client is a *Producer, a *Consumer or a *Caller: see SourceInfo.Register. Only types of this
// package are one, so that it can get more methods.
type Client interface {
	// Healthy returns nil while the client can do its work, and otherwise why it cannot now.
	Healthy() error

	// drain ends the client when its connection is closed. ctx bounds it.
	drain(ctx context.Context) error
}

// clients are those of a Connection that have not been closed and have not ended. The zero value has
// none.
type clients struct {
	mu  sync.Mutex
	all []Client // in the order of their making
}

// register adds a client, until the function that it returns is called.
func (c *clients) register(client Client) (unregister func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, client)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if i := slices.Index(c.all, client); i >= 0 {
			c.all = slices.Delete(c.all, i, i+1)
		}
	}
}

// now returns a copy.
func (c *clients) now() []Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all)
}

// drain ends all of them at the same time, and returns when they have ended.
func (c *clients) drain(ctx context.Context) error {
	all := c.now()
	errs := make([]error, len(all))
	var draining sync.WaitGroup
	for i, client := range all {
		draining.Go(func() { errs[i] = client.drain(ctx) })
	}
	draining.Wait()
	return errors.Join(errs...)
}

// A registration is what a source knows of a client. The client may be closed while the source is
// told of it. The zero value has neither begun nor ended.
type registration struct {
	mu         sync.Mutex
	ended      bool
	unregister func() // nil before begin
}

// begin tells the source of a client.
func (r *registration) begin(source SourceInfo, client Client) {
	unregister := source.register(client)
	r.mu.Lock()
	r.unregister = unregister
	ended := r.ended
	r.mu.Unlock()
	if ended {
		unregister()
	}
}

// end makes the source forget the client. It may be called more than once.
func (r *registration) end() {
	r.mu.Lock()
	r.ended = true
	unregister := r.unregister
	r.mu.Unlock()
	if unregister != nil {
		unregister()
	}
}

// Healthy returns nil while all producers, consumers and callers on the connection can do their
// work, and otherwise why each of the others cannot: a readiness probe answers with that. A consumer
// whose Run has not been called yet cannot, and one whose Run has returned does not count any more,
// as a producer that was closed. It is cheap and does not ask the broker. After Close it is an error
// that wraps ErrClosed.
//
// It is not for a liveness probe: a connection comes back by itself, and a process that is started
// again does not find the broker sooner. Clients of an active/passive pair belong to the connection
// of the active side, and are healthy while either side serves them.
func (c *Connection) Healthy() error {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return fmt.Errorf("connection %q: %w", c.broker.Name, ErrClosed)
	}
	var errs []error
	waiting := false // a consumer for its connection
	for _, client := range c.clients.now() {
		err := client.Healthy()
		errs = append(errs, err)
		waiting = waiting || err != nil && isType[*waitingError](err)
	}
	if _, failed, _ := c.supervisors[consuming].current(); waiting && failed != nil {
		errs = append(errs, fmt.Errorf("connection %q: %w", c.supervisors[consuming].name, failed))
	}
	return errors.Join(errs...)
}

// Healthy is Connection.Healthy for a pool: producers belong to all of its connections, and are
// healthy while one of these serves them.
func (p *Connections) Healthy() error {
	errs := make([]error, len(p.connections))
	for i, connection := range p.connections {
		errs[i] = connection.Healthy()
	}
	return errors.Join(errs...)
}

// Healthy returns nil while p can publish, and otherwise why it cannot now: the broker has not been
// reached yet or is away, refused the declarations the last time, or blocks publishers. A full
// window is no reason. It is cheap and does not ask the broker. After Close it returns ErrClosed.
func (p *Producer) Healthy() error {
	if err := p.unhealthy(); err != nil {
		return fmt.Errorf("producer: %w", err)
	}
	return nil
}

func (p *Producer) unhealthy() error {
	status := p.Status()
	switch {
	case status.Closed:
		return ErrClosed
	case status.State == StateBlocked:
		return errBlocked
	case status.State > StateBlocked && status.Err != nil:
		return fmt.Errorf("the source is %s: %w", status.State, status.Err)
	case status.State > StateBlocked:
		return fmt.Errorf("the source is %s", status.State)
	}
	if err := p.starting.reason(); err != nil || p.info.refusal == nil {
		return err
	}
	return p.info.refusal(p.declarations)
}

// Healthy returns nil while c consumes, from at least one virtual host, or waits for its turn as
// WithSingleActiveConsumer says, and otherwise why it does not now. It is cheap and does not ask the
// broker. Before Run and after it nothing is consumed.
func (c *Consumer) Healthy() error {
	status := c.Status()
	switch {
	case status.Consuming > 0, status.Standby:
		return nil
	case status.Err != nil:
		return fmt.Errorf("consumer of %q: %w", c.queue, status.Err)
	}
	return fmt.Errorf("consumer of %q: %w", c.queue, c.work.idle())
}

// A waitingError says that a consumer waits for something that it does not know the state of.
type waitingError struct{}

func (*waitingError) Error() string { return "it waits for a channel" }

// idle returns why nothing is consumed if no session has ended with an error.
func (c *queueConsumer) idle() error {
	switch r := c.current.Load(); {
	case r == nil:
		return errors.New("Run has not been called")
	case r.ctx.Err() != nil:
		return errors.New("it stops")
	}
	return &waitingError{}
}

// Healthy returns nil while calls can be made and their replies can arrive, and otherwise why not.
// As soon as Close is called it is an error that wraps ErrClosed.
func (c *Caller) Healthy() error {
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	if ended != nil {
		return fmt.Errorf("caller: %w", ended)
	}
	return errors.Join(c.requests.Healthy(), c.replies.Healthy())
}

func (p *Producer) drain(ctx context.Context) error { return p.Close(ctx) }

func (c *Caller) drain(ctx context.Context) error { return c.Close(ctx) }

// drain does nothing: a consumer ends with the context of its Run, or because its connection has been
// closed.
func (*Consumer) drain(context.Context) error { return nil }
