package runtime

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A ProducerOption changes how a producer works. The defaults are right for most.
type ProducerOption interface {
	applyToProducer(*producerConfig)
}

type producerOption func(*producerConfig)

func (o producerOption) applyToProducer(c *producerConfig) { o(c) }

// WithPublishTimeout limits a publish from the call to the confirm, including all waits and
// retries. The default is 10 s. The context of a publish can only shorten it.
func WithPublishTimeout(limit time.Duration) ProducerOption {
	return producerOption(func(c *producerConfig) { c.timeout = limit })
}

// WithMessageIDs sets the function that creates message ids: at most 255 bytes, never the same
// twice. Many goroutines call it at once. The default creates UUIDs of version 7, which sort by
// time.
func WithMessageIDs(next func() string) ProducerOption {
	return producerOption(func(c *producerConfig) { c.nextID = next })
}

// WithNackRetries sets how often a message that a queue refuses is published again, with growing
// waits, within the timeout. The default is 3 for a message to the default exchange, which leads to
// one queue, and 0 for others: RabbitMQ nacks a message when one of several queues refuses it, and
// the others would get a copy with each retry.
func WithNackRetries(n int) ProducerOption {
	return producerOption(func(c *producerConfig) { c.nackRetries = &n })
}

// nackRetries is the default if a single queue has refused.
const nackRetries = 3

// WithAtMostOnce turns off retries of what may have been delivered: a lost connection then loses
// messages instead of duplicating some. What was certainly not sent is still retried.
func WithAtMostOnce() ProducerOption {
	return producerOption(func(c *producerConfig) { c.atMostOnce = true })
}

// WithoutValidation publishes messages without calling their Validate method (see
// Producer.Publish). By default it is called: otherwise a consumer refuses an invalid message, long
// after the caller who could have fixed it has continued.
func WithoutValidation() ProducerOption {
	return producerOption(func(c *producerConfig) { c.notValidated = true })
}

// WithEncryption encrypts the body of each message with profile. The properties, the headers and
// the routing key stay readable.
func WithEncryption(profile *EncryptionProfile) ProducerOption {
	return producerOption(func(c *producerConfig) { c.encryption, c.encrypted = profile, true })
}

// WithOnReturned calls notify for each message that came back because no queue is bound for it. The
// publish's error says so too. Calls are made one after the other on a goroutine of the producer.
// If notify is slower than messages come back, up to 1024 wait, and the oldest are dropped.
func WithOnReturned(notify func(*ReturnedError)) ProducerOption {
	return producerOption(func(c *producerConfig) { c.onReturned = notify })
}

// WithOnBusy calls notify each time the producer becomes busy (see Producer.Busy), as a signal to
// slow down. It runs on the same goroutine as WithOnReady.
func WithOnBusy(notify func()) ProducerOption {
	return producerOption(func(c *producerConfig) { c.onBusy = notify })
}

// WithOnReady calls notify each time the producer is no longer busy.
func WithOnReady(notify func()) ProducerOption {
	return producerOption(func(c *producerConfig) { c.onReady = notify })
}

type producerConfig struct {
	timeout      time.Duration
	nextID       func() string
	nackRetries  *int         // nil: as WithNackRetries says
	declareMode  *DeclareMode // nil: the mode of the declarations
	atMostOnce   bool
	notValidated bool
	encryption   *EncryptionProfile
	encrypted    bool
	middleware   []PublishMiddleware
	encodings    contentEncodings
	observer     Observer
	observed     bool // observer gets the events of publishes
	onReturned   func(*ReturnedError)
	onBusy       func()
	onReady      func()
}

func newProducerConfig(source SourceInfo, options []ProducerOption) producerConfig {
	c := producerConfig{
		timeout: 10 * time.Second, nextID: newUUID, encodings: standardEncodings,
		middleware: slices.Clone(source.PublishMiddleware), observer: source.observer(),
	}
	for _, option := range options {
		option.applyToProducer(&c)
	}
	c.observed = observesPublishes(c.observer)
	return c
}

// check returns an error for the first option that makes no sense.
func (c *producerConfig) check() error {
	switch {
	case c.timeout <= 0:
		return fmt.Errorf("timeout %v: wanted more than 0", c.timeout)
	case c.nackRetries != nil && *c.nackRetries < 0:
		return fmt.Errorf("%d retries after a nack: wanted at least 0", *c.nackRetries)
	case c.encrypted && c.encryption == nil:
		return errors.New("WithEncryption: no profile")
	case slices.ContainsFunc(c.middleware, func(m PublishMiddleware) bool { return m == nil }):
		return errors.New("publish middleware: one is nil")
	case c.nextID == nil:
		return errors.New("WithMessageIDs: no function")
	}
	return c.encodings.check()
}
