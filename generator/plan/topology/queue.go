package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// QueueNames returns the names of the queues that the bindings of doc name.
func QueueNames(doc *asyncapi.Document) []string {
	var all []string
	add := func(q *asyncapi.QueueBinding, e source.Extensions) {
		if q != nil {
			all = append(all, q.Name)
		}
		if v := e[extension.Queue]; v != nil {
			all = append(all, cmp.Or(v.Text, textOf(v.Get("name"))))
		}
	}
	for _, c := range doc.Channels {
		if c.AMQP != nil {
			add(c.AMQP.Queue, c.AMQP.Extensions)
		}
	}
	for _, op := range doc.Operations {
		if op.AMQP != nil {
			add(op.AMQP.Queue, op.AMQP.Extensions)
		}
	}
	return slices.DeleteFunc(unique(all), func(name string) bool { return name == "" })
}

// extendedQueue returns the queue of the x-queue key of a binding: its name, or an object such as a
// binding's queue.
func (b *builder) extendedQueue(e source.Extensions) *asyncapi.QueueBinding {
	v := b.read.Value(e, extension.Queue)
	switch {
	case v == nil:
		return nil
	case v.Kind == source.Object:
		return b.queueObject(v)
	case v.Text == "":
		b.report.Mistake(v.Location(), "the queue has no name", "")
		return nil
	}
	return namedQueue(v.Text, v.Location())
}

// queueObject reads the object in x-queue. It returns nil when it names no queue, which has been
// reported.
func (b *builder) queueObject(v *source.Value) *asyncapi.QueueBinding {
	f := b.read.Object(v, extension.QueueTable)
	if f.Text("name") == "" {
		return nil
	}
	q := namedQueue(f.Text("name"), v.Location())
	q.VirtualHost, q.Arguments, q.Extensions = f.Text("vhost"), f.Value("arguments"), v.Extensions()
	q.Durable, q.Exclusive, q.AutoDelete = f.Flag("durable"), f.Flag("exclusive"), f.Flag("autoDelete")
	return q
}

// mergeQueues returns what all endpoints of one queue say about it.
// Contradictions are reported with both positions.
func (b *builder) mergeQueues(endpoints []*endpoint) *asyncapi.QueueBinding {
	first := endpoints[0]
	merged := new(*first.queue)
	merged.VirtualHost = first.virtualHost
	merged.Extensions = maps.Clone(merged.Extensions)
	from := first.queue.Position
	for _, e := range endpoints[1:] {
		q := e.queue
		clash := func(what string) {
			b.report.Mistake(q.Location, fmt.Sprintf("queue %q %s here, other than at %s", q.Name, what, from),
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

// agree returns a flag that x and y must share if both are set.
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

// equalValues reports whether two values of a contract are the same JSON value.
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
