package topology

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// A queueSpec is what the contract says about a queue: one endpoint or, merged, all of them.
type queueSpec struct {
	asyncapi.QueueBinding
	path string // of the queue, where it has a place of its own, else of what names it
}

// extendedQueue returns the queue of the x-queue key of a binding: its name, or an object such as a
// binding's queue.
func (b *builder) extendedQueue(e source.Extensions, path string) *queueSpec {
	v := e[extension.Queue]
	if v == nil {
		return nil
	}
	path += "/" + extension.Queue
	if v.Kind != source.String && v.Kind != source.Object {
		b.report.Mistake(v.Position, path, fmt.Sprintf("wanted the name of a queue, or an object with a name, found %s", v.Kind), "")
		return nil
	}
	q := namedQueue(v.Text, v.Position, path)
	for _, f := range v.Fields {
		b.queueField(&q.QueueBinding, f, path+"/"+f.Name)
	}
	if q.Name == "" {
		b.report.Mistake(v.Position, path, "the queue has no name", "")
		return nil
	}
	return q
}

func (b *builder) queueField(q *asyncapi.QueueBinding, f source.Field, path string) {
	switch f.Name {
	case "name":
		q.Name, q.HasName = b.read.Text(f.Value, path), true
	case "vhost":
		q.VirtualHost = b.read.Text(f.Value, path)
	case "durable":
		q.Durable = b.read.Truth(f.Value, path)
	case "exclusive":
		q.Exclusive = b.read.Truth(f.Value, path)
	case "autoDelete":
		q.AutoDelete = b.read.Truth(f.Value, path)
	case "arguments":
		q.Arguments = f.Value
	default:
		if len(f.Name) < 2 || f.Name[:2] != "x-" {
			known := []string{"name", "vhost", "durable", "exclusive", "autoDelete", "arguments"}
			b.report.Mistake(f.Position, path, fmt.Sprintf("a queue has no field %q", f.Name), source.DidYouMean(f.Name, known))
			return
		}
		if q.Extensions == nil {
			q.Extensions = source.Extensions{}
		}
		q.Extensions[f.Name] = f.Value
	}
}

// mergeQueues returns what endpoints of one queue say about it together, nil when
// they name none. Where they contradict each other both positions are shown.
func (b *builder) mergeQueues(endpoints []*endpoint) *queueSpec {
	first := endpoints[0]
	if first.queue == nil {
		return nil
	}
	merged := new(*first.queue)
	merged.VirtualHost = first.virtualHost
	merged.Extensions = maps.Clone(merged.Extensions)
	from := first.queue.Position
	for _, e := range endpoints[1:] {
		q := e.queue
		clash := func(what string) {
			b.report.Mistake(q.Position, q.path, fmt.Sprintf("queue %q %s here, other than at %s", q.Name, what, from),
				"say the same in both places, or say it in one place only")
		}
		merged.Durable = agree(merged.Durable, q.Durable, "durable", clash)
		merged.Exclusive = agree(merged.Exclusive, q.Exclusive, "exclusive", clash)
		merged.AutoDelete = agree(merged.AutoDelete, q.AutoDelete, "deleted automatically", clash)
		merged.Arguments = agreeValue(merged.Arguments, q.Arguments, "has other arguments", clash)
		for name, v := range q.Extensions {
			if merged.Extensions == nil {
				merged.Extensions = source.Extensions{}
			}
			merged.Extensions[name] = agreeValue(merged.Extensions[name], v, "has another "+name, clash)
		}
	}
	return merged
}

// agree returns the flag that x and y, when both are given, must share.
func agree(x, y *bool, what string, clash func(string)) *bool {
	if x != nil && y != nil && *x != *y {
		if *y {
			clash("is " + what)
		} else {
			clash("is not " + what)
		}
	}
	if x == nil {
		return y
	}
	return x
}

func agreeValue(x, y *source.Value, what string, clash func(string)) *source.Value {
	if x != nil && y != nil && !equalValues(x, y) {
		clash(what)
	}
	if x == nil {
		return y
	}
	return x
}

// equalValues says whether two values of a contract are the same JSON value.
func equalValues(x, y *source.Value) bool {
	if x == nil || y == nil || x == y {
		return x == y
	}
	if x.Kind != y.Kind || x.Text != y.Text || len(x.Fields) != len(y.Fields) {
		return false
	}
	sameField := func(f source.Field) bool { return equalValues(f.Value, y.Get(f.Name)) }
	return slices.EqualFunc(x.Items, y.Items, equalValues) &&
		!slices.ContainsFunc(x.Fields, func(f source.Field) bool { return !sameField(f) })
}
