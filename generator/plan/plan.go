// Package plan decides what is generated from a contract: every Go name and every choice. Build
// makes a Plan, which is plain data, from a contract. Package templates writes the Plan as source
// and decides nothing.
//
// The package is not stable: it can be imported, but may change in any release.
package plan

import (
	"cmp"
	"slices"

	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/generator/plan/servers"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A Plan is everything that one contract generates. Packages, types and messages are sorted by
// name. Everything in a type is in the contract's order.
type Plan struct {
	Source string        // the contract's file name without folders, and its title: what generated files know it by
	Types  names.Package // the package that holds Declared
	// Declared are the types of all messages, sorted by GoName. If it is empty, there is no such
	// package.
	Declared []types.Type
	Schemas  payload.Schemas // what the types' checks do not say
	Examples []Example       // of the messages, sorted by type; empty unless Options.Tests asks for them
	Uses     []types.Use     // types of the user's own that Declared has, sorted
	Clients  []Client        // sorted by Package.Name
	Title    string          // of the contract
	Doc      names.Doc       // of the contract, without its title
	// ServersPackage is the package with a function for each of Servers. If there are none, there is no
	// such package.
	ServersPackage names.Package
	Servers        []servers.Server // sorted by GoName
	Notes          []report.Note    // what generate -v says about the contract, in the order of Declared
}

// Type returns the declared type with the given Go name.
func (p *Plan) Type(goName string) (types.Type, bool) {
	i, ok := slices.BinarySearchFunc(p.Declared, goName, func(t types.Type, name string) int { return cmp.Compare(t.GoName, name) })
	if !ok {
		return types.Type{}, false
	}
	return p.Declared[i], true
}

// An Example is an example of a payload in the contract.
type Example struct {
	Type string // its declared type
	Text string // JSON
}

// A Client is one generated package: a producer, a consumer, or both.
type Client struct {
	topology.Client
	Messages []Message // sorted by GoName
}

// A Message is one message of a package.
type Message struct {
	topology.Message
	Body Body
	Type types.Ref // the payload: for BodyJSON a declared type, payload.Raw or a user's own; otherwise unused
	// Headers is the declared type of the headers, the zero value when the contract describes none.
	Headers types.Ref
	// Replies are the messages that it is answered with: usually one, or none. If there are several,
	// all are JSON.
	Replies []Message
}

// HasCaller reports whether the package has a Caller: a message that its producer publishes has a
// reply.
func (c Client) HasCaller() bool {
	return c.HasProducer() && slices.ContainsFunc(c.Messages, func(m Message) bool { return m.Publishable && len(m.Replies) > 0 })
}

// HasHeaders reports whether the contract describes headers of the message.
func (m *Message) HasHeaders() bool { return m.Headers.Name != "" }

// Body says what the bytes of a message are.
type Body uint8

// The kinds of bodies.
const (
	BodyJSON  Body = iota // JSON: Message.Type
	BodyText              // text: a Go string
	BodyBytes             // anything else: a []byte that scampgen does not look into
)
