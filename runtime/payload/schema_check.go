package payload

import (
	"reflect"
	"strconv"
	"strings"
)

// A schemaCheck is a walk of the values of one text along schemas. It remembers what it has found out, for the walks that lead there again:
// schemas and values that contain themselves ask the same again and again.
type schemaCheck struct {
	schemas Schemas
	of      *outline
	work    *budget
	depth   int // of schemas that were gone into
	quiet   report
	targets map[string]*Schema
	known   map[*Schema][]verdict             // by the index of the value
	values  map[*string]map[uint64][]*outline // of constants, by where they stand in the schema
}

// A verdict is whether a schema finds nothing wrong with an array or an object.
type verdict uint8

const (
	unknown verdict = iota
	invalid
	valid
)

// maxSchemaDepth ends walks along schemas that refer to themselves without going into the value.
const maxSchemaDepth = 8 * MaxDepth

func newSchemaCheck(schemas Schemas, of *outline, work *budget) *schemaCheck {
	return &schemaCheck{schemas: schemas, of: of, work: work, quiet: report{counting: true, work: work}}
}

// is says whether c has been made for schemas.
func (c *schemaCheck) is(schemas Schemas) bool {
	return reflect.ValueOf(c.schemas).UnsafePointer() == reflect.ValueOf(schemas).UnsafePointer()
}

// target returns the schema called name, each time the same.
func (c *schemaCheck) target(name string) *Schema {
	target := c.targets[name]
	if target == nil {
		schema := c.schemas[name]
		if target = &schema; c.targets == nil {
			c.targets = map[string]*Schema{}
		}
		c.targets[name] = target
	}
	return target
}

// checkTarget reports what the schema called name finds wrong with the value at an index.
func (c *schemaCheck) checkTarget(r *report, name string, at int) {
	s := c.target(name)
	answer := c.answer(s, at)
	switch {
	case *answer == valid:
	case *answer == invalid && r.counting:
		r.found.More++
	default:
		before := r.count()
		c.check(r, s, at)
		*answer = verdictOf(r.count() == before)
	}
}

func verdictOf(ok bool) verdict {
	if ok {
		return valid
	}
	return invalid
}

// answer returns what is known, and what can be remembered, about s and a value: nothing, where finding out is as quick.
func (c *schemaCheck) answer(s *Schema, at int) *verdict {
	if c.of.parts[at].kind < ArrayKind {
		return new(verdict)
	}
	answers := c.known[s]
	if answers == nil {
		answers = make([]verdict, len(c.of.parts))
		if c.known == nil {
			c.known = map[*Schema][]verdict{}
		}
		c.known[s] = answers
		c.work.spend(len(answers))
	}
	return &answers[at]
}

// check reports what s finds wrong with a value.
func (c *schemaCheck) check(r *report, s *Schema, at int) {
	if !c.work.spend(workStep) {
		return
	}
	if c.depth++; c.depth > maxSchemaDepth {
		r.Add("$ref", "the schema refers to itself without end")
	} else if s.Ref != "" {
		c.checkTarget(r, s.Ref, at)
	} else {
		c.checkKeywords(r, s, at)
	}
	c.depth--
}

// settled says whether nobody wants to know more than that something is wrong.
func (c *schemaCheck) settled(r *report) bool { return r == &c.quiet && r.found.More > 0 }

// holds says whether s finds nothing wrong with a value.
func (c *schemaCheck) holds(s *Schema, at int) bool {
	answer := new(verdict)
	if s.Ref == "" {
		answer = c.answer(s, at)
	}
	if *answer != unknown {
		return *answer == valid
	}
	more := c.quiet.found.More
	c.quiet.found.More = 0
	c.check(&c.quiet, s, at)
	*answer = verdictOf(c.quiet.found.More == 0)
	c.quiet.found.More = more
	return *answer == valid
}

func (c *schemaCheck) checkKeywords(r *report, s *Schema, at int) {
	if s.Never {
		r.Add("false", "nothing is allowed here")
	}
	c.checkType(r, s, at)
	switch c.of.parts[at].kind {
	case NumberKind:
		if s.Number != nil && c.work.spend(c.of.length(at)/2) {
			s.Number.checkText(r, c.of.string(at))
		}
	case StringKind:
		if s.String != nil && c.work.spend(c.of.length(at)/2) {
			s.String.check(r, c.of.string(at))
		}
	case ArrayKind:
		c.checkItems(r, s, at)
	case ObjectKind:
		c.checkMembers(r, s, at)
	case None, NullKind, BoolKind:
	}
	if !c.settled(r) {
		c.checkCombined(r, s, at)
	}
}

func (c *schemaCheck) checkType(r *report, s *Schema, at int) {
	kind := c.of.parts[at].kind
	if s.Types != 0 && !s.Types.have(c.of, at) {
		r.Add("type", "is "+article(kind.String())+", want "+strings.Join(s.Types.names(), " or "))
	}
	if s.Const != "" && !c.isOneOf(&s.Const, []string{s.Const}, at) {
		r.Add("const", "want "+s.Const)
	}
	if s.Enum != nil && (len(s.Enum) == 0 || !c.isOneOf(&s.Enum[0], s.Enum, at)) {
		r.Add("enum", notOneOf(article(kind.String()), s.Enum, func(text string) string { return text }))
	}
}

