package asyncapi

import (
	"cmp"
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// payload reads the schema of a message's payload, in the format that the message (2.x) or the
// payload itself (3.x) names.
func (d *decoder) payload(m *Message, object *source.Value) {
	v := object.Get("payload")
	if v == nil {
		return
	}
	format := d.refs.Field(object, "schemaFormat")
	if d.major == 3 {
		format, v = d.multiFormat(v)
	}
	name := ""
	if format != nil && format.Kind == source.String {
		m.SchemaFormat, name = format, format.Text
	}
	if dialect, ok := schema.DialectFor(name); ok && v != nil && v.Kind != source.Null {
		m.Payload = d.schemas.Read(v, dialect)
	}
}

// multiFormat returns the format and the schema of a 3.x schema, which may be a Multi Format Schema
// Object. The format is nil for any other.
func (d *decoder) multiFormat(v *source.Value) (format, schema *source.Value) {
	target, ok := d.refs.Resolve(v)
	if !ok {
		return nil, nil
	}
	if format = d.refs.Field(target, "schemaFormat"); format == nil || format.Kind != source.String {
		return nil, v
	}
	return format, target.Get("schema")
}

// headers decodes the schema of a message's headers.
func (d *decoder) headers(v *source.Value) *schema.Schema {
	var format *source.Value
	if v != nil && d.major == 3 {
		format, v = d.multiFormat(v)
	}
	if v == nil || v.Kind == source.Null {
		return nil
	}
	language := schema.AsyncAPI
	if format != nil {
		var ok bool
		if language, ok = schema.DialectFor(format.Text); !ok {
			d.report(source.Warning, format, fmt.Sprintf("schemas in the format %q are not read: nothing is known of the headers", format.Text), "describe them in AsyncAPI's dialect")
			return nil
		}
	}
	return d.schemas.Read(v, language)
}

// component returns a schema of components.schemas: as the messages that use it have read it, else
// as AsyncAPI's dialect or the format it names. It returns nil when its format is not read.
func (d *decoder) component(f source.Field) *schema.Schema {
	v := f.Value
	language := schema.AsyncAPI
	if d.major == 3 {
		format, inner := d.multiFormat(v)
		if format != nil {
			var ok bool
			if language, ok = schema.DialectFor(format.Text); !ok {
				return nil
			}
		}
		v = inner
	}
	target, ok := d.refs.Resolve(v)
	if !ok {
		return nil
	}
	if used, ok := d.schemas.DialectOf(target); ok {
		language = used
	}
	s := d.schemas.Read(v, language)
	s.Name = cmp.Or(s.Name, f.Name)
	return s
}

// isForeignSchema reports whether a field holds a schema whose format is named and not read.
func isForeignSchema(in *source.Value, f source.Field) bool {
	if f.Name != "payload" && f.Name != "schema" {
		return false
	}
	format := in.Get("schemaFormat")
	if format == nil || format.Kind != source.String {
		return false
	}
	_, ok := schema.DialectFor(format.Text)
	return !ok
}
