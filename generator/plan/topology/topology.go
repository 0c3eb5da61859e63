// Package topology decides what the channels of a contract are on RabbitMQ: which queue or address each package of
// clients is for, what its clients declare, and how each message goes onto the wire. It knows nothing of Go types.
package topology

import (
	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime"
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

	// IsGiven says that the contract names no queue: the consumer's constructor asks for one. What is declared for it
	// stands under the name "".
	IsGiven bool
	// Declaration is how the queue is declared, unless it IsGiven.
	Declaration runtime.Queue
	// VirtualHost is where the contract says that the queue is, "/" when it does not say. It is
	// documentation: the program's connection decides.
	VirtualHost string
	Parameters  []Parameter // of the address

	Producer bool // generate a producer
	Consumer bool // generate a consumer

	// Declarations are what both clients make on the broker, or what producers make, if consumers have their own.
	Declarations runtime.Declarations
	// ConsumerDeclarations are the consumer's when OwnDeclarations is true: an exclusive queue is its
	// alone, and so is one that IsGiven.
	ConsumerDeclarations runtime.Declarations
	OwnDeclarations      bool

	Retry      Retry
	Prefetch   int    // 0: the runtime's default
	TypeHeader string // the header that tells the messages apart; empty: the AMQP type property
}

// Retry says that a message whose handler failed comes again after a wait: see runtime.Republish.
type Retry struct {
	Attempts int // 0: it does not come again
	Backoff  runtime.Backoff
}

// A Message is how a message of a queue is called, and its way onto the wire.
type Message struct {
	GoName   string // in PublishOrderPlaced and HandleOrderPlaced: OrderPlaced
	Variable string // of its publication: orderPlacedPublication
	Doc      names.Doc

	Publication runtime.Publication // without its ContentType, which depends on the payload
	// Publishable says whether the routing key is known. A producer has no method for a message whose
	// address is a pattern or is known only at run time.
	Publishable bool
	Key         []KeyPart // the routing key in its parts, when it has parameters
}

// A KeyPart is a piece of a routing key: fixed text, or the field of a parameter.
type KeyPart struct {
	IsField bool
	Text    string // the text, or the field's name
}

// A Parameter is one "{name}" of an address.
type Parameter struct {
	Name   string // as in the contract
	GoName string // the field of the struct Parameters
}
