package topology

import (
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
)

// A group is the endpoints that become one package: all with the same queue or, if the contract
// names no queue, with the same address on the same exchange.
type group struct {
	endpoints []*endpoint
	queue     *asyncapi.QueueBinding // nil: none is named
}

// groups returns the endpoints of the contract in groups, in the order of their channels' names.
func (b *builder) groups() []*group {
	var groups []*group
	index := map[string]*group{}
	for _, c := range b.rabbitChannels() {
		for _, e := range b.endpoints(c) {
			key := groupKey(e)
			g := index[key]
			if g == nil {
				g = &group{}
				index[key] = g
				groups = append(groups, g)
			}
			g.endpoints = append(g.endpoints, e)
		}
	}
	b.specs = map[string]*asyncapi.QueueBinding{}
	for _, g := range groups {
		if g.queue = b.mergeQueues(g.endpoints); g.queue != nil {
			b.specs[queueKey(g.queue.VirtualHost, g.queue.Name)] = g.queue
		}
		b.reportMisplaced(g)
	}
	return groups
}

// groupKey returns what the endpoints of one package have in common.
func groupKey(e *endpoint) string {
	if e.queue != nil {
		return queueKey(e.virtualHost, e.queue.Name)
	}
	address := e.channel.Name
	if len(e.keys) > 0 {
		address = e.keys[0]
	}
	return strings.Join([]string{"address", e.virtualHost, e.exchangeName(), address}, "\x00")
}

func queueKey(virtualHost, name string) string {
	return strings.Join([]string{"queue", virtualHost, name}, "\x00")
}
