package types

import (
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// A Payload is the schema of a whole message.
type Payload struct {
	Schema *schema.Schema
	IsJSON bool // the body of the message is JSON

	Message string // the Go name of the message
}

// Settle finds the schemas that need a declared type wherever they are used: whole payloads, and
// those that contain themselves. It decides the shape of every schema, and all names that do not
// depend on where a schema is used, before any type is made. It returns false when a schema cannot
// have a shape.
func (t *Builder) Settle(payloads []Payload) bool {
	endless := newCycleWalk(sameValue, nil)
	within := newCycleWalk(parts, endless.walk)
	for _, p := range payloads {
		within.walk(p.Schema)
	}
	for _, deepest := range []*schema.Schema{within.deepest, endless.deepest} {
		if deepest != nil {
			t.report.TooLarge(deepest.Location, "levels", maxLevels, "schemas are within one another")
			return false
		}
	}
	for s := range endless.found {
		t.report.Unsupported(s.Location, "schema/endless", "the schema is a part of itself for the same value, so that checking one would never end",
			"take what the schemas of a choice have in common out of the schema that has the choice")
	}
	if len(endless.found) > 0 {
		return false
	}
	t.schemas.within = within.found
	maps.Copy(t.mustName, within.found)
	var walked []*schema.Schema
	settle := newCycleWalk(parts, func(s *schema.Schema) {
		t.shapeOf(s)
		walked = append(walked, s)
	})
	for _, p := range payloads {
		t.mustName[p.Schema] = true
		settle.walk(p.Schema)
	}
	for _, p := range payloads {
		if sh := t.shapeOf(p.Schema); sh.nullable && !t.isUserType(p.Schema) && p.IsJSON {
			// Only a payload.Raw can be a whole message that is null.
			t.shapes[p.Schema] = shape{kind: shapeAny, schema: sh.schema, demand: demandAll}
		}
	}
	clear(t.kinds) // of these, and of what they are variants of
	clear(t.looks)
	t.nameSchemas(walked, payloads)
	return t.merged <= maxMerging
}

// A cycleWalk finds schemas that contain themselves.
type cycleWalk struct {
	state map[*schema.Schema]walkState
	found map[*schema.Schema]bool
	parts func(*schema.Schema) []*schema.Schema
	met   func(*schema.Schema) // called with each schema, after its parts; may be nil

	level   int            // how many schemas are on the way
	deepest *schema.Schema // one that is deeper than maxLevels; nil: there is none, and all schemas have been walked
}

func newCycleWalk(parts func(*schema.Schema) []*schema.Schema, met func(*schema.Schema)) *cycleWalk {
	return &cycleWalk{state: map[*schema.Schema]walkState{}, found: map[*schema.Schema]bool{}, parts: parts, met: met}
}

type walkState uint8

const (
	unseen walkState = iota
	open
	done
)

func (w *cycleWalk) walk(s *schema.Schema) {
	if s == nil || w.state[s] == done {
		return
	}
	if w.state[s] == open {
		w.found[s] = true
		return
	}
	if w.level == maxLevels {
		w.deepest = s
		return
	}
	w.level++
	w.state[s] = open
	for _, part := range w.parts(s) {
		w.walk(part)
	}
	w.state[s] = done
	w.level--
	if w.met != nil {
		w.met(s)
	}
}

// parts returns the schemas within s.
func parts(s *schema.Schema) []*schema.Schema {
	all := append(sameValue(s), s.PrefixItems...)
	for _, p := range slices.Concat(s.Properties, s.PatternProperties) {
		all = append(all, p.Schema)
	}
	return append(all, s.AdditionalProperties, s.Items, s.Contains, s.PropertyNames)
}

// sameValue returns the parts of s that are about the same value as s, not about one within it.
func sameValue(s *schema.Schema) []*schema.Schema {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	for _, d := range s.Dependencies {
		all = append(all, d.Schema)
	}
	return append(all, s.Not, s.If, s.Then, s.Else)
}
