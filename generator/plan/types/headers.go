package types

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/extension"
)

// HeadersOf returns the schema of the struct that the headers of messages become, made from the
// schema that the contract has for them: nil when that describes no header. It is the same for the
// same s. Call it before Settle, which needs what it returns.
//
// A header that is a property of AMQP is not in it. Neither is what the contract says of headers
// that it does not name, because brokers and clients add headers of their own.
func (t *Builder) HeadersOf(s *schema.Schema) *schema.Schema {
	if s == nil {
		return nil
	}
	made, known := t.headers[s]
	if !known {
		made = t.newHeaders(s)
		t.headers[s] = made
		if made != nil {
			t.isHeaders[made] = true
		}
	}
	return made
}

func (t *Builder) newHeaders(s *schema.Schema) *schema.Schema {
	headers := *t.viewOf(s).schema
	switch kind := t.typeOf(&headers); {
	case choices(&headers) != nil:
		t.report.Warn(s.Location, "these headers are a choice: nothing is generated for them", "say what all of them have in common as properties")
		return nil
	case kind != "object":
		if !saysNothing(&headers) {
			t.report.Warn(s.Location, "headers that are no object: nothing is generated for them", "write an object with a property for each header")
		}
		return nil
	}
	headers.Types, headers.Nullable, headers.Discriminator = []string{"object"}, false, nil
	headers.AdditionalProperties, headers.PatternProperties, headers.PropertyNames = nil, nil, nil
	headers.MinProperties, headers.MaxProperties = nil, nil
	headers.Properties = slices.Clone(headers.Properties)
	isProperty := func(name string) bool { return t.AMQPProperty(s, name) != "" }
	headers.Properties = slices.DeleteFunc(headers.Properties, func(p schema.Property) bool { return isProperty(p.Name) })
	headers.Required = slices.DeleteFunc(slices.Clone(headers.Required), isProperty)
	if len(headers.Properties)+len(headers.Required) == 0 {
		return nil
	}
	for i, p := range headers.Properties {
		headers.Properties[i].Schema = binaryAsBytes(p.Schema)
	}
	return &headers
}

// AMQPProperty returns the property of AMQP that the contract says a header is, "" when it is none.
// s is the schema of the headers.
func (t *Builder) AMQPProperty(s *schema.Schema, header string) string {
	if s == nil {
		return ""
	}
	for _, p := range t.viewOf(s).schema.Properties {
		if p.Name == header {
			return t.read.Text(p.Schema.Extensions, extension.AMQPProperty)
		}
	}
	return ""
}

// binaryAsBytes returns s with the format byte in place of the format binary: in a header both are
// bytes as they are, because AMQP has a type for them. In JSON binary is text that nobody knows how
// to read. Schemas with names of their own stay as they are.
func binaryAsBytes(s *schema.Schema) *schema.Schema {
	if s == nil || s.Name != "" || s.Format != "binary" && s.Items == nil && len(s.Properties) == 0 {
		return s
	}
	made := *s
	if s.Format == "binary" {
		made.Format = "byte"
	}
	made.Items = binaryAsBytes(s.Items)
	made.Properties = slices.Clone(s.Properties)
	for i, p := range s.Properties {
		made.Properties[i].Schema = binaryAsBytes(p.Schema)
	}
	return &made
}

// Headers returns the type of what HeadersOf returned, a struct. message is the Go name of the
// message.
func (t *Builder) Headers(s *schema.Schema, message string) Ref {
	name := message + "Headers"
	if trait := t.traitName(s); trait != "" {
		name = strings.TrimSuffix(trait, "Headers") + "Headers"
	}
	if s.Name == "" && t.reserved[name] {
		name = message + "MessageHeaders"
	}
	r := t.ref(s, name)
	declared := t.declared[r.Name]
	if r.Kind != Named || declared == nil || declared.Kind != StructType {
		t.report.Mistake(s.Location, fmt.Sprintf("the headers of %s become no struct", message), "describe them as an object with properties, without a Go type of its own")
		return Ref{}
	}
	declared.IsHeaders = true
	return r
}

// traitName returns the Go name of the trait that a schema of headers stands in, "" when it stands in
// none. Messages share the type of such headers, so it is not named after one of them.
func (t *Builder) traitName(s *schema.Schema) string {
	const traits = "/components/messageTraits/"
	name, isTrait := strings.CutPrefix(strings.TrimSuffix(s.Path, "/headers"), traits)
	if !isTrait || strings.Contains(name, "/") {
		return ""
	}
	return t.namer.Exported(name)
}

// headerMethods are the names of the further methods of types of headers.
var headerMethods = []string{"MarshalHeaders", "UnmarshalHeaders"}

// Describes reports whether s says anything of the value that tokens lead to, from member to member
// and item to item.
func (t *Builder) Describes(s *schema.Schema, tokens []string) bool {
	return t.describes(s, tokens, 0)
}

// describes is Describes within level other schemas: a choice may be in itself.
func (t *Builder) describes(s *schema.Schema, tokens []string, level int) bool {
	switch {
	case s == nil || level > maxLevels || !t.spendComparing(1):
		return false
	case len(tokens) == 0:
		return !isFalse(s)
	}
	v := t.viewOf(s).schema
	for _, p := range v.Properties {
		if p.Name == tokens[0] {
			return t.describes(p.Schema, tokens[1:], level+1)
		}
	}
	for _, variant := range choices(v) {
		if t.describes(variant, tokens, level+1) {
			return true
		}
	}
	return t.describes(v.Items, tokens[1:], level+1) || t.describes(v.AdditionalProperties, tokens[1:], level+1)
}
