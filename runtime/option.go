package runtime

// An Option is a ProducerOption and a ConsumerOption.
type Option interface {
	ProducerOption
	ConsumerOption
}

// Options makes one Option of several, which apply in their order. A program that keeps options for
// its producers and consumers in a slice passes it to both so:
//
//	shared := []runtime.Option{runtime.WithObserver(counters), runtime.WithDeclareMode(runtime.DeclareVerify)}
//	producer, err := orders.NewProducer(ctx, source, runtime.Options(shared...))
//	consumer, err := orders.NewConsumer(ctx, source, handler, runtime.Options(shared...), runtime.WithWorkers(4))
func Options(options ...Option) Option { return optionList(options) }

type optionList []Option

func (l optionList) applyToProducer(c *producerConfig) {
	for _, option := range l {
		option.applyToProducer(c)
	}
}

func (l optionList) applyToConsumer(c *consumerConfig) {
	for _, option := range l {
		option.applyToConsumer(c)
	}
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
