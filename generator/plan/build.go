package plan

import (
	"cmp"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// Build decides what is generated for doc. It reports all problems. When one of them is fatal, the
// plan is nil. doc must have no fatal problems itself.
func Build(doc *asyncapi.Document, o Options) (*Plan, source.Problems) {
	found := new(report.Report)
	namer := names.NewNamer(o.Initialisms)
	b := &builder{options: o, report: found, types: types.NewBuilder(doc.Schemas, o.Types, o.Output, namer, found)}
	p := &Plan{Source: o.Source, Types: o.Output.Package(cmp.Or(o.MessagesPackage, "messages"))}
	clients := topology.Build(doc, topology.Options{Side: o.Side, Channels: o.Channels, Messages: o.Messages, TypesPackage: p.Types.Name}, o.Output, namer, found)
	if b.types.Settle(b.payloads(clients)) {
		p.Clients = b.clients(clients)
	}
	if len(p.Clients) == 0 && !found.Problems().Fatal() {
		found.Warn(source.Location{Position: source.Position{File: doc.File}}, "the contract gives no package", "")
	}
	p.Declared, p.Schemas = b.types.Finish()
	p.Uses = b.types.Uses()
	p.Examples, p.Notes = b.sortedExamples(), found.Notes()
	problems := found.Problems()
	if problems.Fatal() {
		return nil, problems
	}
	return p, problems
}

// A builder joins the clients with the types of their messages.
type builder struct {
	options  Options
	report   *report.Report
	types    *types.Builder
	examples []Example
}

// payloads returns the schemas of all messages.
func (b *builder) payloads(clients []topology.Routed) []types.Payload {
	var all []types.Payload
	for _, c := range clients {
		for _, r := range c.Routes {
			if r.Of.Payload != nil {
				all = append(all, types.Payload{Schema: r.Of.Payload, IsJSON: b.body(r.Of) == BodyJSON, Message: r.Message.GoName})
			}
		}
	}
	return all
}

// clients makes a Client of each package that is generated.
func (b *builder) clients(all []topology.Routed) []Client {
	var clients []Client
	for _, r := range all {
		messages := b.messages(r.Routes)
		if r.Client != nil {
			clients = append(clients, Client{Client: *r.Client, Messages: messages})
		}
	}
	slices.SortFunc(clients, func(x, y Client) int { return cmp.Compare(x.Package.Name, y.Package.Name) })
	return clients
}
