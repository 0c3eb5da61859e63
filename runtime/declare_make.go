package runtime

import (
	"context"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

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

// refusesDeclaration says whether code closes the whole connection because of what
// was declared: 503 is an exchange type that the broker does not know, 530 a virtual
// host's limit, 540 a feature that it lacks.
func refusesDeclaration(code int) bool {
	return code == amqp.CommandInvalid || code == amqp.NotAllowed || code == amqp.NotImplemented
}
