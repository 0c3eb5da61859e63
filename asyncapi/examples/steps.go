package examples

import (
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// These limit what checking all examples of a contract, or one of them, can cost: a few seconds at
// most. With schemas that contain themselves, a few bytes can ask for any number of steps, and the
// time in which the validator prepares schemas grows with the square of their number. Public
// contracts need a thousandth of it.
const (
	mostSteps      = 500_000
	mostStepsEach  = 50_000
	mostReferences = 20_000 // from schemas to those within them
)

// A stepCount counts the steps of a validator that checks a value against its schema and never
// stops early.
type stepCount struct {
	left  int
	depth int // of the value in the example: the validator notes the way to it with each error
}

// spend subtracts steps from what is left. It returns false when nothing is left.
func (c *stepCount) spend(steps int) bool {
	c.left -= min(steps, c.left)
	return c.left > 0
}

// schema counts the steps of checking v against s. The level is how many schemas have led to s for
// the same v: the validator looks through them for a cycle. It returns false when there are too
// many.
func (c *stepCount) schema(s *schema.Schema, v *source.Value, level int) bool {
	if s == nil {
		return true
	}
	steps := 1 + level + c.depth/8 + len(s.Required) + len(s.Dependencies) + len(v.Fields) + len(v.Items) + len(v.Text)*(1+len(s.Pattern))/1000
	if !c.spend(steps) || !c.whole(s, v) {
		return false
	}
	for _, list := range [][]*schema.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Not, s.If, s.Then, s.Else}} {
		for _, part := range list {
			if !c.schema(part, v, level+1) {
				return false
			}
		}
	}
	for _, d := range s.Dependencies {
		if !c.schema(d.Schema, v, level+1) {
			return false
		}
	}
	return c.items(s, v) && c.fields(s, v)
}

// leadsToItself reports whether checking a value against s checks the same value against s again. The
// schemas on the way to s are true in seen; those that lead to no such schema are false.
func leadsToItself(s *schema.Schema, seen map[*schema.Schema]bool) bool {
	if s == nil {
		return false
	}
	if onTheWay, known := seen[s]; known {
		return onTheWay
	}
	seen[s] = true
	for _, list := range [][]*schema.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Not, s.If, s.Then, s.Else}} {
		for _, part := range list {
			if leadsToItself(part, seen) {
				return true
			}
		}
	}
	seen[s] = false
	return false
}

// whole counts the steps of comparing v with other values.
func (c *stepCount) whole(s *schema.Schema, v *source.Value) bool {
	values := len(s.Enum)
	if s.Const != nil {
		values++
	}
	if s.UniqueItems {
		values += 20
	}
	return values == 0 || c.spend(values) && c.values(v, values)
}

// values counts the steps of looking at v and all in it, n times.
func (c *stepCount) values(v *source.Value, n int) bool {
	for _, item := range v.Items {
		if !c.spend(n) || !c.values(item, n) {
			return false
		}
	}
	for _, f := range v.Fields {
		if !c.spend(n) || !c.values(f.Value, n) {
			return false
		}
	}
	return true
}

// inner counts the steps of checking a value against s that is within another.
func (c *stepCount) inner(s *schema.Schema, v *source.Value) bool {
	c.depth++
	defer func() { c.depth-- }()
	return c.schema(s, v, 0)
}

func (c *stepCount) items(s *schema.Schema, v *source.Value) bool {
	for i, item := range v.Items {
		of := s.Items
		if i < len(s.PrefixItems) {
			of = s.PrefixItems[i]
		}
		if !c.inner(of, item) || !c.inner(s.Contains, item) {
			return false
		}
	}
	return true
}

func (c *stepCount) fields(s *schema.Schema, v *source.Value) bool {
	if len(v.Fields) == 0 {
		return true
	}
	properties := make(map[string]*schema.Schema, len(s.Properties))
	if !c.spend(len(s.Properties)) {
		return false
	}
	for _, p := range s.Properties {
		properties[p.Name] = p.Schema
	}
	for _, f := range v.Fields {
		name := &source.Value{Kind: source.String, Text: f.Name}
		if !c.inner(properties[f.Name], f.Value) || !c.inner(s.AdditionalProperties, f.Value) || !c.inner(s.PropertyNames, name) {
			return false
		}
		for _, p := range s.PatternProperties {
			if !c.spend(1+len(f.Name)*len(p.Name)/1000) || !c.inner(p.Schema, f.Value) {
				return false
			}
		}
	}
	return true
}
