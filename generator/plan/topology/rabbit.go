package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// rabbitChannels returns the channels that are RabbitMQ's, sorted by name. A contract is for
// RabbitMQ if a server speaks amqp, if there is an amqp binding, or if no server names another
// protocol. In any other contract every channel becomes a queue on the default exchange, with a
// warning.
func (b *builder) rabbitChannels() []*asyncapi.Channel {
	all := slices.SortedFunc(slices.Values(b.doc.Channels), func(x, y *asyncapi.Channel) int {
		return cmp.Compare(x.Name, y.Name)
	})
	if !b.isForRabbit() {
		b.warnOtherProtocol()
		return all
	}
	return slices.DeleteFunc(all, b.isElsewhere)
}

// isForRabbit reports whether anything in the contract is about amqp, or nothing about any
// protocol.
func (b *builder) isForRabbit() bool {
	return len(b.doc.Servers) == 0 || slices.ContainsFunc(b.doc.Servers, speaksAMQP) ||
		slices.ContainsFunc(b.doc.Channels, func(c *asyncapi.Channel) bool { return c.AMQP != nil }) ||
		slices.ContainsFunc(b.doc.Operations, func(op *asyncapi.Operation) bool { return op.AMQP != nil })
}

func speaksAMQP(s *asyncapi.Server) bool {
	return s.Protocol == "" || s.Protocol == "amqp" || s.Protocol == "amqps"
}

// isElsewhere reports whether c is only on servers that do not speak amqp, and then notes it. An
// amqp binding of such a channel is a contradiction: it counts where no server at all speaks amqp,
// and otherwise there is a warning.
func (b *builder) isElsewhere(c *asyncapi.Channel) bool {
	if len(c.Servers) == 0 || slices.ContainsFunc(c.Servers, speaksAMQP) {
		return false
	}
	left := names.Called("channel", c.Name) + " is left out: none of its servers speaks amqp"
	switch {
	case c.AMQP == nil:
		b.report.Note(c.Location, left)
		return true
	case slices.ContainsFunc(b.doc.Servers, speaksAMQP):
		b.report.Warn(c.Location, left+", though it has an amqp binding", "add a server that does to its servers, or remove the binding")
		return true
	}
	return false
}

// serversOf returns the amqp servers that c is on.
func (b *builder) serversOf(c *asyncapi.Channel) []*asyncapi.Server {
	servers := c.Servers
	if len(servers) == 0 {
		servers = b.doc.Servers
	}
	kept := slices.DeleteFunc(slices.Clone(servers), func(s *asyncapi.Server) bool { return !speaksAMQP(s) })
	slices.SortFunc(kept, func(x, y *asyncapi.Server) int { return cmp.Compare(x.Name, y.Name) })
	return kept
}

func (b *builder) warnOtherProtocol() {
	var protocols []string
	for _, s := range b.doc.Servers {
		protocols = append(protocols, s.Protocol)
	}
	slices.Sort(protocols)
	first := slices.MinFunc(b.doc.Servers, func(x, y *asyncapi.Server) int { return cmp.Compare(x.Name, y.Name) })
	b.report.Warn(first.Location, fmt.Sprintf("the servers speak %s, not amqp: each channel becomes a queue on the "+
		"default exchange", strings.Join(slices.Compact(protocols), ", ")), "add a server with the protocol amqp")
}
