package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
)

// messages returns those of all endpoints of g, sorted by Go name.
func (b *builder) messages(g *group) []Message {
	var all []Message
	sources := map[string]messageSource{}
	index := map[string]int{} // of all, by Go name
	types := map[string]origin{}
	for _, e := range g.endpoints {
		for _, m := range e.messages {
			built := b.message(e, m)
			source := messageSource{e, m}
			if other, known := sources[built.GoName]; known {
				b.checkSame(built, source, all[index[built.GoName]], other)
				continue
			}
			if len(all) == maxMessages {
				at := e.origin()
				b.tooLarge(at.Position, at.path, "messages", maxMessages, "messages are in one package")
				return all
			}
			sources[built.GoName], index[built.GoName] = source, len(all)
			b.checkType(types, built.Publication.Type, source)
			all = append(all, built)
		}
	}
	slices.SortFunc(all, func(x, y Message) int { return cmp.Compare(x.GoName, y.GoName) })
	b.checkMethods(all, sources)
	return all
}

// A messageSource is a message on one of the endpoints that carry it.
type messageSource struct {
	endpoint *endpoint
	message  *asyncapi.Message
}

func (s messageSource) origin() origin {
	return origin{s.message.Position, s.message.Path, called("message", s.message.Name)}
}

// message decides how m, which e carries, appears in Go and on the wire.
func (b *builder) message(e *endpoint, m *asyncapi.Message) Message {
	name := b.messageName(e, m)
	built := Message{
		GoName:      name,
		Variable:    b.namer.unexported(name) + "Publication",
		Doc:         Doc{Summary: cmp.Or(m.Summary, m.Title), Description: m.Description, Deprecated: m.Deprecated},
		Publication: b.publication(e, m, name),
	}
	built.Body, built.Type = b.payload(m, name)
	built.Publication.ContentType = contentType(m, built.Body)
	b.routingKey(&built, e)
	return built
}

// messageName returns the Go name of m: its x-go-name, or made of its own name or, when it has none,
// of that of its payload, its operation or its channel.
func (b *builder) messageName(e *endpoint, m *asyncapi.Message) string {
	if name := b.goName(m.Extensions, m.Path); name != "" {
		return name
	}
	from := givenName(m)
	if from == "" && m.Payload != nil {
		from = m.Payload.Name
	}
	if from == "" {
		from = operationName(e, m)
	}
	name := b.namer.exported(from)
	if !isExported(name) {
		b.mistake(m.Position, m.Path, fmt.Sprintf("message name %q cannot be made a Go name", from), "set "+extGoName+" on the message")
	}
	return name
}

// operationName returns a name for a message that has none: that of its operation, else that of its channel. Where the
// channel has two operations without names, it says which of them it is.
func operationName(e *endpoint, m *asyncapi.Message) string {
	for _, op := range e.operations {
		if !slices.Contains(op.Messages, m) {
			continue
		}
		if op.Name != "" || len(e.operations) == 1 {
			return cmp.Or(op.Name, packageSource(e))
		}
		return packageSource(e) + map[asyncapi.Action]string{asyncapi.Send: " sent", asyncapi.Receive: " received"}[op.Action]
	}
	return packageSource(e)
}

// givenName returns the name that the contract's author gave m. Those that the usual converter from 2.x to 3.x
// gives to messages without one are none.
func givenName(m *asyncapi.Message) string {
	base, _, _ := strings.Cut(m.Name, ".message")
	if base != m.Name && (base == "publish" || base == "subscribe") {
		return ""
	}
	return m.Name
}

