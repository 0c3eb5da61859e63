package runtime

// An Option is a ProducerOption and a ConsumerOption.
type Option interface {
	ProducerOption
	ConsumerOption
}

// WithObserver sets the observer of a client: how publishes end and what happens to deliveries. The
// default, also if observer is nil, is the Broker's Observer. If there is none, or with a source of
// your own, what happens to deliveries is logged to slog.Default().
func WithObserver(observer Observer) Option { return observerOption{observer} }

type observerOption struct{ observer Observer }

func (o observerOption) applyToProducer(c *producerConfig) { o.apply(&c.observer) }
func (o observerOption) applyToConsumer(c *consumerConfig) { o.apply(&c.observer) }

func (o observerOption) apply(observer *Observer) {
	if o.observer != nil {
		*observer = o.observer
	}
}
