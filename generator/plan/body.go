package plan

import (
	"cmp"
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// payload decides what the body of a message is, and its Go type.
func (b *builder) payload(r topology.Route) (Body, types.Ref) {
	if r.Undescribed {
		return BodyBytes, types.Ref{}
	}
	m, goName := r.Of, r.Message.GoName
	body := b.body(m)
	b.warnUntyped(m, body)
	if body != BodyJSON {
		b.warnUnchecked(m, body)
		return body, types.Ref{}
	}
	if m.Payload == nil {
		return BodyJSON, types.Ref{Kind: types.Raw}
	}
	ref := b.types.Payload(m.Payload, goName)
	b.noteExamples(m, ref)
	return BodyJSON, ref
}

// warnUntyped warns when a message has no payload, unless it has a content type that needs none,
// such as an image's.
func (b *builder) warnUntyped(m *asyncapi.Message, body Body) {
	if m.Payload != nil || m.SchemaFormat != nil {
		return
	}
	const hint = "give it a payload for a type"
	switch {
	case body == BodyJSON:
		b.report.Warn(m.Location, "the message has no payload: it is any JSON value, payload.Raw in Go", hint)
	case m.ContentType == "":
		b.report.Warn(m.Location, "the message has no payload: it is bytes of any kind, []byte in Go",
			hint+", or contentType: application/octet-stream if bytes are right")
	}
}

// warnUnchecked warns when a payload becomes a string, but its schema demands more than a string.
func (b *builder) warnUnchecked(m *asyncapi.Message, body Body) {
	s := m.Payload
	if body != BodyText || s == nil {
		return
	}
	if !types.IsPlainString(s) {
		b.report.Warn(s.Location, fmt.Sprintf("the payload of %q is a string that is not checked against its schema", m.ContentType), "leave type: string alone in the schema, or send JSON")
	}
}

// noteExamples collects the examples of m and of its payload for the generated test.
func (b *builder) noteExamples(m *asyncapi.Message, r types.Ref) {
	if !b.options.Tests || r.Kind != types.Named {
		return
	}
	for _, e := range m.Examples {
		if e.Payload != nil {
			b.examples = append(b.examples, Example{r.Name, types.JSON(e.Payload)})
		}
	}
	for _, e := range m.Payload.Examples {
		b.examples = append(b.examples, Example{r.Name, types.JSON(e)})
	}
}

// sortedExamples returns each example once, sorted by type.
func (b *builder) sortedExamples() []Example {
	slices.SortFunc(b.examples, func(x, y Example) int { return cmp.Or(cmp.Compare(x.Type, y.Type), cmp.Compare(x.Text, y.Text)) })
	return slices.Compact(b.examples)
}

func (b *builder) body(m *asyncapi.Message) Body {
	kind := mediaType(m.ContentType)
	switch {
	case m.Payload == nil && m.SchemaFormat != nil:
		b.warnUnread(m.SchemaFormat)
		return BodyBytes
	case isForeign(kind):
		if m.Payload != nil {
			b.report.Warn(m.At("contentType"), fmt.Sprintf("content of type %s is not JSON: %s", m.ContentType, becomesBytes), "leave the payload out, or send JSON")
		}
		return BodyBytes
	case isJSON(kind), kind == "" && m.Payload != nil:
		return BodyJSON
	case kind == "":
		return BodyBytes
	case strings.HasPrefix(kind, "text/") && !isStructured(m.Payload):
		return BodyText
	case strings.HasPrefix(kind, "text/"):
		b.report.Warn(m.At("contentType"), fmt.Sprintf("the payload is sent as JSON: %q does not fit its schema, which is no string", m.ContentType), "write application/json, or type: string")
		return BodyJSON
	}
	if isStructured(m.Payload) {
		b.report.Warn(m.At("contentType"), fmt.Sprintf("the payload is a []byte: scampgen does not encode %q", m.ContentType), "leave the payload out, or send JSON")
	}
	return BodyBytes
}

// becomesBytes is the end of the warnings about payloads that are not JSON.
const becomesBytes = "the payload becomes bytes"

// warnUnread warns of a payload whose schema format is not read.
func (b *builder) warnUnread(format *source.Value) {
	if _, isRead := schema.DialectFor(format.Text); !isRead {
		b.report.Warn(format.Location(), fmt.Sprintf("schemas in the format %q are not read: %s", format.Text, becomesBytes), "leave the payload out and give the message a contentType, or describe JSON")
	}
}

// contentType returns the content type of m, or the default for its body.
func contentType(m *asyncapi.Message, body Body) string {
	usual := map[Body]string{BodyJSON: "application/json", BodyText: "text/plain", BodyBytes: "application/octet-stream"}
	return cmp.Or(m.ContentType, usual[body])
}

// mediaType returns the type without parameters, in lower case.
func mediaType(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	}
	return strings.TrimSpace(kind)
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "text/json" || mediaType == "json" || strings.HasSuffix(mediaType, "+json")
}

// isStructured reports whether s describes an object, an array or a choice.
func isStructured(s *schema.Schema) bool {
	if s == nil {
		return false
	}
	return len(s.Properties) > 0 || len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 ||
		slices.Contains(s.Types, "object") || slices.Contains(s.Types, "array")
}
