package schema

import (
	"fmt"
	"math"
	"math/big"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A keyword reads one field of a schema.
type keyword func(r *keywordReader, f source.Field)

// keywordsOf returns the keywords of a dialect. Other fields mean nothing there.
func keywordsOf(language Dialect) map[string]keyword {
	switch language {
	case OpenAPI30:
		return openAPI30Keywords
	case OpenAPI31:
		return openAPI31Keywords
	case Draft07:
		return draft07Keywords
	default:
		return asyncAPIKeywords
	}
}

var (
	asyncAPIKeywords  = readersOf(AsyncAPI)
	draft07Keywords   = readersOf(Draft07)
	openAPI30Keywords = readersOf(OpenAPI30)
	openAPI31Keywords = readersOf(OpenAPI31)
)

func readersOf(language Dialect) map[string]keyword {
	all := map[string]keyword{}
	for _, k := range Keywords {
		if k.in.has(language) {
			all[k.Name] = k.reader()
		}
	}
	for _, other := range otherReaders {
		if other.in.has(language) {
			all[other.name] = other.read
		}
	}
	return all
}

// otherReaders read keywords that have no row, or that a dialect writes differently from their row.
var otherReaders = []struct {
	name string
	in   dialects
	read keyword
}{
	{"$ref", inAll, refKeyword},
	{"items", inDrafts, itemsKeyword},
	{"additionalItems", inDrafts, func(r *keywordReader, f source.Field) { r.additionalItems = r.within(f.Value) }},
	{"definitions", inDrafts, definitionsKeyword},
	{"$defs", inJSONSchema, definitionsKeyword},
	{"items", inOpenAPI31, itemsOf2020},
	{"dependentRequired", inOpenAPI31, dependentKeyword},
	{"dependentSchemas", inOpenAPI31, dependentKeyword},
	{"unevaluatedItems", inOpenAPI31, func(r *keywordReader, f source.Field) { r.unevaluatedItems = r.within(f.Value) }},
	{"unevaluatedProperties", inOpenAPI31, func(r *keywordReader, f source.Field) { r.unevaluatedProperties = r.within(f.Value) }},
	{"discriminator", inAsyncAPI, discriminatorName},
	{"discriminator", inOpenAPI, discriminatorObject},
	{"example", inOpenAPI, func(r *keywordReader, f source.Field) { r.schema.Examples = []*source.Value{f.Value} }},
	{"exclusiveMinimum", inOpenAPI30, func(r *keywordReader, f source.Field) { r.flag(f, &r.belowIsOut) }},
	{"exclusiveMaximum", inOpenAPI30, func(r *keywordReader, f source.Field) { r.flag(f, &r.aboveIsOut) }},
}

// isAnnotation reports whether a keyword changes nothing of what is valid.
func isAnnotation(name string) bool {
	for _, k := range Keywords {
		if k.Name == name {
			return k.Effect == Annotates
		}
	}
	return name == "example" || name == "definitions" || name == "$defs"
}

// reader returns how k is read.
func (k Keyword) reader() keyword {
	if k.read != nil {
		return k.read
	}
	return func(r *keywordReader, f source.Field) { r.readAs(k, f) }
}

// readAs reads a keyword as the kind of its value is read.
func (r *keywordReader) readAs(k Keyword, f source.Field) {
	switch to := k.Field(r.schema).(type) {
	case *string:
		if k.isNumber {
			r.number(f, to)
		} else {
			r.text(f, to)
		}
	case *bool:
		r.flag(f, to)
	case **int:
		r.count(f, to)
	case **source.Value:
		*to = f.Value
	case *[]*source.Value:
		r.list(f, to)
	case **Schema:
		*to = r.within(f.Value)
	case *[]*Schema:
		r.schemas(f, to)
	case *[]Property:
		r.properties(f, to)
	case *[]Dependency:
		r.dependencies(f, to)
	}
}

// read returns a value when it is of a type. Otherwise it reports it and returns nil.
func (r *keywordReader) read(v *source.Value, is source.Type) *source.Value {
	return source.Reader{Report: r.reader.problems}.Read(v, is)
}

func (r *keywordReader) text(f source.Field, to *string) {
	if resolved, ok := r.reader.refs.Resolve(f.Value); ok { // a long description may be in a file of its own
		f.Value = resolved
	}
	if v := r.read(f.Value, source.Text); v != nil {
		*to = v.Text
	}
}

func (r *keywordReader) flag(f source.Field, to *bool) {
	if v := r.read(f.Value, source.Flag); v != nil {
		*to = v.Text == "true"
	}
}

func (r *keywordReader) number(f source.Field, to *string) {
	hint := ""
	if f.Value.Kind == source.Bool {
		hint = "write the bound itself, as in JSON Schema since draft-06"
	}
	if v := r.read(f.Value, source.Decimal.Hint(hint)); v != nil {
		*to = v.Text
	}
}

func multipleOfKeyword(r *keywordReader, f source.Field) {
	v := r.read(f.Value, source.Decimal)
	if v == nil {
		return
	}
	if n, ok := new(big.Rat).SetString(v.Text); !ok || n.Sign() <= 0 {
		r.mistake(v, "\"multipleOf\" must be greater than 0, found "+v.Text, "")
		return
	}
	r.schema.MultipleOf = v.Text
}

func (r *keywordReader) count(f source.Field, to **int) {
	v := r.read(f.Value, source.Count)
	if v == nil {
		return
	}
	n, ok := v.Integer()
	if !ok {
		n = math.MaxInt // no value is longer
	}
	*to = new(int(n))
}

func (r *keywordReader) schemas(f source.Field, to *[]*Schema) {
	v := r.read(f.Value, source.List)
	if v == nil {
		return
	}
	if len(v.Items) == 0 {
		r.mistake(v, fmt.Sprintf("%q must have one schema at least", f.Name), "")
	}
	*to = r.allWithin(v.Items)
}

// allWithin returns the schemas of a list, without those whose references lead nowhere.
func (r *keywordReader) allWithin(list []*source.Value) []*Schema {
	var schemas []*Schema
	for _, item := range list {
		if s := r.within(item); s != nil {
			schemas = append(schemas, s)
		}
	}
	return schemas
}
