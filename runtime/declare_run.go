package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// runDeclare makes or checks d. A queue that nobody needs yet may be on a node that is down or hangs.
func (c *conn) runDeclare(call *declareCall, d *Declarations) error {
	for steps := stepsOf(d); len(steps) > 0; {
		done, err := c.runSteps(call, steps)
		if err == nil {
			return nil
		}
		if !steps[done].canWait || !isType[*temporaryRefusal](err) {
			return err
		}
		c.observeRefused(err)
		steps = steps[done+1:]
	}
	return nil
}

// runSteps makes requests on a channel of its own, because a refusal closes the channel, and returns
// how many have succeeded. It waits for each answer until the connection dies.
func (c *conn) runSteps(call *declareCall, steps []declareStep) (done int, err error) {
	opened, err := c.openChannel(context.Background(), nil)
	if err != nil {
		return 0, fmt.Errorf("open a channel: %w", err)
	}
	defer c.closeChannel(opened) // a refusal has closed it already
	for done, step := range steps {
		call.step.Store(new("declare " + step.subject))
		answered := c.watchRequest(func() {
			if step.canWait {
				call.finish(nil)
			}
		})
		err := step.declare(opened.channel)
		answered()
		if err != nil {
			return done, declarationError(step, err)
		}
	}
	return len(steps), nil
}

// declareStep is one request.
type declareStep struct {
	subject       string
	declare       func(*amqp.Channel) error
	selfContained bool // the steps before have declared all that it needs
	canWait       bool // whoever needs it declares it again
}

// stepsOf returns the requests that make or check d, in order: exchanges, queues, bindings, exchanges
// of others, queues that can wait.
func stepsOf(d *Declarations) []declareStep {
	var steps []declareStep
	add := func(subject string, declare func(*amqp.Channel) error) {
		steps = append(steps, declareStep{subject: subject, declare: declare})
	}
	var expected []Exchange // asked for after that: what is missing keeps nothing from being made that is needed
	for _, exchange := range d.Exchanges {
		if exchange.Type == "" {
			expected = append(expected, exchange)
			continue
		}
		add(fmt.Sprintf("exchange %q", exchange.Name), func(c *amqp.Channel) error { return declareExchange(c, exchange, d.Mode) })
	}
	addQueue := func(queue Queue) {
		add(fmt.Sprintf("queue %q", queue.Name), func(c *amqp.Channel) error { return declareQueue(c, queue, d.Mode) })
	}
	now := len(d.Queues) - d.later
	for _, queue := range d.Queues[:now] {
		addQueue(queue)
	}
	for _, binding := range d.Bindings {
		if d.Mode == DeclareVerify {
			break // AMQP cannot ask for a binding
		}
		add(fmt.Sprintf("binding of queue %q to exchange %q with key %q", binding.Queue, binding.Exchange, binding.RoutingKey), func(c *amqp.Channel) error { return declareBinding(c, binding) })
		steps[len(steps)-1].selfContained = d.declares(binding.Exchange) && d.declaresQueue(binding.Queue) && !slices.ContainsFunc(expected, func(e Exchange) bool { return e.Name == binding.Exchange })
	}
	for _, exchange := range expected {
		add(fmt.Sprintf("exchange %q, which others declare", exchange.Name), func(c *amqp.Channel) error { return declareExchange(c, exchange, DeclareVerify) })
	}
	for _, queue := range d.Queues[now:] {
		addQueue(queue)
		steps[len(steps)-1].canWait = true
	}
	return steps
}

func declareExchange(channel *amqp.Channel, e Exchange, mode DeclareMode) error {
	// The passive request has the same arguments as the active one.
	declare := channel.ExchangeDeclare
	if mode == DeclareVerify {
		declare = channel.ExchangeDeclarePassive
	}
	return declare(e.Name, e.Type, e.Durable, e.AutoDelete, false, false, tableOf(e.Arguments))
}

func declareQueue(channel *amqp.Channel, q Queue, mode DeclareMode) error {
	declare := channel.QueueDeclare
	if mode == DeclareVerify {
		declare = channel.QueueDeclarePassive
	}
	_, err := declare(q.Name, q.Durable, q.AutoDelete, q.Exclusive, false, tableOf(q.Arguments))
	return err
}

func declareBinding(channel *amqp.Channel, b Binding) error {
	return channel.QueueBind(b.Queue, b.RoutingKey, b.Exchange, false, tableOf(b.Arguments))
}

// declarationError returns what the broker refused. Errors that are not the broker's answer to the
// declaration are returned as they are.
func declarationError(step declareStep, err error) error {
	exception, ok := errors.AsType[*amqp.Error](err)
	if ok && exception.Server && (exception.Recover || refusesDeclaration(exception.Code)) {
		refused := &DeclarationError{Subject: step.subject, Reply: Reply{Code: uint16(exception.Code), Text: exception.Reason}}
		if isNodeDown(exception) || step.selfContained && exception.Code == amqp.NotFound {
			return &temporaryRefusal{refused}
		}
		return refused
	}
	return fmt.Errorf("declare %s: %w", step.subject, err)
}

