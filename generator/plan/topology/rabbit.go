package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
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

// isElsewhere reports whether c is only on servers that do not speak amqp, and then warns.
func (b *builder) isElsewhere(c *asyncapi.Channel) bool {
	if c.AMQP != nil || len(c.Servers) == 0 || slices.ContainsFunc(c.Servers, speaksAMQP) {
		return false
	}
	b.report.Warn(c.Location, fmt.Sprintf("channel %q is left out: none of its servers speaks amqp", c.Name), "")
	return true
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
		"default exchange", strings.Join(slices.Compact(protocols), ", ")), "")
}
