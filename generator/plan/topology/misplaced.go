package topology

import (
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// reportMisplaced reports the x- keys in the amqp bindings of endpoints and of their messages that
// are not read there.
func (b *builder) reportMisplaced(endpoints []*endpoint) {
	ofBinding, ofQueue := extension.KeysOf(extension.OfBinding), extension.KeysOf(extension.OfQueue, extension.OfClient)
	ofQueue = append(ofQueue, extension.GoName, "x-arguments")
	for _, e := range endpoints {
		ofChannel := ofBinding
		if e.queue == nil {
			ofChannel = extension.KeysOf(extension.OfBinding, extension.OfClient)
		}
		if binding := e.channel.AMQP; binding != nil {
			b.unread(binding.Extensions, ofChannel)
		}
		for _, op := range e.operations {
			if op.AMQP != nil {
				b.unread(op.AMQP.Extensions, ofBinding)
			}
		}
		if e.queue != nil {
			b.unread(e.queue.Extensions, ofQueue)
		}
		if e.exchange != nil {
			b.unread(e.exchange.Extensions, []string{"x-arguments"})
		}
		for _, m := range e.messages {
			if m.AMQP != nil {
				b.unread(m.AMQP.Extensions, nil)
			}
		}
	}
}

// unread reports the keys of e that are not among those that are read there.
func (b *builder) unread(e source.Extensions, read []string) {
	for _, key := range slices.Sorted(maps.Keys(e)) {
		extension.ReportUnread(b.report, e[key].Location(), key, read)
	}
}
