// Package plan decides what is generated from a contract: every Go name and every
// choice, as plain data. Build makes a Plan from a contract; package templates
// writes it out and decides nothing.
//
// The package is importable but not promised: it may change in any release.
package plan

// A Plan is everything that one contract generates. Lists are sorted by name, so
// that contracts that differ only in the order of their keys have equal plans.
type Plan struct {
	Source string  // the contract's file name without folders, and its title: what generated files know it by
	Types  Package // the package that holds Declared
	// Declared are the types of all messages, sorted by GoName. It may be empty: then there is
	// no such package.
	Declared []Type
	Schemas  []NamedSchema // what the types' checks do not say, sorted by name
	Examples []Example     // of the messages, sorted by type; empty unless Options.Tests asks for them
	Queues   []Queue       // sorted by Package.Name
}

// Type returns the declared type with the given Go name.
func (p *Plan) Type(goName string) (Type, bool) {
	i, ok := find(p.Declared, goName, func(t Type) string { return t.GoName })
	if !ok {
		return Type{}, false
	}
	return p.Declared[i], true
}

// An Example is a payload that the contract shows.
type Example struct {
	Type string // its declared type
	Text string // JSON
}

// A Package is one generated Go package. Its folder in the output folder has its name.
type Package struct {
	Name       string
	ImportPath string
}

// A Queue is one generated package: a producer and a consumer of one queue, or of one
// address on an exchange for which the contract names no queue.
type Queue struct {
	Package Package
	Address string // what the contract calls it, for comments
	Doc     Doc
	Name    string // the queue's name; empty: the consumer's constructor asks for one
	// VirtualHost is where the contract says that the queue is, "/" when it does not say. It is
	// documentation: the program's connection decides.
	VirtualHost string
	Producer    bool      // generate a producer
	Consumer    bool      // generate a consumer
	Messages    []Message // sorted by GoName

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

// A Message is one message of a queue, with its way onto the wire.
type Message struct {
	GoName      string // in PublishOrderPlaced and HandleOrderPlaced: OrderPlaced
	Variable    string // of its publication: orderPlacedPublication
	Doc         Doc
	Body        Body
	Type        Ref // the payload: for BodyJSON a declared type, payload.Raw or a user's own; otherwise unused
	Publication Publication

	// Publishable says whether the routing key is known. A producer has no method for a message whose
	// address is a pattern or is known only at run time.
	Publishable bool
	Key         []KeyPart // the routing key in its parts, when it has parameters
}

// Body says what the bytes of a message are.
type Body uint8

// The kinds of bodies.
const (
	BodyJSON  Body = iota // JSON: Message.Type
	BodyText              // text: a Go string
	BodyBytes             // anything else: a []byte that scampgen does not look into
)

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

// A Doc is what the contract says about a thing, in the contract's own words: any text at all.
// Only an emitter's comment function may bring it into source.
type Doc struct {
	Summary     string // one line: the title or summary
	Description string // paragraphs
	Notes       string // sentences of scampgen's about the default, the examples and the like, one a line
	Deprecated  bool
}
