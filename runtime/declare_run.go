package runtime

import (
	"context"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// runDeclare makes or checks d on a channel of its own, because a refusal closes the channel. It
// waits for each answer until the connection dies.
func (c *conn) runDeclare(call *declareCall, d *Declarations) error {
	opened, err := c.openChannel(context.Background(), nil)
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	defer c.closeChannel(opened) // a refusal has closed it already
	for _, step := range stepsOf(d) {
		call.step.Store(new("declare " + step.subject))
		answered := c.watchRequest(func() {})
		err := step.declare(opened.channel)
		answered()
		if err != nil {
			return declarationError(step, err)
		}
	}
	return nil
}

// declareStep is one request.
type declareStep struct {
	subject       string
	declare       func(*amqp.Channel) error
	selfContained bool // the steps before have declared all that it needs
}

// stepsOf returns the requests that make or check d, in order: exchanges, queues, bindings.
func stepsOf(d *Declarations) []declareStep {
	var steps []declareStep
	add := func(subject string, declare func(*amqp.Channel) error) {
		steps = append(steps, declareStep{subject: subject, declare: declare})
	}
	for _, exchange := range d.Exchanges {
		add(fmt.Sprintf("exchange %q", exchange.Name), func(c *amqp.Channel) error { return declareExchange(c, exchange, d.Mode) })
	}
	for _, queue := range d.Queues {
		add(fmt.Sprintf("queue %q", queue.Name), func(c *amqp.Channel) error { return declareQueue(c, queue, d.Mode) })
	}
	if d.Mode == DeclareVerify {
		return steps
	}
	for _, binding := range d.Bindings {
		add(fmt.Sprintf("binding of queue %q to exchange %q with key %q", binding.Queue, binding.Exchange, binding.RoutingKey), func(c *amqp.Channel) error { return declareBinding(c, binding) })
		steps[len(steps)-1].selfContained = d.declares(binding.Exchange) && d.declaresQueue(binding.Queue)
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
