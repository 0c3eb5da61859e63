package payload

import (
	"strconv"
	"strings"
)

// A schemaCheck is one walk of a value along a schema.
type schemaCheck struct {
	schemas Schemas
	depth   int // of schemas that were gone into
	left    int // steps that it may still take; below zero it has been stopped
	known   map[verdictOf]bool
}

// A verdictOf is a question that has been answered: whether a schema finds nothing wrong with a value. Schemas and values that contain
// themselves in several ways would ask it again and again.
type verdictOf struct {
	schema *Schema
	value  *tree
}

// maxSchemaDepth ends walks along schemas that refer to themselves without going into the value.
const maxSchemaDepth = 8 * MaxDepth

// check reports what s finds wrong with t.
func (c *schemaCheck) check(r *Report, s *Schema, t *tree) {
	if c.left--; c.left < 0 {
		return
	}
	if c.depth++; c.depth > maxSchemaDepth {
		r.Add("$ref", "the schema refers to itself without end")
		c.depth--
		return
	}
	defer func() { c.depth-- }()
	if s.Ref != "" {
		target := c.schemas[s.Ref]
		c.check(r, &target, t)
		return
	}
	if s.Never {
		r.Add("false", "nothing is allowed here")
	}
	c.checkType(r, s, t)
	switch t.kind {
	case NumberKind:
		if s.Number != nil {
			s.Number.checkText(r, t.text)
		}
	case StringKind:
		if s.String != nil {
			s.String.check(r, t.text)
		}
	case ArrayKind:
		c.checkItems(r, s, t)
	case ObjectKind:
		c.checkMembers(r, s, t)
	case None, NullKind, BoolKind:
	}
	c.checkCombined(r, s, t)
}

// valid says whether s finds nothing wrong with t.
func (c *schemaCheck) valid(s *Schema, t *tree) bool {
	verdict, known := c.known[verdictOf{s, t}]
	if known {
		return verdict
	}
	var r Report
	c.check(&r, s, t)
	verdict = len(r.found.List) == 0
	if t.kind >= ArrayKind {
		if c.known == nil {
			c.known = map[verdictOf]bool{}
		}
		c.known[verdictOf{s, t}] = verdict
	}
	return verdict
}

func (c *schemaCheck) checkType(r *Report, s *Schema, t *tree) {
	if s.Types != 0 && !s.Types.has(t) {
		r.Add("type", "is "+article(t.kind.String())+", want "+strings.Join(s.Types.names(), " or "))
	}
	if s.Const != "" && !equal(t, s.Const) {
		r.Add("const", "want "+s.Const)
	}
	if s.Enum != nil {
		for _, value := range s.Enum {
			if equal(t, value) {
				return
			}
		}
		r.Add("enum", notOneOf(article(t.kind.String()), s.Enum, func(text string) string { return text }))
	}
}

// equal says whether t is the value of text.
func equal(t *tree, text string) bool {
	value, ok := parseTree([]byte(text))
	return ok && value.kind == t.kind && value.key() == t.key()
}

func (c *schemaCheck) checkItems(r *Report, s *Schema, t *tree) {
	s.Array.Check(r, len(t.items))
	if s.Array != nil && s.Array.UniqueItems {
		reportRepeated(r, t.items)
	}
	contained := s.Contains == nil
	for i := range t.items {
		item := &t.items[i]
		switch {
		case i < len(s.PrefixItems):
			r.Item(i, func(r *Report) { c.check(r, &s.PrefixItems[i], item) })
		case s.Items != nil:
			r.Item(i, func(r *Report) { c.check(r, s.Items, item) })
		}
		contained = contained || c.valid(s.Contains, item)
	}
	if !contained {
		r.Add("contains", "has no item of the kind that the schema wants")
	}
}

func (c *schemaCheck) checkMembers(r *Report, s *Schema, t *tree) {
	s.Object.Check(r, len(t.members))
	for i := range t.members {
		m := &t.members[i]
		r.Member(m.name, func(r *Report) { c.checkMember(r, s, m) })
	}
	for _, name := range s.Required {
		if !t.has(name) {
			r.Add("required", missingMember(name))
		}
	}
	for i := range s.Dependencies {
		c.checkDependency(r, &s.Dependencies[i], t)
	}
}

func (c *schemaCheck) checkMember(r *Report, s *Schema, m *treeMember) {
	if s.Names != nil && !c.valid(s.Names, &tree{kind: StringKind, text: m.name}) {
		r.Add("propertyNames", "is not a name that the schema allows")
	}
	known := false
	for i := range s.Properties {
		if s.Properties[i].Name == m.name {
			known = true
			c.check(r, &s.Properties[i].Schema, &m.value)
		}
	}
	for i := range s.Patterns {
		if s.Patterns[i].Pattern.Match(m.name) {
			known = true
			c.check(r, &s.Patterns[i].Schema, &m.value)
		}
	}
	if known || s.Additional == nil {
		return
	}
	if s.Additional.Never {
		r.Add("additionalProperties", notAllowed)
		return
	}
	c.check(r, s.Additional, &m.value)
}

func (c *schemaCheck) checkDependency(r *Report, dependency *Dependency, t *tree) {
	if !t.has(dependency.Name) {
		return
	}
	for _, name := range dependency.Required {
		if !t.has(name) {
			r.Add("dependencies", missingMember(name)+", which "+quote(dependency.Name)+" needs")
		}
	}
	if dependency.Schema != nil {
		c.check(r, dependency.Schema, t)
	}
}

func (c *schemaCheck) checkCombined(r *Report, s *Schema, t *tree) {
	for i := range s.AllOf {
		c.check(r, &s.AllOf[i], t)
	}
	if s.AnyOf != nil && c.count(s.AnyOf, t) == 0 {
		r.Add("anyOf", "is none of what anyOf allows")
	}
	if s.OneOf != nil {
		if n := c.count(s.OneOf, t); n != 1 {
			r.Add("oneOf", "is "+strconv.Itoa(n)+" of what oneOf allows, want one")
		}
	}
	if s.Not != nil && c.valid(s.Not, t) {
		r.Add("not", "is what the schema excludes")
	}
	if s.If != nil {
		branch := s.Else
		if c.valid(s.If, t) {
			branch = s.Then
		}
		if branch != nil {
			c.check(r, branch, t)
		}
	}
}

// count returns how many of the schemas find nothing wrong with t.
func (c *schemaCheck) count(schemas []Schema, t *tree) int {
	n := 0
	for i := range schemas {
		if c.valid(&schemas[i], t) {
			n++
		}
	}
	return n
}
