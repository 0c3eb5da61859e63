package asyncapi

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// withTraits returns an operation or message with its traits merged into it by JSON Merge Patch
// (RFC 7386), in their order. In 2.x a trait's field replaces the object's; in 3.x the object's own
// field takes precedence. Only examples are joined in 2.x: those of a trait leave the object's own
// to be checked.
func (d *decoder) withTraits(v *source.Value) *source.Value {
	if merged := d.merged[v]; merged != nil {
		return merged
	}
	merged := d.mergeTraits(v)
	d.merged[v] = merged
	return merged
}

func (d *decoder) mergeTraits(v *source.Value) *source.Value {
	var traits []*source.Value
	for _, item := range d.refs.Items(v, "traits") {
		if t, ok := d.refs.Resolve(item); ok && t.Kind == source.Object {
			traits = append(traits, t)
		}
	}
	if len(traits) == 0 {
		return v
	}
	if d.major == 2 {
		for _, t := range traits {
			v = d.merge(v, t, 1)
		}
		return v
	}
	merged := traits[0]
	for _, t := range traits[1:] {
		merged = d.merge(merged, t, 1)
	}
	return d.merge(merged, v, 1)
}

// merge returns target with patch merged into it: objects field by field, after references, where a
// null removes a field; anything else is replaced. The result has the location of the object with
// the traits. Recursive parts that both have, and parts that are too large, are replaced as a
// whole.
func (d *decoder) merge(target, patch *source.Value, level int) *source.Value {
	t, ok := d.refs.Resolve(target)
	p, also := d.refs.Resolve(patch)
	if !ok || !also || t == p || t.Kind != source.Object || p.Kind != source.Object {
		return patch
	}
	pair := [2]*source.Value{t, p}
	if d.merging[pair] {
		return patch
	}
	if wrong := d.refs.Spend(len(t.Fields)+len(p.Fields), level); wrong != "" {
		d.report(source.Mistake, p, "merging traits: "+wrong, "")
		return patch
	}
	d.merging[pair] = true
	defer delete(d.merging, pair)
	own := t
	if d.major == 3 {
		own = p
	}
	return own.WithFields(d.mergeFields(t, p, level))
}

func (d *decoder) mergeFields(target, patch *source.Value, level int) []source.Field {
	patches := make(map[string]source.Field, len(patch.Fields))
	for _, f := range patch.Fields {
		patches[f.Name] = f
	}
	var fields []source.Field
	for _, f := range target.Fields {
		p, both := patches[f.Name]
		delete(patches, f.Name)
		switch {
		case !both:
			fields = append(fields, f)
		case f.Name == "examples" && d.major == 2 && f.Value.Kind == source.Array && p.Value.Kind == source.Array:
			all := f.Value.WithItems(slices.Concat(f.Value.Items, p.Value.Items))
			fields = append(fields, source.Field{Position: f.Position, Name: f.Name, Value: all})
		case p.Value.Kind != source.Null:
			fields = append(fields, source.Field{Position: p.Position, Name: f.Name, Value: d.merge(f.Value, p.Value, level+1)})
		}
	}
	for _, f := range patch.Fields {
		if _, only := patches[f.Name]; only && f.Value.Kind != source.Null {
			fields = append(fields, f)
		}
	}
	return fields
}
