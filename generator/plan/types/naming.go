package types

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// choice returns the user's choice for s: by its name, else by its place.
func (t *Builder) choice(s *schema.Schema) Choice {
	if len(t.options.Choices) == 0 {
		return Choice{}
	}
	place := names.Place(t.contract, s.Location)
	if c, ok := t.options.Choices[place]; ok && s.File != t.contract {
		return c // its name may also be that of a schema of the contract
	}
	if c, ok := t.options.Choices[s.Name]; ok && s.Name != "" {
		return c
	}
	return t.options.Choices[place]
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
		return name + t.dialects[s], true
	}
	if s.Name == "" {
		name := t.titles[s]
		if name == "" {
			name = t.derivedName(s, fallback)
		}
		return name, names.IsExported(name)
	}
	name := t.short[s.Name]
	if !names.IsExported(name) {
		t.report.Mistake(s.Location, fmt.Sprintf("schema name %q cannot be made a Go name", s.Name), "set x-go-name on the schema, or write in scampgen.yaml "+t.origin(s).Way)
		return name, false
	}
	return cmp.Or(t.clashing[s], name) + t.dialects[s], true
}

// reportClashes reports schemas with names that become one Go name and are not the same. It does so
// before there are types, because the types of what is in them would clash too.
func (t *Builder) reportClashes(walked []*schema.Schema) {
	byPlace := func(x, y *schema.Schema) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column), cmp.Compare(x.Dialect, y.Dialect))
	}
	firsts := map[string]*schema.Schema{}
	for _, s := range slices.SortedFunc(slices.Values(walked), byPlace) {
		name := t.short[s.Name]
		if s.Name == "" || t.givenName(s) != "" || !t.isDeclared(s, t.shapeOf(s)) {
			continue
		}
		first := firsts[name]
		switch {
		case first == nil:
			firsts[name] = s
		case first.Location != s.Location && !t.IsSame(first, s):
			t.clashing[s] = t.unreserved(name)
			here, there := t.origin(s), t.origin(first)
			t.report.Mistake(here.Location, fmt.Sprintf("%s and %s have conflicting Go name %s in package messages", here.What, there, name), names.WaysOut("", here, there))
		}
	}
}

// derivedName returns name, which is that of the message or of the type and the property that s stands
// in, with a number if the contract gives it to another type.
func (t *Builder) derivedName(s *schema.Schema, name string) string {
	if t.isPayload[s] && !t.reserved[name] {
		return name
	}
	free := t.unreserved(name)
	if free != name {
		at := t.origin(s)
		t.report.Note(s.Location, fmt.Sprintf("the type of %s is %s, because another one is %s; x-go-name or, in scampgen.yaml, %s gives it a better name", at.What, free, name, at.Way))
	}
	return free
}

// unreserved returns name, or, if the contract gives it to a type, name with the first number from 2
// on that it does not give to one.
func (t *Builder) unreserved(name string) string {
	free := name
	for i := 2; t.reserved[free] || t.ofPayload[free] != nil; i++ {
		free = name + strconv.Itoa(i)
	}
	return free
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
	for _, p := range payloads {
		t.isPayload[p.Schema] = true
		if s := p.Schema; s.Name == "" && t.givenName(s) == "" && t.titles[s] == "" && !t.reserved[p.Message] {
			t.ofPayload[p.Message] = s
		}
	}
	t.dialects = t.dialectsIn(walked)
	t.reportClashes(walked)
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
	there, references := map[string]bool{}, map[string]bool{}
	for _, s := range walked {
		for _, x := range append(t.shapeOf(s).variants, s) { // schemas of several types are made
			there[names.Place(t.contract, x.Location)] = true
		}
		for _, p := range slices.Concat(s.Properties, s.PatternProperties) {
			references[names.Place(t.contract, p.Location())] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t.options.Choices)) {
		choice := t.options.Choices[key]
		switch {
		case !strings.Contains(key, "#") || there[key]:
		case !references[key]:
			t.report.Mistake(choice.Location, fmt.Sprintf("no payload has a schema at %q", key), "")
		case choice.Type != GoType{}:
			t.report.Mistake(choice.Location, fmt.Sprintf("%q is a reference to a schema, and only a schema can have a Go type of your own", key), "name the schema that it leads to")
		}
	}
}
