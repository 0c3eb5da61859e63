package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// reportMisplaced warns of x- keys in the amqp bindings of g that are written wrongly or stand where they
// are not read. All other x- keys are somebody else's.
func (b *builder) reportMisplaced(g *group) {
	ofBinding := []string{extQueue, extRoutingKey}
	ofQueue := []string{extBindings, extDeadLetter, extQueueType, extRetry, extPrefetch, extTypeHeader}
	ofChannel := ofBinding
	if g.queue == nil {
		ofChannel = append(slices.Clone(ofBinding), extRetry, extPrefetch, extTypeHeader)
	}
	for _, e := range g.endpoints {
		if binding := e.channel.AMQP; binding != nil {
			b.misplaced(binding.Extensions, binding.Path, ofChannel)
		}
		for _, op := range e.operations {
			if op.AMQP != nil {
				b.misplaced(op.AMQP.Extensions, op.AMQP.Path, ofBinding)
			}
		}
		if e.queue != nil {
			b.misplaced(e.queue.Extensions, e.queue.path, ofQueue)
		}
	}
}

// misplaced warns of keys of e that are none of those which are read there, but are ours or nearly one of them.
func (b *builder) misplaced(e source.Extensions, path string, read []string) {
	for _, key := range slices.Sorted(maps.Keys(e)) {
		if slices.Contains(read, key) {
			continue
		}
		hint := keyPlace(key)
		if hint == "" {
			hint = source.Nearest(key, read)
		}
		if hint != "" {
			b.warn(e[key].Position, path+"/"+key, fmt.Sprintf("%q is not read here", key), hint)
		}
	}
}

// keyPlace says where a key of ours stands, "" when it is none of ours.
func keyPlace(key string) string {
	switch key {
	case extQueue, extRoutingKey:
		return "it stands in the amqp binding of a channel or an operation"
	case extBindings, extDeadLetter, extQueueType:
		return "it stands in the queue"
	case extRetry, extPrefetch, extTypeHeader:
		return "it stands in the queue or, where none is named, in the amqp binding of the channel"
	case extGoName:
		return "it stands in a channel, message, schema or property"
	case extGoType, extEnumNames:
		return "it stands in a schema"
	}
	return ""
}