func (c *schemaCheck) checkItems(r *report, s *Schema, at int) {
	count := int(c.of.parts[at].count)
	s.Array.check(r, count)
	if s.Array != nil && s.Array.UniqueItems && c.work.spend(workStep*count) {
		c.of.repeated(at).report(r)
	}
	if s.Items != nil || s.PrefixItems != nil {
		c.checkEach(r, s, at)
	}
	if s.Contains != nil && !c.contains(s.Contains, at) {
		r.Add("contains", "has no item of the kind that the schema wants")
	}
}

func (c *schemaCheck) checkEach(r *report, s *Schema, array int) {
	for i, at := range c.of.items(array) {
		of := s.Items
		if i < len(s.PrefixItems) {
			of = &s.PrefixItems[i]
		}
		if of == nil || c.settled(r) || c.work.over() {
			return
		}
		mark := len(r.found.List)
		if c.check(r, of, at); len(r.found.List) > mark {
			r.under(mark, strconv.Itoa(i))
		}
	}
}

func (c *schemaCheck) contains(s *Schema, array int) bool {
	for _, at := range c.of.items(array) {
		if c.work.over() || c.holds(s, at) {
			return true
		}
	}
	return false
}

func (c *schemaCheck) checkMembers(r *report, s *Schema, at int) {
	s.Object.check(r, int(c.of.parts[at].count))
	if s.Names != nil || s.Properties != nil || s.Patterns != nil || s.Additional != nil {
		for name := range c.of.members(at) {
			if c.settled(r) || c.work.over() {
				return
			}
			mark := len(r.found.List)
			if c.checkMember(r, s, name); len(r.found.List) > mark {
				r.under(mark, c.of.string(name))
			}
		}
	}
	for _, name := range s.Required {
		if !c.has(at, name) {
			r.Add("required", missingMember(name))
		}
	}
	for i := range s.Dependencies {
		c.checkDependency(r, &s.Dependencies[i], at)
	}
}

// has says whether there is a member called name.
func (c *schemaCheck) has(object int, name string) bool {
	return c.work.spend(int(c.of.parts[object].count)) && c.of.member(object, name) >= 0
}

// checkMember checks the member whose name is at an index.
func (c *schemaCheck) checkMember(r *report, s *Schema, at int) {
	if s.Names != nil && !c.holds(s.Names, at) {
		r.Add("propertyNames", "is not a name that the schema allows")
	}
	name, known := c.of.string(at), false
	c.work.spend(2 + len(s.Properties))
	for i := range s.Properties {
		if s.Properties[i].Name == name {
			known = true
			c.check(r, &s.Properties[i].Schema, at+1)
		}
	}
	for i := range s.Patterns {
		if pattern := s.Patterns[i].Pattern; c.work.spend(pattern.work(name)) && pattern.Match(name) {
			known = true
			c.check(r, &s.Patterns[i].Schema, at+1)
		}
	}
	if known || s.Additional == nil {
		return
	}
	if s.Additional.Never {
		r.Add("additionalProperties", notAllowed)
		return
	}
	c.check(r, s.Additional, at+1)
}

func (c *schemaCheck) checkDependency(r *report, dependency *Dependency, at int) {
	if !c.has(at, dependency.Name) {
		return
	}
	for _, name := range dependency.Required {
		if !c.has(at, name) {
			r.Add("dependencies", missingMember(name)+", which "+quote(dependency.Name)+" needs")
		}
	}
	if dependency.Schema != nil {
		c.check(r, dependency.Schema, at)
	}
}

func (c *schemaCheck) checkCombined(r *report, s *Schema, at int) {
	for i := range s.AllOf {
		c.check(r, &s.AllOf[i], at)
	}
	if s.AnyOf != nil && c.count(s.AnyOf, at, 1) == 0 {
		r.Add("anyOf", "is none of what anyOf allows")
	}
	if s.OneOf != nil {
		if n := c.count(s.OneOf, at, len(s.OneOf)); n != 1 {
			r.Add("oneOf", "is "+strconv.Itoa(n)+" of what oneOf allows, want one")
		}
	}
	if s.Not != nil && c.holds(s.Not, at) {
		r.Add("not", "is what the schema excludes")
	}
	if s.If != nil {
		branch := s.Else
		if c.holds(s.If, at) {
			branch = s.Then
		}
		if branch != nil {
			c.check(r, branch, at)
		}
	}
}

// count returns how many of the schemas find nothing wrong with a value, as far as most.
func (c *schemaCheck) count(schemas []Schema, at, most int) int {
	n := 0
	for i := range schemas {
		if n < most && c.holds(&schemas[i], at) {
			n++
		}
	}
	return n
}
