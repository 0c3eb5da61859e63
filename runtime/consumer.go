package runtime

import (
	"context"
	"errors"
)

// A Subscription says what a consumer consumes and who handles it.
type Subscription struct {
	// Queue is consumed. Its arguments tell whether it dead-letters by itself.
	// It is declared only if Declarations has it.
	Queue Queue
	// Declarations are made before consuming, again after each reconnect. May be nil.
	Declarations *Declarations
	// Routes are the messages that the queue carries. A delivery goes to the
	// route whose publication has the delivery's type property (or TypeHeader);
	// without one, to the only route that it can be.
	Routes []Route
	// TypeHeader names a header that holds the message's type where producers do
	// not set the type property. Empty: there is none.
	TypeHeader string
}

// A Consumer takes the messages of one queue to their handlers.
type Consumer struct {
	source       ConsumerSource
	subscription Subscription
	config       consumerConfig
	ready        chan struct{}
}

// NewConsumer returns a consumer that has been checked and whose declarations
// the broker has accepted; it waits for the broker until ctx ends. Consuming
// begins with Run. It returns a *DeclarationError when the broker refuses a declaration.
func NewConsumer(ctx context.Context, source ConsumerSource, subscription Subscription, options ...ConsumerOption) (*Consumer, error) {
	c := &Consumer{source: source, subscription: subscription, ready: make(chan struct{})}
	for _, option := range options {
		option.applyToConsumer(&c.config)
	}
	for _, route := range subscription.Routes {
		if err := route.check(); err != nil {
			return nil, err
		}
	}
	return c, ctx.Err()
}

// Run consumes until ctx ends. Then it asks the broker for no more, lets
// started handlers finish, acknowledges what they handled and returns nil;
// what was not started goes back to the queue. If handlers run longer than the
// stop timeout their context ends, and Run returns an error. Everything else
// that goes wrong is repaired and reported as a ConsumerEvent. Run may be called
// once.
func (c *Consumer) Run(ctx context.Context) error {
	return errors.New("consuming is not built yet")
}

// Ready is closed when deliveries can arrive for the first time.
func (c *Consumer) Ready() <-chan struct{} { return c.ready }