// refusesDeclaration reports whether the broker closes the whole connection with code because of a
// declaration: 503 is an unknown exchange type, 530 a limit of the virtual host, 540 a feature that
// the broker does not have.
func refusesDeclaration(code int) bool {
	return code == amqp.CommandInvalid || code == amqp.NotAllowed || code == amqp.NotImplemented
}

// tableOf converts headers for the client library.
func tableOf(h Headers) amqp.Table {
	if len(h) == 0 {
		return nil
	}
	table := make(amqp.Table, len(h))
	for name, value := range h {
		table[name] = fieldValue(value)
	}
	return table
}

// fieldValue converts nested headers into nested tables, and an int into 64 bits: the client
// library would silently truncate it to 32.
func fieldValue(value any) any {
	switch value := value.(type) {
	case Headers:
		table := tableOf(value)
		if table == nil {
			table = amqp.Table{}
		}
		return table
	case map[string]any:
		return fieldValue(Headers(value))
	case []any:
		values := make([]any, len(value))
		for i, element := range value {
			values[i] = fieldValue(element)
		}
		return values
	case int:
		return int64(value)
	case Decimal:
		return amqp.Decimal(value)
	case []string:
		values := make([]any, len(value))
		for i, element := range value {
			values[i] = element
		}
		return values
	}
	return value
}

// A producer's exchanges, queues and bindings may be deleted while it runs. The broker shows that
// when it refuses a publish, or returns it. Then the connection forgets that it has declared them,
// so that the next publish declares them again first.

// declareAgainInterval limits how often returned messages lead to new declarations if it is not
// certain that the declarations would have routed them.
const declareAgainInterval = time.Second

// declareAgain causes the declarations of an exchange to be made again. It returns whether there
// are any.
func (c *conn) declareAgain(exchange string) bool {
	return c.declareAgainIf(func(d *Declarations) bool { return d.declares(exchange) })
}

// declareAgain causes the declarations of an exchange to be made again on the present connection.
func (s *connSupervisor) declareAgain(exchange string) bool {
	conn, _, _ := s.current()
	return conn != nil && conn.declareAgain(exchange)
}

// declareAgainFor causes the declarations that lead to the queues of an address to be made again,
// on whichever connection of the pool is used next: a message to that address was returned.
func (p *pool) declareAgainFor(to address) {
	for _, supervisor := range p.supervisors {
		supervisor.connSupervisor.declareAgainFor(to)
	}
}

func (s *connSupervisor) declareAgainFor(to address) {
	if conn, _, _ := s.current(); conn != nil {
		conn.declareAgainFor(to)
	}
}

// declareAgainFor is called on the reading goroutine, for each returned message.
func (c *conn) declareAgainFor(to address) {
	routes, mayRoute := false, false
	for d := range c.declared.all() {
		routes = routes || d.routes(to)
		mayRoute = mayRoute || d.mayRoute(to)
	}
	switch {
	case routes:
		c.declareAgainIf(func(d *Declarations) bool { return d.routes(to) })
	case mayRoute && c.mayDeclareAgain():
		c.declareAgainIf(func(d *Declarations) bool { return d.mayRoute(to) })
	}
}

func (c *conn) mayDeclareAgain() bool {
	now, last := time.Now().UnixNano(), c.lastReturned.Load()
	return now-last >= int64(declareAgainInterval) && c.lastReturned.CompareAndSwap(last, now)
}

func (c *conn) declareAgainIf(match func(*Declarations) bool) (found bool) {
	return c.declared.markLost(func(d *Declarations) bool { return d.Mode == DeclareCreate && match(d) })
}

func (d *Declarations) declares(exchange string) bool {
	return slices.ContainsFunc(d.Exchanges, func(e Exchange) bool { return e.Name == exchange })
}

func (d *Declarations) declaresQueue(queue string) bool {
	return slices.ContainsFunc(d.Queues, func(q Queue) bool { return q.Name == queue })
}

// routes reports whether a message to an address certainly reaches one of d's queues, as long as
// everything in d exists.
func (d *Declarations) routes(to address) bool {
	if to.exchange == "" {
		return d.declaresQueue(to.routingKey)
	}
	return slices.ContainsFunc(d.Bindings, func(b Binding) bool {
		return b.Exchange == to.exchange && slices.ContainsFunc(d.Exchanges, func(e Exchange) bool {
			return e.Name == to.exchange && (e.Type == "fanout" || (e.Type == "direct" || e.Type == "topic") && b.RoutingKey == to.routingKey)
		})
	})
}

// mayRoute reports whether a message to an address may reach one of d's queues.
func (d *Declarations) mayRoute(to address) bool {
	return d.routes(to) || slices.ContainsFunc(d.Bindings, func(b Binding) bool { return b.Exchange == to.exchange })
}
