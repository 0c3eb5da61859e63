package topology

import (
	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// Options are the user's choices that concern clients.
type Options struct {
	Side     Side
	Channels map[string]ChannelOptions // by the channel's name or address, or by the name of a queue
	Messages map[string]MessageOptions // by the place of a message in the contract, else by its name
	// Reserved are the names of the other generated packages, each with what it is. No package of
	// clients can have one.
	Reserved map[string]string
}

// ChannelOptions are the settings of one channel, or of the consumer of one queue.
type ChannelOptions struct {
	Package string // empty: made from the queue's name or the address
	Side    Side
}

// MessageOptions are the settings of one message.
type MessageOptions struct {
	source.Location        // in the configuration
	GoName          string // has the effect of x-go-name
	Type            string // the AMQP type, as messageType in the binding
}

// Side says which clients are generated.
type Side uint8

// The sides. The zero value means Both for a contract, and the contract's side for a channel.
const (
	Unsaid Side = iota
	Both
	ProducerSide
	ConsumerSide
)

// Build decides what the channels of doc are on RabbitMQ. It returns the packages in the order of
// their channels' names. Problems go to r.
func Build(doc *asyncapi.Document, o Options, output names.Output, namer names.Namer, r *report.Report) []Routed {
	b := &builder{
		doc: doc, options: o, output: output, namer: namer, report: r, read: extension.NewReader(r),
		operations: operationsByChannel(doc),
	}
	b.nameMessages()
	b.findAnswers()
	var endpoints []*endpoint
	for _, c := range b.rabbitChannels() {
		if !b.isOnlyForReplies(c) {
			endpoints = append(endpoints, b.endpoints(c)...)
		}
	}
	b.describeBroker(endpoints)
	b.reportMisplaced(endpoints)
	clients := b.clients(b.groups(endpoints))
	if b.compared > maxCompared {
		b.report.TooLarge(source.Location{Position: source.Position{File: doc.File}}, "routes", maxCompared, "comparisons are needed to find the queues that take each message")
		return nil
	}
	return clients
}

// A builder holds what the steps of one Build share.
type builder struct {
	doc     *asyncapi.Document
	options Options
	output  names.Output
	namer   names.Namer
	report  *report.Report
	read    extension.Reader

	short      map[string]string                           // Go names by names of the contract
	operations map[*asyncapi.Channel][]*asyncapi.Operation // those on a channel, sorted by their path
	answered   answers
	broker     broker
	compared   int // see compare
}
