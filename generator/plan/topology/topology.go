// Package topology decides what the channels of a contract are on RabbitMQ: which queue or address each package of
// clients is for, what its clients declare, and how each message goes onto the wire. It knows nothing of Go types.
package topology

import (
	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// A Client is one package of clients with the messages that its channels carry.
type Client struct {
	Queue  Queue
	Routes []Route // at least one
	Origin names.Origin
}

// A Route is a message on one of the channels that carry it.
type Route struct {
	Message Message
	Of      *asyncapi.Message
	Channel names.Origin
}

// A Queue is one generated package: a producer and a consumer of one queue, or of one
// address on an exchange for which the contract names no queue.
type Queue struct {
	Package names.Package
	Address string // what the contract calls it, for comments
	Doc     names.Doc
	Name    string // the queue's name; empty: the consumer's constructor asks for one
	// VirtualHost is where the contract says that the queue is, "/" when it does not say. It is
	// documentation: the program's connection decides.
	VirtualHost string
	Producer    bool // generate a producer
	Consumer    bool // generate a consumer

	Parameters []Parameter // of the address; empty: it has none

	// Declaration is how the queue is declared; without a Name it is not used.
	Declaration QueueDeclaration
	// Declarations are what both clients make on the broker.
	Declarations Declarations
	// ConsumerDeclarations are the consumer's when OwnDeclarations is true: an exclusive queue is its
	// alone, and so is one that its constructor is given, which has no name here.
	ConsumerDeclarations Declarations
	OwnDeclarations      bool

	Retry      Retry
	Prefetch   int    // 0: the runtime's default
	TypeHeader string // the header that tells the messages apart; empty: the AMQP type property
}

// Retry says that a message whose handler failed comes again after a wait. It mirrors runtime.Republish.
type Retry struct {
	Attempts int // 0: it does not come again
	Delay    int // milliseconds before the first attempt, doubled for each further one; 0: the runtime's default
	MaxDelay int // milliseconds; 0: the runtime's default
}

// A Message is how a message of a queue is called, and its way onto the wire.
type Message struct {
	GoName   string // in PublishOrderPlaced and HandleOrderPlaced: OrderPlaced
	Variable string // of its publication: orderPlacedPublication
	Doc      names.Doc

	Publication Publication
	// Publishable says whether the routing key is known. A producer has no method for a message whose
	// address is a pattern or is known only at run time.
	Publishable bool
	Key         []KeyPart // the routing key in its parts, when it has parameters
}

// A Publication is how a message goes onto the wire. It mirrors runtime.Publication.
type Publication struct {
	Name            string // the contract's name of the message
	Exchange        string
	RoutingKey      string // empty when Message.Key has it
	Type            string // the AMQP type property
	ContentType     string
	ContentEncoding string
	UserID          string
	ReplyTo         string
	Priority        int
	Expiration      int // milliseconds
	Transient       bool
	Optional        bool
	Timestamp       bool
	CC              []string
	BCC             []string
}

// A KeyPart is a piece of a routing key: fixed text, or the field of a parameter.
type KeyPart struct {
	Text  string
	Field string
}

// A Parameter is one "{name}" of an address.
type Parameter struct {
	Name   string // as in the contract
	GoName string // the field of the struct Parameters
}
