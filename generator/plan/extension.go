package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// The x- keys that scampgen reads. docs/contract.md says where each may stand.
const (
	extQueue      = "x-queue"       // channel and operation binding: the queue that takes the messages
	extRoutingKey = "x-routing-key" // channel and operation binding: one key or a list
	extBindings   = "x-bindings"    // queue: further bindings
	extDeadLetter = "x-dead-letter" // queue: where rejected messages go
	extQueueType  = "x-queue-type"  // queue: quorum, classic or stream
	extRetry      = "x-retry"       // queue: how often a message whose handler failed comes again
	extPrefetch   = "x-prefetch"    // queue: how many unacknowledged messages a consumer holds
	extTypeHeader = "x-type-header" // queue: the header that tells messages apart
	extGoName     = "x-go-name"     // channel, message, schema, property
	extGoType     = "x-go-type"     // schema
	extEnumNames  = "x-enum-varnames"
)

// extendedQueue returns the queue of the x-queue key of a binding: its name, or an object such as a
// binding's queue.
func (b *builder) extendedQueue(e source.Extensions, path string) *queueSpec {
	v := e[extQueue]
	if v == nil {
		return nil
	}
	path += "/" + extQueue
	if v.Kind != source.String && v.Kind != source.Object {
		b.mistake(v.Position, path, fmt.Sprintf("wanted the name of a queue, or an object with a name, found %s", v.Kind), "")
		return nil
	}
	q := namedQueue(v.Text, v.Position, path)
	for _, f := range v.Fields {
		b.queueField(&q.QueueBinding, f, path+"/"+f.Name)
	}
	if q.Name == "" {
		b.mistake(v.Position, path, "the queue has no name", "")
		return nil
	}
	return q
}

func (b *builder) queueField(q *asyncapi.QueueBinding, f source.Field, path string) {
	switch f.Name {
	case "name":
		q.Name, q.HasName = b.text(f.Value, path), true
	case "vhost":
		q.VirtualHost = b.text(f.Value, path)
	case "durable":
		q.Durable = b.truth(f.Value, path)
	case "exclusive":
		q.Exclusive = b.truth(f.Value, path)
	case "autoDelete":
		q.AutoDelete = b.truth(f.Value, path)
	case "arguments":
		q.Arguments = f.Value
	default:
		if len(f.Name) < 2 || f.Name[:2] != "x-" {
			known := []string{"name", "vhost", "durable", "exclusive", "autoDelete", "arguments"}
			b.mistake(f.Position, path, fmt.Sprintf("a queue has no field %q", f.Name), source.DidYouMean(f.Name, known))
			return
		}
		if q.Extensions == nil {
			q.Extensions = source.Extensions{}
		}
		q.Extensions[f.Name] = f.Value
	}
}

// texts returns the strings of an extension that is one string or a list of them.
func (b *builder) texts(e source.Extensions, path, key string) []string {
	v := e[key]
	if v == nil {
		return nil
	}
	if v.Kind != source.Array {
		return []string{b.text(v, path+"/"+key)}
	}
	var all []string
	for i, item := range v.Items {
		all = append(all, b.text(item, path+"/"+key+"/"+strconv.Itoa(i)))
	}
	return all
}

// text returns the string v; anything else is a mistake.
func (b *builder) text(v *source.Value, path string) string {
	if v == nil {
		return ""
	}
	if v.Kind != source.String {
		b.mistake(v.Position, path, fmt.Sprintf("wanted a string, found %s", v.Kind), "")
		return ""
	}
	return v.Text
}

// oneOf returns the string v, which must be one of the words, or "" when v is nil.
func (b *builder) oneOf(v *source.Value, path string, allowed ...string) string {
	text := b.text(v, path)
	if text != "" && !slices.Contains(allowed, text) {
		b.mistake(v.Position, path, fmt.Sprintf("%q is not known here", text), source.DidYouMean(text, allowed))
		return ""
	}
	return text
}

func (b *builder) truth(v *source.Value, path string) *bool {
	if v.Kind != source.Bool {
		b.mistake(v.Position, path, fmt.Sprintf("wanted true or false, found %s", v.Kind), "")
		return nil
	}
	return new(v.Text == "true")
}

// positive returns the whole number v from 1 to high, or 0 when v is nil.
func (b *builder) positive(v *source.Value, path string, high int64) int {
	if v == nil {
		return 0
	}
	n, ok := v.Integer()
	if !ok || n < 1 || n > high {
		b.mistake(v.Position, path, fmt.Sprintf("wanted a whole number from 1 to %d, found %s", high, found(v)), "")
		return 0
	}
	return int(n)
}

// found names what v is: a number by its digits, anything else by its kind.
func found(v *source.Value) string {
	if v.Kind == source.Number {
		return v.Text
	}
	return v.Kind.String()
}

// goName returns the x-go-name of e, "" when there is none.
func (b *builder) goName(e source.Extensions, path string) string {
	name := b.text(e[extGoName], path+"/"+extGoName)
	if name != "" && !isExported(name) {
		b.mistake(e[extGoName].Position, path+"/"+extGoName, fmt.Sprintf("%q is not an exported Go name", name), "")
		return ""
	}
	return name
}
