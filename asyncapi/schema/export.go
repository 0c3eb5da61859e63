package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// Definitions writes schemas as definitions of one JSON Schema draft-07 document, for the validator
// of examples.
type Definitions struct {
	names       map[*Schema]string
	list        []*Schema // by name, which is the index
	definitions map[string]any
	References  int // from schemas to those within them
}

// NewDefinitions returns a document without definitions.
func NewDefinitions() *Definitions {
	return &Definitions{names: map[*Schema]string{}, definitions: map[string]any{}}
}

// Add adds a definition of s, and of all schemas that it leads to. It does not recurse, so that a
// long chain of schemas does not become a deep stack.
func (j *Definitions) Add(s *Schema) {
	j.Pointer(s)
	for len(j.definitions) < len(j.list) {
		i := len(j.definitions)
		j.definitions[strconv.Itoa(i)] = j.keywords(j.list[i])
	}
}

// Pointer returns the JSON pointer to s in the document, which may still have to be written.
func (j *Definitions) Pointer(s *Schema) string {
	name, known := j.names[s]
	if !known {
		name = strconv.Itoa(len(j.list))
		j.names[s] = name
		j.list = append(j.list, s)
	}
	return "#/definitions/" + name
}

// At returns the schema that an address in the document leads to.
func (j *Definitions) At(address string) *Schema {
	_, rest, _ := strings.Cut(address, "#/definitions/")
	name, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(name)
	if err != nil {
		panic(err) // all schemas that are compiled are definitions
	}
	return j.list[i]
}

// Document returns the whole document, in the types of encoding/json.
func (j *Definitions) Document() any { return map[string]any{"definitions": j.definitions} }

func (j *Definitions) ref(s *Schema) any {
	j.References++
	return map[string]any{"$ref": j.Pointer(s)}
}

func (j *Definitions) keywords(s *Schema) any {
	if s.Always != nil {
		return *s.Always
	}
	m := map[string]any{}
	for _, k := range Keywords {
		if k.Effect != Annotates && k.in.has(Draft07) && k.IsIn(s) {
			m[k.Name] = j.value(k, s)
		}
	}
	j.rename(m, s)
	return m
}

// value returns what k has in s, in the types of encoding/json.
func (j *Definitions) value(k Keyword, s *Schema) any {
	if limit := k.Limit(s); limit != "" {
		return json.Number(limit)
	}
	switch at := k.Field(s).(type) {
	case *string:
		return *at
	case *bool:
		return *at
	case **source.Value:
		return (*at).Plain()
	case *[]*source.Value:
		return source.PlainList(*at)
	case *[]string:
		return toAny(slices.Compact(slices.Sorted(slices.Values(*at))))
	case **Schema:
		return j.ref(*at)
	case *[]*Schema:
		return j.refs(*at)
	case *[]Property:
		entries := map[string]any{}
		for _, p := range *at {
			entries[p.Name] = j.ref(p.Schema)
		}
		return entries
	case *[]Dependency:
		return j.dependencies(*at)
	}
	panic("asyncapi: the keyword " + k.Name + " has no JSON Schema")
}

// rename writes what draft-07 has in another form than Schema, and leaves out the formats that are
// not checked.
func (j *Definitions) rename(m map[string]any, s *Schema) {
	if len(s.Types) > 0 {
		types := slices.Clone(s.Types) // in the contract's order, which messages keep
		if s.Nullable && !slices.Contains(types, "null") {
			types = append(types, "null")
		}
		m["type"] = toAny(types)
	}
	if !slices.Contains(exampleFormats, s.Format) {
		delete(m, "format")
	}
	if s.PrefixItems != nil {
		if rest, ok := m["items"]; ok {
			m["additionalItems"] = rest
		}
		m["items"] = j.refs(s.PrefixItems)
	}
}

// exampleFormats are the formats for which examples are checked. Only these are exported.
var exampleFormats = []string{"date-time", "date", "email", "ipv4", "ipv6", "uuid"}

func (j *Definitions) dependencies(list []Dependency) map[string]any {
	all := map[string]any{}
	for _, d := range list {
		if all[d.Property] = toAny(d.Required); d.Schema != nil {
			all[d.Property] = j.ref(d.Schema)
		}
	}
	return all
}

func (j *Definitions) refs(schemas []*Schema) []any {
	list := []any{}
	for _, s := range schemas {
		list = append(list, j.ref(s))
	}
	return list
}

func toAny(texts []string) []any {
	list := []any{}
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}
