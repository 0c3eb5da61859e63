package asyncapi

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A schemaKey is what makes a schema one: where it stands and how it is read.
type schemaKey struct {
	value   *source.Value
	dialect dialect
}

// A pendingSchema has been referred to and is still to be read. Schemas wait in a list instead of being read
// where they are met, so that no chain of references, however long, becomes a depth of calls.
type pendingSchema struct {
	schema  *Schema
	value   *source.Value
	dialect dialect
}

// schema returns the schema that a value is or refers to, one for all that
// refer to it. It returns nil when the reference leads nowhere.
func (d *decoder) schema(v *source.Value, language dialect) *Schema {
	target, ok := d.refs.Resolve(v)
	if !ok {
		return nil
	}
	if target != v {
		d.references[v] = language
	}
	key := schemaKey{target, language}
	if s := d.schemas[key]; s != nil {
		return s
	}
	s := &Schema{Position: target.KeyPosition(), Path: target.Pointer(), Name: d.schemaName(target, target != v)}
	d.schemas[key] = s
	d.pending = append(d.pending, pendingSchema{s, target, language})
	return s
}

// component returns a schema of components.schemas: as the messages that use it have read it, else as AsyncAPI's
// dialect or the format it names. It returns nil when its format is not read.
func (d *decoder) component(f source.Field) *Schema {
	v := f.Value
	language := asyncAPI
	if d.major == 3 {
		format, schema := d.multiFormat(v)
		if format != nil {
			var ok bool
			if language, ok = schemaDialect(format.Text); !ok {
				return nil
			}
		}
		v = schema
	}
	target, ok := d.refs.Resolve(v)
	if !ok {
		return nil
	}
	for _, used := range []dialect{asyncAPI, draft07, openAPI30} {
		if d.schemas[schemaKey{target, used}] != nil {
			language = used
			break
		}
	}
	s := d.schema(v, language)
	s.Name = cmp.Or(s.Name, f.Name)
	return s
}

// schemaName returns the name that a schema has where it stands, "" when it has none.
func (d *decoder) schemaName(v *source.Value, referred bool) string {
	for _, name := range []string{"schemas", "definitions", "$defs"} {
		if key := d.componentKey(v, name, referred); key != "" {
			return key
		}
	}
	if v.Parent() == nil && v.File != d.document.File {
		name := path.Base(strings.ReplaceAll(v.File, "\\", "/"))
		return strings.TrimSuffix(name, path.Ext(name))
	}
	return ""
}

// readPending reads the schemas that have been referred to, and those that they refer to.
func (d *decoder) readPending() {
	for len(d.pending) > 0 {
		p := d.pending[len(d.pending)-1]
		d.pending = d.pending[:len(d.pending)-1]
		d.readSchema(p)
	}
}

func (d *decoder) readSchema(p pendingSchema) {
	r := &schemaReader{decoder: d, dialect: p.dialect, Schema: p.schema, value: p.value, problemsBefore: d.problems.Added()}
	switch {
	case p.value.Kind == source.Bool: // where OpenAPI 3.0 has none, the check of the schema around it says so
		p.schema.Always = new(p.value.Text == "true")
		return
	case p.value.Kind != source.Object:
		d.report(source.Mistake, p.value, fmt.Sprintf("a schema is an object or a boolean, found %s", p.value.Kind), "")
		return
	}
	p.schema.Extensions = p.value.Extensions()
	p.schema.Keywords = make(map[string]source.Position, len(p.value.Fields))
	keywords := keywordsOf(p.dialect)
	for _, f := range p.value.Fields {
		p.schema.Keywords[f.Name] = f.Position
		if read := keywords[f.Name]; read != nil {
			read(r, f)
		} else {
			r.mistyped(f)
		}
	}
	r.finish()
}

// warnSiblings reports what stands beside $ref in schemas and would change what is valid: it is ignored.
func (d *decoder) warnSiblings() {
	for v, language := range d.references {
		for _, f := range v.Fields {
			if f.Name == "$ref" || keywordsOf(language)[f.Name] == nil || isAnnotation(f.Name) {
				continue
			}
			d.problems.Add(source.Problem{
				Position: f.Position, Severity: source.Warning, Path: f.Value.Pointer(),
				Message: fmt.Sprintf("%q has no effect beside $ref", f.Name),
				Hint:    "write allOf with the reference and a schema that has it",
			})
		}
	}
}
