package types

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A unionSource is the schema that a union has been made from.
type unionSource struct {
	schema   *schema.Schema
	variants map[string]*schema.Schema // by the names of their types
}

// others returns the schemas of the variants but that called name.
func (u unionSource) others(name string) []*schema.Schema {
	var all []*schema.Schema
	for _, other := range slices.Sorted(maps.Keys(u.variants)) {
		if other != name {
			all = append(all, u.variants[other])
		}
	}
	return all
}

// findOverlaps finds the overlaps of the unions of which one variant alone must fit. When there are
// none, nothing is left to check.
func (t *Builder) findOverlaps(types []Type) {
	for i := range types {
		declared := &types[i]
		if declared.OneOf == "" {
			continue
		}
		of := t.unions[declared.GoName]
		told := true
		for j := range declared.Variants {
			v := &declared.Variants[j]
			v.Overlap = t.overlap(*v, of.variants[v.Type.Name], of.others(v.Type.Name), 0)
			if told && v.Overlap != nil && v.Overlap.Always {
				t.noteOverlap(of, *v)
				told = false
			}
		}
	}
}

// noteOverlap says that checking a union takes writing the values of a variant, and for which other
// one.
func (t *Builder) noteOverlap(of unionSource, v Variant) {
	for _, other := range slices.Sorted(maps.Keys(of.variants)) {
		if other != v.Type.Name && t.overlap(v, of.variants[v.Type.Name], []*schema.Schema{of.variants[other]}, 0) != nil {
			t.report.Note(of.schema.Location, fmt.Sprintf("Validate writes each %[1]s as JSON to find out whether it is %[2]s, too; "+
				"it is faster when %[2]s requires a member that %[1]s does not have, or both require one that has a constant or type of its own in each", v.Type.Name, other))
			return
		}
	}
}

// overlap returns when v, which is of the schema s, could be one of others; nil for never.
func (t *Builder) overlap(v Variant, s *schema.Schema, others []*schema.Schema, level int) *payload.Overlap {
	var looks []look
	for _, other := range others {
		if !t.isApart(s, other) {
			looks = append(looks, t.looksOf(other)...)
		}
	}
	declared, kind := t.declared[v.Type.Name], t.shapeOf(s).kind
	switch {
	case len(looks) == 0:
		return nil
	case declared == nil: // there will be no plan
	case kind == shapeStruct:
		return t.overlapOfStruct(declared, t.looksOf(s)[0], looks)
	case kind == shapeUnion && level < maxWithin:
		return t.overlapWithin(declared, others, level)
	}
	return &payload.Overlap{Always: true}
}

// overlapWithin returns when the value of a union could be one of others.
func (t *Builder) overlapWithin(declared *Type, others []*schema.Schema, level int) *payload.Overlap {
	o := &payload.Overlap{}
	of, found := t.unions[declared.GoName], false
	for _, inner := range declared.Variants {
		within := t.overlap(inner, of.variants[inner.Type.Name], others, level+1)
		if within != nil && within.Always {
			return within
		}
		o.Within = append(o.Within, within)
		found = found || within != nil
	}
	if !found {
		return nil
	}
	return o
}

// overlapOfStruct returns when a struct that looks like x could look like one of others. Each of
// these needs a member that x does not need: one for which the struct has an optional field, or
// none.
func (t *Builder) overlapOfStruct(declared *Type, x look, others []look) *payload.Overlap {
	o := &payload.Overlap{}
	for _, y := range others {
		if t.cannotBe(x, y) {
			continue
		}
		i := slices.IndexFunc(y.required, func(name string) bool { _, known := x.members[name]; return !known })
		j := slices.IndexFunc(y.required, func(name string) bool { return !x.needs(name) })
		switch {
		case i >= 0:
			o.Others = declared.Rest != nil || len(declared.Patterns) > 0
		case j < 0:
			return &payload.Overlap{Always: true}
		case !slices.Contains(o.Members, y.required[j]):
			o.Members = append(o.Members, y.required[j])
		}
	}
	if !o.Others && o.Members == nil {
		return nil
	}
	return o
}
