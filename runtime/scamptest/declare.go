package scamptest

import (
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/runtime"
)

// Reply codes of refusals: AMQP 0-9-1, section 1.2.
const (
	accessRefused      = 403
	notFound           = 404
	resourceLocked     = 405
	preconditionFailed = 406
)

// declareOnce makes d once on each connection. The broker is locked.
func (b *Broker) declareOnce(c *connection, d *runtime.Declarations) error {
	if c.declared[d] {
		return nil
	}
	err := b.declare(c, d)
	c.declared[d] = err == nil
	return err
}

// declare makes d. The broker is locked.
func (b *Broker) declare(c *connection, d *runtime.Declarations) error {
	if d == nil || d.Mode == runtime.DeclareAssume {
		return nil
	}
	for _, e := range d.Exchanges {
		if e.Type == "" {
			continue // asked for at the end
		}
		if err := b.declareExchange(e, d.Mode); err != nil {
			return refuse(fmt.Sprintf("exchange %q", e.Name), err)
		}
	}
	for _, q := range d.Queues {
		if err := b.declareQueue(c, q, d.Mode); err != nil {
			return refuse(fmt.Sprintf("queue %q", q.Name), err)
		}
	}
	for _, to := range d.Bindings {
		if d.Mode == runtime.DeclareVerify {
			break
		}
		if err := b.bind(to); err != nil {
			return refuse(fmt.Sprintf("binding of queue %q to exchange %q with key %q", to.Queue, to.Exchange, to.RoutingKey), err)
		}
	}
	for _, e := range d.Exchanges {
		if e.Type != "" {
			continue
		}
		if err := b.declareExchange(e, runtime.DeclareVerify); err != nil {
			return refuse(fmt.Sprintf("exchange %q, which others declare", e.Name), err)
		}
	}
	return nil
}

// replyError is the broker's reply when it refuses something.
type replyError runtime.Reply

func (r *replyError) Error() string { return runtime.Reply(*r).String() }

func refused(code uint16, format string, args ...any) *replyError {
	return &replyError{Code: code, Text: fmt.Sprintf(format, args...)}
}

func refuse(subject string, why *replyError) error {
	return &runtime.DeclarationError{Subject: subject, Reply: runtime.Reply(*why)}
}

func (b *Broker) declareExchange(e runtime.Exchange, mode runtime.DeclareMode) *replyError {
	existing := b.exchanges[e.Name]
	switch {
	case e.Name == "":
		return refused(accessRefused, "ACCESS_REFUSED - operation not permitted on the default exchange")
	case mode == runtime.DeclareVerify && existing == nil:
		return refused(notFound, "NOT_FOUND - no exchange '%s' in vhost '/'", e.Name)
	case mode == runtime.DeclareVerify:
		return nil
	case existing != nil:
		return existing.differs(e)
	case strings.HasPrefix(e.Name, "amq."):
		return refused(accessRefused, "ACCESS_REFUSED - exchange name '%s' contains reserved prefix 'amq.*'", e.Name)
	}
	switch e.Type {
	case "direct", "fanout", "topic", "headers":
		e.Arguments = receivedTable(e.Arguments)
		b.addExchange(e)
		return nil
	}
	return refused(preconditionFailed, "PRECONDITION_FAILED - unknown exchange type '%s'", e.Type)
}

// differs returns how a declaration differs from what exists.
func (e *exchange) differs(d runtime.Exchange) *replyError {
	name := fmt.Sprintf("exchange '%s' in vhost '/'", e.Name)
	switch {
	case e.Type != d.Type:
		return inequivalent("type", name, d.Type, e.Type)
	case e.Durable != d.Durable:
		return inequivalent("durable", name, d.Durable, e.Durable)
	case e.AutoDelete != d.AutoDelete:
		return inequivalent("auto_delete", name, d.AutoDelete, e.AutoDelete)
	}
	return differentArguments(name, e.Arguments, d.Arguments, "alternate-exchange")
}

func (b *Broker) declareQueue(c *connection, q runtime.Queue, mode runtime.DeclareMode) *replyError {
	existing := b.queues[q.Name]
	switch {
	case existing != nil && existing.owner != nil && existing.owner != c:
		return locked(q.Name)
	case mode == runtime.DeclareVerify && existing == nil:
		return noQueue(q.Name)
	case mode == runtime.DeclareVerify:
		existing.used()
		return nil
	case existing != nil:
		existing.used()
		return existing.differs(q)
	case strings.HasPrefix(q.Name, "amq."):
		return refused(accessRefused, "ACCESS_REFUSED - queue name '%s' contains reserved prefix 'amq.*'", q.Name)
	}
	limits, err := readLimits(q)
	if err != nil {
		return refused(preconditionFailed, "PRECONDITION_FAILED - %v", err)
	}
	q.Arguments = receivedTable(q.Arguments)
	made := &queue{Queue: q, broker: b, limits: limits}
	if q.Exclusive {
		made.owner = c
		c.exclusive = append(c.exclusive, made)
	}
	b.queues[q.Name] = made
	made.used()
	return nil
}

func (q *queue) differs(d runtime.Queue) *replyError {
	name := fmt.Sprintf("queue '%s' in vhost '/'", q.Name)
	switch {
	case q.Durable != d.Durable:
		return inequivalent("durable", name, d.Durable, q.Durable)
	case q.AutoDelete != d.AutoDelete:
		return inequivalent("auto_delete", name, d.AutoDelete, q.AutoDelete)
	case q.Exclusive != d.Exclusive:
		return inequivalent("exclusive", name, d.Exclusive, q.Exclusive)
	}
	return differentArguments(name, q.Arguments, d.Arguments, "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key",
		"x-max-length", "x-max-length-bytes", "x-overflow", "x-max-priority", "x-single-active-consumer", "x-queue-type", "x-delivery-limit")
}

func (b *Broker) bind(to runtime.Binding) *replyError {
	q, e := b.queues[to.Queue], b.exchanges[to.Exchange]
	switch {
	case q == nil:
		return noQueue(to.Queue)
	case to.Exchange == "":
		return refused(accessRefused, "ACCESS_REFUSED - operation not permitted on the default exchange")
	case e == nil:
		return noExchange(to.Exchange)
	}
	e.bind(binding{queue: q, key: to.RoutingKey, arguments: receivedTable(to.Arguments)})
	return nil
}

// differentArguments compares the named arguments.
func differentArguments(of string, existing, declared runtime.Headers, names ...string) *replyError {
	for _, name := range names {
		if !equalValues(existing[name], declared[name]) {
			return inequivalent(name, of, declared[name], existing[name])
		}
	}
	return nil
}

func inequivalent(what, of string, declared, existing any) *replyError {
	return refused(preconditionFailed, "PRECONDITION_FAILED - inequivalent arg '%s' for %s: received %s but current is %s",
		what, of, quoted(declared), quoted(existing))
}

func quoted(value any) string {
	if value == nil {
		return "none"
	}
	return fmt.Sprintf("'%v'", value)
}

func noQueue(name string) *replyError {
	return refused(notFound, "NOT_FOUND - no queue '%s' in vhost '/'", name)
}

func noExchange(name string) *replyError {
	return refused(notFound, "NOT_FOUND - no exchange '%s' in vhost '/'", name)
}

func locked(name string) *replyError {
	return refused(resourceLocked, "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '%s' in vhost '/'", name)
}
