package runtime

// Declarations are the exchanges, queues and bindings that a client needs. They
// are made in this order each time a connection is established. A
// *Declarations must not be changed once it has been given to a client.
type Declarations struct {
	Exchanges []Exchange
	Queues    []Queue
	Bindings  []Binding
	Mode      DeclareMode
}

// DeclareMode says how declarations are made.
type DeclareMode uint8

// The ways to make declarations. Declare is the zero value.
const (
	// Declare creates what is missing and fails when what is there differs.
	Declare DeclareMode = iota
	// Verify creates nothing: it checks with passive declarations that exchanges
	// and queues exist. AMQP has no passive binding, so bindings are not checked.
	Verify
	// Assume neither creates nor checks.
	Assume
)

// WithDeclareMode says how a client's declarations are made. The default is that
// of the Declarations it is given: generated clients Declare.
func WithDeclareMode(mode DeclareMode) Option { return declareModeOption(mode) }

type declareModeOption DeclareMode

func (o declareModeOption) applyToProducer(c *producerConfig) { c.declareMode = (*DeclareMode)(&o) }
func (o declareModeOption) applyToConsumer(c *consumerConfig) { c.declareMode = (*DeclareMode)(&o) }

// inMode returns d with another mode, d itself when none is given.
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
	Type       string // direct, topic, fanout, headers or a plug-in's type
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
