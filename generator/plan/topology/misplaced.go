package topology

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// reportMisplaced warns of x- keys in the amqp bindings of endpoints that are mistyped or are not read
// there. Other x- keys are ignored.
func (b *builder) reportMisplaced(endpoints []*endpoint) {
	ofBinding, ofQueue := extension.KeysOf(extension.OfBinding), extension.KeysOf(extension.OfQueue, extension.OfClient)
	ofQueue = append(ofQueue, extension.GoName)
	for _, e := range endpoints {
		ofChannel := ofBinding
		if e.queue == nil {
			ofChannel = extension.KeysOf(extension.OfBinding, extension.OfClient)
		}
		if binding := e.channel.AMQP; binding != nil {
			b.misplaced(binding.Extensions, ofChannel)
		}
		for _, op := range e.operations {
			if op.AMQP != nil {
				b.misplaced(op.AMQP.Extensions, ofBinding)
			}
		}
		if e.queue != nil {
			b.misplaced(e.queue.Extensions, ofQueue)
		}
	}
}

// misplaced warns of keys of e that are not read there, but are in the table or nearly so.
func (b *builder) misplaced(e source.Extensions, read []string) {
	for _, key := range slices.Sorted(maps.Keys(e)) {
		if slices.Contains(read, key) {
			continue
		}
		hint := string(extension.HolderOf(key))
		if hint == "" {
			hint = source.Nearest(key, read)
		}
		if hint != "" {
			b.report.Warn(e[key].Location(), fmt.Sprintf("%q is not read here", key), hint)
		}
	}
}
