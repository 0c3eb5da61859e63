package plan

import (
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// headers decides the Go type of a message's headers.
func (b *builder) headers(r topology.Route) types.Ref {
	s := b.types.HeadersOf(r.Of.Headers)
	if s == nil {
		return types.Ref{}
	}
	return b.types.Headers(s, r.Message.GoName)
}

// correlationID decides where, beside the property of AMQP, a message has its correlation id: the
// location in the contract, or "" if that says no more than the property.
func (b *builder) correlationID(m *asyncapi.Message, body Body) string {
	if m.CorrelationID == "" {
		return ""
	}
	part, pointer, _ := strings.Cut(m.CorrelationID, "#")
	within, wrong := m.Payload, ""
	switch {
	case !strings.HasPrefix(pointer, "/"):
		wrong = "the location leads to all of a message's headers or payload"
	case part == "$message.header":
		within = m.Headers
		property := b.types.AMQPProperty(m.Headers, strings.TrimPrefix(pointer, "/"))
		if property == correlationIDProperty {
			return ""
		}
		if property != "" {
			wrong = fmt.Sprintf("the correlation id is in the property %s", property)
		}
	case body != BodyJSON:
		wrong = "the correlation id is in a payload that is no JSON"
	}
	if wrong == "" && within != nil && !b.describes(within, pointer) { // without a schema the location stands for itself
		wrong = fmt.Sprintf("nothing is at %s in the contract", m.CorrelationID)
	}
	if wrong != "" {
		b.report.Warn(m.At("correlationId"), wrong+": it is the AMQP property alone", "let its location lead to a property of the headers or of the payload")
		return ""
	}
	return m.CorrelationID
}

// correlationIDProperty is the name of the property of AMQP for correlation ids.
const correlationIDProperty = "correlationId"

// describes reports whether a schema describes the value at a JSON pointer, which is not the whole
// value.
func (b *builder) describes(s *schema.Schema, pointer string) bool {
	tokens := strings.Split(pointer, "/")[1:]
	for i, token := range tokens {
		tokens[i] = source.Unescape(token)
	}
	return b.types.Describes(s, tokens)
}
