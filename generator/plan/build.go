package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/generator/plan/servers"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// Build decides what is generated for doc. It reports all problems. When one of them is fatal, the
// plan is nil. doc must have no fatal problems itself.
func Build(doc *asyncapi.Document, o Options) (*Plan, source.Problems) {
	found := new(report.Report)
	namer := names.NewNamer(o.Initialisms)
	b := &builder{options: o, contract: doc.File, report: found, types: types.NewBuilder(doc.File, doc.Schemas, o.Types, o.Output, namer, found)}
	p := &Plan{Source: o.Source, Types: o.Output.Package(cmp.Or(o.MessagesPackage, "messages"))}
	p.Title, p.Doc = doc.Title, names.DocOf(asyncapi.Texts{Description: firstParagraph(doc.Description), Tags: doc.Tags, URL: doc.URL})
	reserved := map[string]string{p.Types.Name: "the package of all message types"}
	p.ServersPackage = o.Output.Package(cmp.Or(o.ServersPackage, "servers"))
	if !o.NoServers {
		p.Servers = servers.Build(doc, p.ServersPackage, namer, found)
	}
	if len(p.Servers) > 0 {
		reserveServers(reserved, p, found, doc)
	}
	clients := topology.Build(doc, topology.Options{Side: o.Side, Channels: o.Channels, Messages: o.Messages, Reserved: reserved}, o.Output, namer, found)
	if b.types.Settle(b.payloads(clients)) {
		p.Clients = b.clients(clients)
	}
	if len(p.Clients) == 0 && !found.Problems().Fatal() {
		what := "package"
		if len(p.Servers) > 0 {
			what = "producer and no consumer"
		}
		found.Warn(start(doc), "the contract gives no "+what, "add a channel with a server that speaks amqp; generate -v says why each channel is left out")
	}
	p.Declared, p.Schemas = b.types.Finish()
	p.Uses = b.types.Uses()
	noteUnused(doc, found)
	p.Examples, p.Notes = b.sortedExamples(), found.Notes()
	problems := found.Problems()
	if problems.Fatal() {
		return nil, problems
	}
	return p, problems
}

// firstParagraph returns the first paragraph of a text that is no heading of Markdown: the
// description of a contract can be a whole manual.
func firstParagraph(text string) string {
	var paragraph []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch isHeading := strings.HasPrefix(line, "#"); {
		case line != "" && !isHeading:
			paragraph = append(paragraph, line)
		case len(paragraph) > 0:
			return strings.Join(paragraph, "\n")
		}
	}
	return strings.Join(paragraph, "\n")
}

// start returns the location of problems with a contract as a whole.
func start(doc *asyncapi.Document) source.Location {
	return source.Location{Position: source.Position{File: doc.File}}
}

// reserveServers reserves the name of the package of servers.
func reserveServers(reserved map[string]string, p *Plan, found *report.Report, doc *asyncapi.Document) {
	name := p.ServersPackage.Name
	if what, taken := reserved[name]; taken {
		found.Mistake(start(doc), fmt.Sprintf("the package of the servers cannot be called %s: that is %s", name, what),
			"set servers-package or messages-package in scampgen.yaml")
		return
	}
	reserved[name] = "the package of the contract's servers"
}

// A builder joins the clients with the types of their messages.
type builder struct {
	options  Options
	contract string // its file
	report   *report.Report
	types    *types.Builder
	examples []Example
}

// payloads returns the schemas of the payloads and headers of all messages.
func (b *builder) payloads(clients []topology.Routed) []types.Payload {
	var all []types.Payload
	add := func(r topology.Route) {
		if headers := b.types.HeadersOf(r.Of.Headers); headers != nil {
			all = append(all, types.Payload{Schema: headers, IsJSON: true, Message: r.Message.GoName + "Headers"})
		}
		if r.Of.Payload != nil {
			all = append(all, types.Payload{Schema: r.Of.Payload, IsJSON: b.body(r.Of) == BodyJSON, Message: r.Message.GoName})
		}
	}
	for _, c := range clients {
		for _, r := range c.Routes {
			add(r)
			for _, reply := range r.Replies {
				add(reply)
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
			client := Client{Client: *r.Client, Messages: messages}
			client.Parameters = usedParameters(client.Client, messages)
			clients = append(clients, client)
		}
	}
	slices.SortFunc(clients, func(x, y Client) int { return cmp.Compare(x.Package.Name, y.Package.Name) })
	return clients
}
