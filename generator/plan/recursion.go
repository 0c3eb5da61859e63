package plan

import (
	"cmp"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
)

// nameSchemas finds the schemas that need a declared type wherever they are used: whole payloads, and
// those that contain themselves.
func (t *typeBuilder) nameSchemas(groups []*group) {
	w := &cycleWalk{state: map[*asyncapi.Schema]walkState{}, found: t.mustName}
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
	properties := slices.SortedFunc(slices.Values(s.Properties), func(x, y asyncapi.Property) int { return cmp.Compare(x.Name, y.Name) })
	for _, p := range properties {
		w.walk(p.Schema)
	}
	w.walk(s.AdditionalProperties)
	w.walk(s.Items)
	w.state[s] = done
}
