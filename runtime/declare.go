package runtime

import (
	"fmt"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// Declarations are the exchanges, queues and bindings that a client needs. They are made in this
// order each time a connection is established. Do not change a *Declarations after a client has
// received it.
type Declarations struct {
	Exchanges []Exchange
	Queues    []Queue
	Bindings  []Binding
	Mode      DeclareMode

	later int // so many of Queues, at the end, are not needed yet: nobody waits for their nodes
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
	Type       string // direct, topic, fanout, headers or the type of a plug-in; empty: others declare it, and it must exist
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

// check reports the first declaration that AMQP cannot carry. The client library would end the
// connection because of it, or refuse it without asking the broker, each time again.
func (d *Declarations) check() error {
	if d == nil {
		return nil
	}
	for _, exchange := range d.Exchanges {
		if err := exchange.check(); err != nil {
			return fmt.Errorf("declarations: exchange %w", err)
		}
	}
	for _, queue := range d.Queues {
		if err := queue.check(); err != nil {
			return fmt.Errorf("declarations: queue %w", err)
		}
	}
	for _, binding := range d.Bindings {
		if err := binding.check(); err != nil {
			return fmt.Errorf("declarations: binding of %w", err)
		}
	}
	return nil
}

func (e Exchange) check() error {
	if len(e.Name) > frame.MaxShort {
		return tooLong(fmt.Sprintf("%.20q...: the name", e.Name), e.Name)
	}
	if len(e.Type) > frame.MaxShort {
		return tooLong(fmt.Sprintf("%q: the type", e.Name), e.Type)
	}
	return checkArguments(fmt.Sprintf("%q", e.Name), e.Arguments)
}

func (q Queue) check() error {
	if len(q.Name) > frame.MaxShort {
		return tooLong(fmt.Sprintf("%.20q...: the name", q.Name), q.Name)
	}
	return checkArguments(fmt.Sprintf("%q", q.Name), q.Arguments)
}

func (b Binding) check() error {
	if err := (Queue{Name: b.Queue}).check(); err != nil {
		return fmt.Errorf("queue %w", err)
	}
	subject := fmt.Sprintf("queue %q to exchange ", b.Queue)
	if err := (Exchange{Name: b.Exchange}).check(); err != nil {
		return fmt.Errorf("%s%w", subject, err)
	}
	subject += fmt.Sprintf("%q", b.Exchange)
	if len(b.RoutingKey) > frame.MaxShort {
		return tooLong(subject+": the routing key", b.RoutingKey)
	}
	return checkArguments(subject, b.Arguments)
}

func tooLong(subject, text string) error {
	return fmt.Errorf("%s's %d bytes are longer than the %d that AMQP allows", subject, len(text), frame.MaxShort)
}

func checkArguments(subject string, arguments Headers) error {
	if _, err := frame.TableSize(arguments); err != nil {
		return fmt.Errorf("%s: argument %w", subject, err)
	}
	return nil
}
