// Package topology decides what the channels of a contract are on RabbitMQ: which queue or address
// each package of clients is for, what its clients declare, and how each message is published. It
// knows nothing of Go types.
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
	// Undescribed reports that the contract has no such message: Of is made up for a channel
	// without any, and says nothing but where the channel is.
	Undescribed bool
}

// A Queue is one generated package: a producer and a consumer of one queue, or of one
// address on an exchange for which the contract names no queue.
type Queue struct {
	Package names.Package
	Address string // what the contract calls it, for comments
	Doc     names.Doc

	// IsGiven reports that the contract names no queue: the consumer's constructor has a parameter
	// for it. Its declarations have the name "".
	IsGiven bool
	// Declaration is how the queue is declared, unless it IsGiven.
	Declaration runtime.Queue
	// VirtualHost is the virtual host in the contract, "/" when it names none. It is documentation:
	// the program's connection decides.
	VirtualHost string
	Parameters  []Parameter // of the address

	Producer bool // generate a producer
	Consumer bool // generate a consumer

	// Declarations are what both clients declare, or only producers if consumers have their own.
	Declarations runtime.Declarations
	// ConsumerDeclarations are the consumer's if OwnDeclarations is true: only consumers declare an
	// exclusive queue, or one that IsGiven.
	ConsumerDeclarations runtime.Declarations
	OwnDeclarations      bool

	Retry      Retry
	Prefetch   int    // 0: the runtime's default
	TypeHeader string // the header that distinguishes the messages; empty: the AMQP type property
}

// Retry says how a message whose handler failed is published again: see runtime.Republish.
type Retry struct {
	Attempts int // 0: it does not come again
	Backoff  runtime.Backoff
}

// A Message is a message of a queue: its names, and how it is published.
type Message struct {
	GoName   string // in PublishOrderPlaced and HandleOrderPlaced: OrderPlaced
	Variable string // of its publication: orderPlacedPublication
	Doc      names.Doc

	Publication runtime.Publication // without its ContentType, which depends on the payload
	// Publishable reports whether the routing key is known. A producer has no method for a message
	// whose address is a pattern or is known only at run time.
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
