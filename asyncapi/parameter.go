package asyncapi

import (
	"cmp"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/asyncapi/spec"
)

// A Parameter is a part of a channel's address that is known only at run time.
type Parameter struct {
	source.Location
	Name        string
	Description string
	Type        string // of its schema in 2.x: integer, number, boolean or anything else; empty: text
	Default     *source.Value
	Enum        []*source.Value // strings and, in 2.x, numbers and booleans
	Examples    []string
	ValueAt     string // location: a runtime expression such as $message.payload#/id; may be empty
	Extensions  source.Extensions
}

// parameters decodes the parameters in the address of a channel, in the order of the address. One
// that the contract does not describe has only a name.
func (d *decoder) parameters(channel *source.Value, address string, at source.Location) []*Parameter {
	described := map[string]*Parameter{}
	for _, f := range d.refs.Entries(channel, "parameters") {
		if v, ok := d.object(f.Value); ok {
			described[f.Name] = d.parameter(v, f)
		}
	}
	var all []*Parameter
	for _, name := range spec.Parameters(address) {
		all = append(all, cmp.Or(described[name], &Parameter{Location: at, Name: name}))
	}
	return all
}

// parameter decodes a parameter. In 2.x most of it is in a schema.
func (d *decoder) parameter(v *source.Value, f source.Field) *Parameter {
	p := &Parameter{
		Location: f.Location(), Name: f.Name, Description: d.refs.Text(v, "description"),
		ValueAt: d.refs.Text(v, "location"), Extensions: v.Extensions(),
	}
	says := v
	if d.major == 2 {
		schema, ok := d.object(d.refs.Field(v, "schema"))
		if !ok {
			return p
		}
		says, p.Type = schema, d.refs.Text(schema, "type")
		p.Description = cmp.Or(p.Description, d.refs.Text(schema, "description"))
	}
	if value := d.refs.Field(says, "default"); isScalar(value) {
		p.Default = value
	}
	for _, value := range d.refs.Items(says, "enum") {
		if isScalar(value) {
			p.Enum = append(p.Enum, value)
		}
	}
	for _, value := range d.refs.Items(says, "examples") {
		if isScalar(value) {
			p.Examples = append(p.Examples, value.Text)
		}
	}
	return p
}

// isScalar reports whether a value is text, a number or a boolean.
func isScalar(v *source.Value) bool {
	return v != nil && (v.Kind == source.String || v.Kind == source.Number || v.Kind == source.Bool)
}
