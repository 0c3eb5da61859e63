package runtime

// An Option is for producers and consumers.
type Option interface {
	ProducerOption
	ConsumerOption
}

// WithObserver tells observer how publishes end and what happens to deliveries. The
// default, and what nil stands for, is the Broker's Observer. Without that, and with a
// source of your own, what happens to deliveries is logged to slog.Default().
func WithObserver(observer Observer) Option { return observerOption{observer} }

type observerOption struct{ observer Observer }

func (o observerOption) applyToProducer(c *producerConfig) { o.apply(&c.observer) }
func (o observerOption) applyToConsumer(c *consumerConfig) { o.apply(&c.observer) }

func (o observerOption) apply(observer *Observer) {
	if o.observer != nil {
		*observer = o.observer
	}
}