// routingKey fills in how the routing key of m is made.
func (b *builder) routingKey(m *Message, e *endpoint) {
	if len(e.keys) == 0 || isPattern(e.keys[0]) {
		b.warn(e.channel.Position, e.channel.Path, fmt.Sprintf("no producer for channel %q: the routing key to publish with is not known", e.channel.Name),
			"give it with "+extRoutingKey)
		return
	}
	m.Publishable = true
	key := e.keys[0]
	names := parameters(key)
	if len(names) > maxShortString/2 {
		b.mistake(e.channel.Position, e.channel.Path, fmt.Sprintf("the routing key has %d parameters; AMQP allows %d bytes", len(names), maxShortString), "")
		return
	}
	if len(names) == 0 {
		m.Publication.RoutingKey = key
		if len(key) > maxShortString {
			b.mistake(e.channel.Position, e.channel.Path, fmt.Sprintf("the routing key has %d bytes; AMQP allows %d", len(key), maxShortString), "")
		}
		return
	}
	for _, name := range names {
		key = strings.ReplaceAll(key, "{"+name+"}", "\x00"+b.namer.exported(name)+"\x00")
	}
	for i, part := range strings.Split(key, "\x00") {
		switch {
		case i%2 == 1:
			m.Key = append(m.Key, KeyPart{Field: part})
		case part != "":
			m.Key = append(m.Key, KeyPart{Text: part})
		}
	}
}

// parameters returns the fields of the struct Parameters of g's package. All addresses with
// parameters in one package must have the same ones.
func (b *builder) parameters(g *group) []Parameter {
	var all []Parameter
	var from *endpoint
	for _, e := range g.endpoints {
		if len(e.keys) == 0 {
			continue
		}
		found := b.keyParameters(e)
		switch {
		case len(found) == 0:
		case from == nil:
			all, from = found, e
		case !slices.Equal(all, found):
			b.unsupported(e.channel.Position, e.channel.Path, "address/different-parameters",
				fmt.Sprintf("the address has other parameters than that of %s, which means the same queue", from.origin()), "")
		}
	}
	return all
}

func (b *builder) keyParameters(e *endpoint) []Parameter {
	var found []Parameter
	fields := newScope("struct Parameters")
	for _, name := range parameters(e.keys[0]) {
		p := Parameter{Name: name, GoName: b.namer.exported(name)}
		at := e.origin()
		at.what = called("parameter", name)
		if !isExported(p.GoName) {
			b.mistake(at.Position, at.path, at.what+" cannot be made a Go name", "")
		}
		if problem, ok := fields.claim(p.GoName, at); !ok {
			b.problems.Add(problem)
		}
		found = append(found, p)
	}
	return found
}

// checkSame reports two messages of one queue that have the same Go name but are not the same.
func (b *builder) checkSame(m Message, from messageSource, other Message, otherFrom messageSource) {
	here, there := from.origin(), otherFrom.origin()
	if from.message.Name != otherFrom.message.Name || !reflect.DeepEqual(m.Type, other.Type) || m.Body != other.Body {
		b.mistake(here.Position, here.path, fmt.Sprintf("%s and %s have conflicting Go name %s on one queue", here.what, there, m.GoName),
			"give one of them another name with "+extGoName)
		return
	}
	m.Doc, m.Publication.Name = other.Doc, other.Publication.Name
	if !reflect.DeepEqual(m, other) {
		b.unsupported(from.endpoint.channel.Position, from.endpoint.channel.Path, "amqp/message-with-two-routes",
			fmt.Sprintf("%s is published to one queue in two ways, here and by %s", here.what, otherFrom.endpoint.origin()), "")
	}
}

// checkType reports two messages of one queue that consumers could not tell apart.
func (b *builder) checkType(types map[string]origin, name string, from messageSource) {
	here := from.origin()
	other, clash := types[name]
	types[name] = here
	if clash {
		b.mistake(here.Position, here.path, fmt.Sprintf("%s and %s have the same AMQP type %q on one queue: a consumer could not tell them apart",
			here.what, other, name), "give them different messageType in their amqp bindings")
	}
}

// checkMethods reports messages whose producer methods would meet: Order has PublishOrderAsync, and so
// would OrderAsync.
func (b *builder) checkMethods(all []Message, sources map[string]messageSource) {
	methods := newScope("type Producer")
	for _, m := range all {
		for _, name := range []string{"Publish" + m.GoName, "Publish" + m.GoName + "Async"} {
			if problem, ok := methods.claim(name, sources[m.GoName].origin()); !ok {
				b.problems.Add(problem)
			}
		}
	}
}
