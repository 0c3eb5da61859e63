// Package asyncapi reads AsyncAPI contracts, versions 2.0 to 2.6, 3.0 and 3.1, into one model:
// references are resolved, traits merged, 2.x is converted to the form of 3.x, and all dialects of
// schemas become one type. It knows nothing of Go code.
//
// The package is not stable: it can be imported, but may change in any release.
package asyncapi

import (
	"iter"
	"maps"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/asyncapi/spec"
)

// A Document is a contract in the form of AsyncAPI 3. Its lists are in the order of the file: two
// documents with the same content in another order differ only in the order of these lists.
type Document struct {
	source.Position
	Version            string // the value of "asyncapi", such as "2.6.0"
	ID                 string
	InfoVersion        string
	DefaultContentType string
	Texts              // of info, and in 2.x the tags and externalDocs of the contract
	Servers            []*Server
	Channels           []*Channel
	Operations         []*Operation
	Schemas            []*schema.Schema // components.schemas, each with its Name
	Extensions         source.Extensions
	Unused             []spec.Unused    // fields that the model does not have
	OtherExtensions    []spec.Extension // the "x-" fields of all objects but schemas and bindings

	schemas  *schema.Reader
	messages map[*source.Value]*Message
}

// AllSchemas returns every schema of the contract, including those within others and those that
// nothing uses, in no particular order.
func (d *Document) AllSchemas() iter.Seq[*schema.Schema] { return d.schemas.All() }

// AllMessages returns every message of the contract, including those that no operation uses, in no
// particular order.
func (d *Document) AllMessages() iter.Seq[*Message] { return maps.Values(d.messages) }

// Major returns the major version of AsyncAPI: 2 or 3.
func (d *Document) Major() int { return int(d.Version[0] - '0') }

// A Channel is one channel of the contract.
type Channel struct {
	source.Location
	Name       string // its key under channels; for 2.x the same as Address
	Address    string
	HasAddress bool         // false when the address is null or absent (3.x): it is known only at run time
	Parameters []*Parameter // those in the address, in their order there
	Messages   []*Message
	Servers    []*Server // empty: all
	AMQP       *ChannelBinding
	Texts
	Extensions source.Extensions
}

// Action says what the application that the contract describes does.
type Action uint8

// The actions of an operation. In 2.x "subscribe" is Send and "publish" is Receive
// (AsyncAPI 2.6, Operation Object: publish is what others may send to the application).
const (
	Send Action = iota
	Receive
)

// An Operation is what an application does on a channel.
type Operation struct {
	source.Location
	Name     string // its key (3.x) or operationId (2.x, may be empty)
	Action   Action
	Channel  *Channel
	Messages []*Message // those of the channel that the operation uses; never nil
	AMQP     *OperationBinding
	Reply    *Reply
	Security [][]*SecurityScheme // as that of servers
	Texts
	Extensions source.Extensions
}

// A Reply says where the answer to an operation goes (3.x).
type Reply struct {
	source.Position
	Address  string   // runtime expression such as $message.header#/replyTo; may be empty
	Channel  *Channel // may be nil
	Messages []*Message
}

// A Message is one kind of message. Two channels that refer to the same
// component share the *Message.
type Message struct {
	source.Location
	Name          string         // the key in components.messages or in the channel, else "name", "messageId" or ""
	WireName      string         // the field "name"
	ContentType   string         // its own, else the document's default, else ""
	SchemaFormat  *source.Value  // names the format of the payload's schema; nil: AsyncAPI's dialect
	Payload       *schema.Schema // nil when the message has none, or the format of its schema is not read
	Headers       *schema.Schema
	CorrelationID string // location, a runtime expression
	AMQP          *MessageBinding
	Examples      []MessageExample
	Texts
	Extensions source.Extensions
	Source     *source.Value // the message's object, with its traits
}

// At returns the location of a field of the message, or of the message itself when it has no such
// field.
func (m *Message) At(name string) source.Location {
	if v := m.Source.Get(name); v != nil {
		return v.Location()
	}
	return m.Location
}

// A MessageExample is one entry of a message's examples.
type MessageExample struct {
	source.Position
	Name    string
	Payload *source.Value
	Headers *source.Value
}

// A ChannelBinding is the amqp binding of a channel, versions 0.1.0 to 0.3.0.
type ChannelBinding struct {
	source.Location
	Is         string // "queue" or "routingKey"; empty when not said
	Exchange   *ExchangeBinding
	Queue      *QueueBinding
	Extensions source.Extensions
}

// An ExchangeBinding is the exchange of a channel binding.
type ExchangeBinding struct {
	source.Location
	Name        string
	HasName     bool
	Type        string // topic, direct, fanout, headers or default; empty when not said
	Durable     *bool
	AutoDelete  *bool
	VirtualHost string
	Arguments   *source.Value // the field "arguments" or "x-arguments"
	Extensions  source.Extensions
}

// A QueueBinding is the queue of a channel binding.
type QueueBinding struct {
	source.Location
	Name        string
	HasName     bool
	Durable     *bool
	Exclusive   *bool
	AutoDelete  *bool
	VirtualHost string
	Arguments   *source.Value
	Extensions  source.Extensions
}

// An OperationBinding is the amqp binding of an operation. The fields from Exchange on are in no
// version of the specification, but in contracts of 2.x.
type OperationBinding struct {
	source.Location
	Expiration  *int // milliseconds
	UserID      string
	CC          []string
	BCC         []string
	Priority    *int
	Persistent  *bool // deliveryMode 2
	Mandatory   *bool
	ReplyTo     string
	Timestamp   *bool
	Ack         *bool
	Exchange    *ExchangeBinding
	Queue       *QueueBinding
	RoutingKeys []string // "routingKey", "routing_key", "x-routing-key"
	Prefetch    int      // 0: not said
	ConsumerTag string
	Exclusive   *bool // of the consumer
	Extensions  source.Extensions
}

// A MessageBinding is the amqp binding of a message.
type MessageBinding struct {
	source.Position
	ContentEncoding string
	MessageType     string
	Extensions      source.Extensions
}
