package plan

import (
	"cmp"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
)

// nameSchemas finds the schemas that need a declared type wherever they are used: whole payloads, and
// those that contain themselves. It settles the shape of every schema before any type is made.
func (t *typeBuilder) nameSchemas(groups []*group) {
	w := &cycleWalk{state: map[*asyncapi.Schema]walkState{}, found: t.mustName, met: func(s *asyncapi.Schema) { t.shapeOf(s) }}
	for _, g := range groups {
		for _, e := range g.endpoints {
			for _, m := range e.messages {
				if m.Payload != nil {
					t.mustName[m.Payload] = true
					w.walk(m.Payload)
				}
			}
		}
	}
}

// A cycleWalk finds schemas that are met again within themselves.
type cycleWalk struct {
	state map[*asyncapi.Schema]walkState
	found map[*asyncapi.Schema]bool
	met   func(*asyncapi.Schema) // called with each schema; may be nil
}

type walkState uint8

const (
	unseen walkState = iota
	open
	done
)

func (w *cycleWalk) walk(s *asyncapi.Schema) {
	if s == nil || w.state[s] == done {
		return
	}
	if w.state[s] == open {
		w.found[s] = true
		return
	}
	w.state[s] = open
	for _, part := range parts(s) {
		w.walk(part)
	}
	w.state[s] = done
	if w.met != nil {
		w.met(s)
	}
}

// parts returns the schemas within s, in an order that does not depend on that of the contract's keys.
func parts(s *asyncapi.Schema) []*asyncapi.Schema {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems)
	for _, p := range slices.Concat(byName(s.Properties), byName(s.PatternProperties)) {
		all = append(all, p.Schema)
	}
	for _, d := range s.Dependencies {
		all = append(all, d.Schema)
	}
	return append(all, s.AdditionalProperties, s.Items, s.Contains, s.PropertyNames, s.Not, s.If, s.Then, s.Else)
}

// byName returns properties sorted by name.
func byName(properties []asyncapi.Property) []asyncapi.Property {
	return slices.SortedFunc(slices.Values(properties), func(x, y asyncapi.Property) int { return cmp.Compare(x.Name, y.Name) })
}
