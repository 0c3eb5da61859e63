package handwritten

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Event0 says that something happened to an article of kind 0.
type Event0 struct {
	ID       string            `json:"id"`
	At       time.Time         `json:"at"`
	Kind     string            `json:"kind"`
	Price    Money             `json:"price"`
	Customer *Customer         `json:"customer,omitempty"`
	Name     *string           `json:"name,omitempty"`
	Quantity *int32            `json:"quantity,omitempty"`
	Weight   *float64          `json:"weight,omitempty"`
	Tags     []string          `json:"tags,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Comment  *string           `json:"comment,omitempty"`
	Lines    []Event0Line      `json:"lines"`
}

// Event0Line is one of the lines of Event0.
type Event0Line struct {
	Sku      string `json:"sku"`
	Quantity *int64 `json:"quantity,omitempty"`
}

// Note0 says that something happened to an article of kind 0.
type Note0 struct {
	ID       string            `json:"id"`
	At       time.Time         `json:"at"`
	Kind     string            `json:"kind"`
	Price    Money             `json:"price"`
	Customer *Customer         `json:"customer,omitempty"`
	Name     *string           `json:"name,omitempty"`
	Quantity *int32            `json:"quantity,omitempty"`
	Weight   *float64          `json:"weight,omitempty"`
	Tags     []string          `json:"tags,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Comment  *string           `json:"comment,omitempty"`
	Lines    []Note0Line       `json:"lines"`
}

// Note0Line is one of the lines of Note0.
type Note0Line struct {
	Sku      string `json:"sku"`
	Quantity *int64 `json:"quantity,omitempty"`
}

// Producer0 publishes to the queue "shop.queue0".
type Producer0 struct{ channel *amqp.Channel }

// NewProducer0 declares the queue and returns a producer on a channel with confirms.
func NewProducer0(channel *amqp.Channel) (*Producer0, error) {
	if err := declare(channel, "shop.queue0", "shop.event0"); err != nil {
		return nil, err
	}
	if err := channel.Confirm(false); err != nil {
		return nil, fmt.Errorf("confirm: %w", err)
	}
	return &Producer0{channel}, nil
}

// PublishEvent0 publishes message and waits for its confirm.
func (p *Producer0) PublishEvent0(ctx context.Context, message *Event0) error {
	return publish(ctx, p.channel, "shop.event0", "Event0", message)
}

// PublishNote0 publishes message and waits for its confirm.
func (p *Producer0) PublishNote0(ctx context.Context, message *Note0) error {
	return publish(ctx, p.channel, "shop.event0", "Note0", message)
}

// Handler0 handles the messages of the queue "shop.queue0".
type Handler0 interface {
	HandleEvent0(ctx context.Context, message *Event0) error
	HandleNote0(ctx context.Context, message *Note0) error
}

// Consume0 hands the messages of the queue "shop.queue0" to handler until the channel is closed.
func Consume0(ctx context.Context, channel *amqp.Channel, handler Handler0) error {
	if err := declare(channel, "shop.queue0", "shop.event0"); err != nil {
		return err
	}
	deliveries, err := channel.ConsumeWithContext(ctx, "shop.queue0", "", false, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	for d := range deliveries {
		answer := func() error { return d.Ack(false) }
		if err := handle0(ctx, handler, &d); err != nil {
			answer = func() error { return d.Nack(false, false) }
		}
		if err := answer(); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return nil
}

func handle0(ctx context.Context, handler Handler0, d *amqp.Delivery) error {
	switch d.Type {
	case "Event0":
		var message Event0
		if err := json.Unmarshal(d.Body, &message); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		return handler.HandleEvent0(ctx, &message)
	case "Note0":
		var message Note0
		if err := json.Unmarshal(d.Body, &message); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		return handler.HandleNote0(ctx, &message)
	}
	return fmt.Errorf("unknown type %q", d.Type)
}
