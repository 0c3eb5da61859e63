package topology

import (
	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// Options are the user's choices that concern clients.
type Options struct {
	Side     Side
	Channels map[string]ChannelOptions // by the channel's name or address
	Messages map[string]string         // Go names of messages, by the contract's name
	// Reserved are the names of the other generated packages, each with what it is. No package of
	// clients can have one.
	Reserved map[string]string
}

// ChannelOptions are the settings of one channel.
type ChannelOptions struct {
	Package string // empty: made from the queue's name or the address
	Side    Side
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

// Build decides what the channels of doc are on RabbitMQ. It returns the clients in the order of
// their channels' names. They include clients that are generated for neither side, so that their
// messages are checked. Problems go to r.
func Build(doc *asyncapi.Document, o Options, output names.Output, namer names.Namer, r *report.Report) []Client {
	b := &builder{
		doc: doc, options: o, output: output, namer: namer, report: r, read: extension.NewReader(r),
		operations: operationsByChannel(doc),
	}
	b.nameMessages()
	return b.clients(b.groups())
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
	specs      map[string]*asyncapi.QueueBinding           // by queueKey: what all channels say together
	exchanges  map[string]*asyncapi.ExchangeBinding        // by virtual host and name: what all channels say together
}
