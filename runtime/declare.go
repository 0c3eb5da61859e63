package runtime

// Declarations are the exchanges, queues and bindings that a client needs. They are made in this
// order each time a connection is established. Do not change a *Declarations after a client has
// received it.
type Declarations struct {
	Exchanges []Exchange
	Queues    []Queue
	Bindings  []Binding
	Mode      DeclareMode
}

// DeclareMode is how declarations are made.
type DeclareMode uint8

// The ways to make declarations. Declare is the zero value.
const (
	// DeclareCreate creates what is missing, and fails when something exists with other properties.
	DeclareCreate DeclareMode = iota
	// DeclareVerify creates nothing: it checks with passive declarations that exchanges and queues
	// exist. AMQP has no passive binding, so bindings are not checked.
	DeclareVerify
	// DeclareAssume neither creates nor checks.
	DeclareAssume
)

// WithDeclareMode sets how a client's declarations are made. The default is the mode of its
// Declarations: generated clients Declare.
func WithDeclareMode(mode DeclareMode) Option { return declareModeOption(mode) }

type declareModeOption DeclareMode

func (o declareModeOption) applyToProducer(c *producerConfig) { c.declareMode = (*DeclareMode)(&o) }
func (o declareModeOption) applyToConsumer(c *consumerConfig) { c.declareMode = (*DeclareMode)(&o) }

// inMode returns d with another mode, or d itself if mode is nil.
func (d *Declarations) inMode(mode *DeclareMode) *Declarations {
	if d == nil || mode == nil {
		return d
	}
	changed := *d
	changed.Mode = *mode
	return &changed
}

// An Exchange is declared with exchange.declare.
type Exchange struct {
	Name       string
	Type       string // direct, topic, fanout, headers or the type of a plug-in
	Durable    bool
	AutoDelete bool
	Arguments  Headers
}

// A Queue is declared with queue.declare.
type Queue struct {
	Name       string
	Durable    bool
	Exclusive  bool
	AutoDelete bool
	Arguments  Headers
}

// A Binding binds a queue to an exchange with queue.bind.
type Binding struct {
	Queue      string
	Exchange   string
	RoutingKey string
	Arguments  Headers
}
