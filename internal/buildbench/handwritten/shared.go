// Package handwritten is a plain client of amqp091-go for one channel of the contract of package large, as somebody would
// write it by hand: structs with encoding/json, publishing with confirms, a loop that consumes. It checks nothing and makes no
// connection again. The build is measured against it: channel0.go is copied for each channel, with other numbers in its names.
package handwritten

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Money is an amount of money.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Customer is who bought something.
type Customer struct {
	ID    string  `json:"id"`
	Email *string `json:"email,omitempty"`
}

var errNacked = errors.New("the broker did not take the message")

func declare(channel *amqp.Channel, queue, key string) error {
	if err := channel.ExchangeDeclare("shop", "topic", true, false, false, false, nil); err != nil {
		return fmt.Errorf("declare the exchange: %w", err)
	}
	if _, err := channel.QueueDeclare(queue, true, false, false, false, nil); err != nil {
		return fmt.Errorf("declare the queue: %w", err)
	}
	if err := channel.QueueBind(queue, key, "shop", false, nil); err != nil {
		return fmt.Errorf("bind the queue: %w", err)
	}
	return nil
}

func publish(ctx context.Context, channel *amqp.Channel, key, kind string, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode %s: %w", kind, err)
	}
	confirm, err := channel.PublishWithDeferredConfirmWithContext(ctx, "shop", key, true, false, amqp.Publishing{
		ContentType: "application/json", DeliveryMode: amqp.Persistent, Type: kind, Body: body,
	})
	if err != nil {
		return fmt.Errorf("publish %s: %w", kind, err)
	}
	if acked, err := confirm.WaitContext(ctx); err != nil || !acked {
		return fmt.Errorf("publish %s: %w", kind, errors.Join(err, errNacked))
	}
	return nil
}
