// Package topology decides what the channels of a contract are on RabbitMQ: which package each client
// is in, what it declares, and how each message is published. It knows nothing of Go types.
//
// A producer belongs to the address that it publishes to, and a consumer to its queue. If an address
// leads to one queue, the two are one package.
package topology

import (
	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime"
)

// A Routed is one package of clients with the messages that its channels carry.
type Routed struct {
	Client *Client // nil: no side of it is generated, but its messages are checked
	Routes []Route // at least one
	Origin names.Origin
}

// A Route is a message on one of the channels that carry it.
type Route struct {
	Message Message
	Of      *asyncapi.Message
	Channel names.Origin
	// Replies are what the message is answered with, none if it is not.
	Replies []Route
	// Undescribed reports that the contract has no such message: Of is made up for a channel
	// without any, and says nothing but where the channel is.
	Undescribed bool
}

// A Client is one generated package: a producer, a consumer, or both.
type Client struct {
	Package names.Package
	Side    Side   // which of the two there are; no value means neither
	Subject string // what comments call it: the queue "q", or the exchange "x" with the key "k"
	Doc     names.Doc
	// VirtualHost is the virtual host in the contract, "/" when it names none. It is documentation:
	// the program's connection decides.
	VirtualHost string

	Address // where the producer publishes
	Queue   // what the consumer consumes

	// Declarations are what both clients declare, or only producers if consumers have their own.
	Declarations runtime.Declarations
	// ConsumerDeclarations are the consumer's if OwnDeclarations is true: only consumers declare an
	// exclusive queue, or one that IsGiven.
	ConsumerDeclarations runtime.Declarations
	OwnDeclarations      bool

	// Replies is the queue that the replies to the package's requests come to. Without a name, each
	// caller has one of its own.
	Replies runtime.Queue
}

// HasProducer reports whether the package has a producer.
func (c *Client) HasProducer() bool { return c.Side != ConsumerSide }

// HasConsumer reports whether the package has a consumer.
func (c *Client) HasConsumer() bool { return c.Side != ProducerSide }

// An Address is where a producer publishes.
type Address struct {
	Key        string        // the routing key as the contract has it, for comments
	Parameters []*Parameters // the structs with the parameters of the messages
}

// A Queue is what a consumer consumes.
type Queue struct {
	// IsGiven reports that the package is not that of one queue of the contract. The constructor of
	// a consumer then has a parameter for the queue, and its declarations have the name "".
	IsGiven bool
	// Declaration is how the queue is declared, unless it IsGiven.
	Declaration runtime.Queue

	Retry      Retry
	Prefetch   int    // 0: the runtime's default
	TypeHeader string // the header that distinguishes the messages; empty: the AMQP type property

	ConsumerTag       string // empty: the runtime's default
	ConsumesAlone     bool   // the broker refuses other consumers
	NoAck             bool   // the broker forgets each message when it sends it
	ConsumerArguments runtime.Headers
}

// Retry says how a message whose handler failed is published again: see runtime.Republish.
type Retry struct {
	Attempts int // 0: it does not come again
	Backoff  runtime.Backoff
}

// A Message is a message of a package: its names, and how it is published.
type Message struct {
	GoName   string // in PublishOrderPlaced and HandleOrderPlaced: OrderPlaced
	Variable string // of its publication: orderPlacedPublication
	Doc      names.Doc

	Publication runtime.Publication // without its ContentType, which depends on the payload
	// Publishable reports whether the producer of this package has a method for the message. It has
	// none if the message's address is a pattern or is known only at run time, or if it is another
	// package's.
	Publishable bool

	// ReplyType is the struct with a field for each of several replies.
	ReplyType string
	// Parameters is the struct with the parameters of the routing key that a program gives when it
	// publishes, nil if it gives none.
	Parameters *Parameters
	// HandlesParameters reports whether the handler gets Parameters, too: the routing key of each
	// delivery is the publication's.
	HandlesParameters bool
}
