package topology

// Declarations are made on the broker when a client connects. They mirror runtime.Declarations.
type Declarations struct {
	Exchanges []Exchange // sorted by Name
	Queues    []QueueDeclaration
	Bindings  []Binding
}

// An Exchange is an exchange to declare.
type Exchange struct {
	Name       string
	Type       string
	Durable    bool
	AutoDelete bool
	Arguments  []Argument
}

// A QueueDeclaration is a queue to declare.
type QueueDeclaration struct {
	Name       string
	Durable    bool
	Exclusive  bool
	AutoDelete bool
	Arguments  []Argument
}

// A Binding binds a queue to an exchange.
type Binding struct {
	Queue      string
	Exchange   string
	RoutingKey string
	Arguments  []Argument
}

// An Argument is one entry of an AMQP table. Value is a string, bool, int, float64, []any of
// such values, []Argument for a nested table, or nil.
type Argument struct {
	Name  string
	Value any
}
