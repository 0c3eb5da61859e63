package schema

import (
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A Reader reads the schemas of a contract. All references to one schema give the same *Schema.
type Reader struct {
	refs     *source.Resolver
	problems *source.Report

	schemas    map[key]*Schema
	pending    []pending
	References map[*source.Value]Dialect // every reference to a schema
	unknown    map[string]string         // names in schemas that are not keywords, and the hints that they gave

	keywordsOf func(Dialect) map[string]keyword // a field, as the functions in its tables read schemas and so lead back here
}

// NewReader returns a reader of the schemas that refs leads to. It adds what is wrong with them to
// problems.
func NewReader(refs *source.Resolver, problems *source.Report) *Reader {
	return &Reader{
		refs: refs, problems: problems,
		schemas: map[key]*Schema{}, References: map[*source.Value]Dialect{}, unknown: map[string]string{},
		keywordsOf: keywordsOf,
	}
}

// A key identifies a schema: its value and the dialect in which it is read.
type key struct {
	value   *source.Value
	dialect Dialect
}

// A pending schema has been referred to and is still to be read. Schemas wait in a list instead of
// being read at once, so that a long chain of references does not become a deep stack.
type pending struct {
	schema  *Schema
	value   *source.Value
	dialect Dialect
}

// Read returns the schema that a value is or refers to: the same *Schema for all references to it.
// It returns nil when the reference leads nowhere. ReadPending fills in the schema.
func (r *Reader) Read(v *source.Value, language Dialect) *Schema {
	target, ok := r.target(v, language)
	if !ok {
		return nil
	}
	if target != v {
		r.References[v] = language
	}
	key := key{target, language}
	if s := r.schemas[key]; s != nil {
		return s
	}
	s := &Schema{Location: target.KeyLocation(), Source: target, Dialect: language, Name: r.schemaName(target, target != v)}
	r.schemas[key] = s
	r.pending = append(r.pending, pending{s, target, language})
	return s
}

// target returns the schema that v is or leads to. In OpenAPI 3.1 keywords beside $ref apply: a
// reference with more than annotations is a schema of its own.
func (r *Reader) target(v *source.Value, language Dialect) (*source.Value, bool) {
	target, ok := r.refs.Resolve(v)
	if !ok || language != OpenAPI31 {
		return target, ok
	}
	for source.Reference(v) != nil && !slices.ContainsFunc(v.Fields, func(f source.Field) bool { return r.isSibling(f, language) }) {
		v = r.refs.Next(v)
	}
	return v, true
}

// isSibling reports whether a field beside $ref is a keyword that changes what is valid.
func (r *Reader) isSibling(f source.Field, language Dialect) bool {
	return f.Name != "$ref" && r.keywordsOf(language)[f.Name] != nil && !isAnnotation(f.Name)
}

// schemaName returns the name under which a schema is defined, "" when it has none.
func (r *Reader) schemaName(v *source.Value, referred bool) string {
	if name := r.refs.ComponentName(v, referred, "schemas", "definitions", "$defs"); name != "" {
		return name
	}
	if v.Parent() == nil && v.File != r.refs.Root().File {
		name := path.Base(strings.ReplaceAll(v.File, "\\", "/"))
		return strings.TrimSuffix(name, path.Ext(name))
	}
	return ""
}

// ReadPending reads the schemas that have been referred to, and those that they refer to.
func (r *Reader) ReadPending() {
	for len(r.pending) > 0 {
		p := r.pending[len(r.pending)-1]
		r.pending = r.pending[:len(r.pending)-1]
		r.readSchema(p)
	}
}

func (r *Reader) readSchema(p pending) {
	k := &keywordReader{reader: r, dialect: p.dialect, schema: p.schema, value: p.value}
	switch {
	case p.value.Kind == source.Bool:
		if p.dialect == OpenAPI30 && !r.isAdditionalProperties(p) {
			k.mistake(p.value, "boolean schemas came with OpenAPI 3.1, this schema is one of 3.0", "write {} for true, and {not: {}} for false")
		}
		p.schema.Always = new(p.value.Text == "true")
		return
	case p.value.Kind != source.Object:
		k.mistake(p.value, fmt.Sprintf("a schema is an object or a boolean, found %s", p.value.Kind), "")
		return
	}
	p.schema.Extensions = p.value.Extensions()
	keywords := r.keywordsOf(p.dialect)
	for _, f := range p.value.Fields {
		before := r.problems.Added()
		if read := keywords[f.Name]; read != nil {
			read(k, f)
		} else {
			k.mistyped(f)
		}
		if r.problems.Added() > before {
			k.wrong = append(k.wrong, f.Name)
		}
	}
	k.finish()
}

// isAdditionalProperties reports whether a schema is the additionalProperties of another.
func (r *Reader) isAdditionalProperties(p pending) bool {
	around := p.value.Parent()
	return r.schemas[key{around, p.dialect}] != nil && around.Get("additionalProperties") == p.value
}

// All returns all schemas that have been read, in no particular order.
func (r *Reader) All() iter.Seq[*Schema] { return maps.Values(r.schemas) }

// WarnSiblings warns of keywords beside $ref that would change what is valid: they are ignored.
func (r *Reader) WarnSiblings() {
	for v, language := range r.References {
		for _, f := range v.Fields {
			if !r.isSibling(f, language) {
				continue
			}
			r.problems.Add(f.Problem(source.Warning, fmt.Sprintf("%q has no effect beside $ref", f.Name),
				"write allOf with the reference and a schema that has it"))
		}
	}
}

// DialectOf returns the dialect that a schema has been read in; false when it has not been read.
func (r *Reader) DialectOf(target *source.Value) (Dialect, bool) {
	for _, used := range []Dialect{AsyncAPI, Draft07, OpenAPI30, OpenAPI31} {
		if r.schemas[key{target, used}] != nil {
			return used, true
		}
	}
	return 0, false
}
