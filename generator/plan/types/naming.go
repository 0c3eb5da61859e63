package types

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// choice returns the user's choice for s.
func (t *Builder) choice(s *schema.Schema) Choice {
	if c, ok := t.options.Choices[s.Name]; ok && s.Name != "" {
		return c
	}
	return t.options.Choices["#"+s.Path]
}

// givenName returns the Go name of s that the configuration or x-go-name sets, "" when neither
// does.
func (t *Builder) givenName(s *schema.Schema) string {
	return cmp.Or(t.choice(s).Name, names.Given(t.read, s.Extensions))
}

// typeName returns the Go name for the type of s: a given one, its own name, its title, or else
// fallback.
func (t *Builder) typeName(s *schema.Schema, fallback string) (string, bool) {
	if name := t.givenName(s); name != "" {
		return name, true
	}
	if s.Name == "" {
		name := cmp.Or(t.titles[s], fallback)
		return name, names.IsExported(name)
	}
	name := t.short[s.Name]
	if !names.IsExported(name) {
		t.report.Mistake(s.Location, fmt.Sprintf("schema name %q cannot be made a Go name", s.Name), "set x-go-name on the schema, or a name for it in scampgen.yaml")
		return name, false
	}
	return name, true
}

// nameSchemas decides the names of all types that do not depend on where the schema is used. walked
// are the schemas of payloads.
func (t *Builder) nameSchemas(walked []*schema.Schema, payloads []Payload) {
	var all []string
	given := map[string]bool{}
	for _, s := range slices.Concat(t.components, walked) {
		if name := t.givenName(s); name != "" {
			given[name] = true
		} else if s.Name != "" {
			all = append(all, s.Name)
		}
	}
	t.short = t.namer.Short(all, given)
	maps.Copy(t.reserved, given)
	for _, name := range t.short {
		t.reserved[name] = true
	}
	t.nameByTitle(walked, payloads)
	t.reportUnused(walked)
}

// maxTitle is the maximum number of words of a title that names a type. A longer title is a
// sentence.
const maxTitle = 5

// nameByTitle finds the schemas without a name whose title names their type: those whose title
// becomes a Go name that no other type, and no other title, has.
func (t *Builder) nameByTitle(walked []*schema.Schema, payloads []Payload) {
	byMessage := map[string]*schema.Schema{} // payloads by the names that they have without a title
	for _, p := range payloads {
		byMessage[p.Message] = p.Schema
	}
	variants := map[*schema.Schema]bool{}
	for _, s := range walked {
		for _, v := range t.shapeOf(s).variants {
			variants[v] = true
		}
	}
	titled := map[string][]*schema.Schema{}
	for _, s := range walked {
		name := t.titleName(s)
		if other := byMessage[name]; name != "" && (variants[s] || t.isDeclared(s, t.shapeOf(s))) && (other == nil || other == s) {
			titled[name] = append(titled[name], s)
		}
	}
	for name, schemas := range titled {
		if len(schemas) == 1 {
			t.titles[schemas[0]] = name
		}
	}
}

// titleName returns the title of a schema without a name as a Go name, "" when it cannot be the
// name of its type.
func (t *Builder) titleName(s *schema.Schema) string {
	name := t.namer.Exported(s.Title)
	if s.Name != "" || t.givenName(s) != "" || t.reserved[name] || !names.IsExported(name) || len(strings.Fields(s.Title)) > maxTitle {
		return ""
	}
	return name
}

// reportUnused reports choices for schemas that do not exist.
func (t *Builder) reportUnused(walked []*schema.Schema) {
	there := map[string]bool{}
	for _, s := range walked {
		there["#"+s.Path] = true
	}
	for _, key := range slices.Sorted(maps.Keys(t.options.Choices)) {
		if at := t.options.Choices[key].Location; strings.HasPrefix(key, "#") && !there[key] {
			t.report.Mistake(at, fmt.Sprintf("no payload has a schema at %q", key), "")
		}
	}
}
