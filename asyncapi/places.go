package asyncapi

import (
	"slices"
	"strconv"
	"strings"
)

// A place is where a value stands: in an object by name or in an array by number.
type place struct {
	in       *Value // nil: it is the whole file
	name     string
	position Position // of the name in an object, else of the value
}

// add notes where a file's values stand and which of them can be referred to by $id. Files that have
// been added cost nothing.
func (r *resolver) add(whole *Value) {
	if _, ok := r.parents[whole]; ok {
		return
	}
	r.index(whole, place{position: whole.Position})
	r.identify(whole, fileAddress(whole.File))
}

// index notes where a value and all in it stand. What aliases share stands where it is met first.
func (r *resolver) index(v *Value, at place) {
	if _, ok := r.parents[v]; ok {
		return
	}
	r.parents[v] = at
	r.leave(v)
	for _, f := range v.Fields {
		r.index(f.Value, place{in: v, name: f.Name, position: f.Position})
	}
	for i, item := range v.Items {
		r.index(item, place{in: v, name: strconv.Itoa(i), position: item.Position})
	}
}

// leave has a reference to a schema in a language that is not read, such as Avro, lead nowhere without a
// word: nothing of ours needs the file.
func (r *resolver) leave(v *Value) {
	for _, f := range v.Fields {
		if reference(f.Value) != nil && isForeignSchema(v, f) {
			r.targets[f.Value] = nil
		}
	}
}

// key returns the name of the field, or the number of the item, that a value stands in.
func (r *resolver) key(v *Value) string { return r.parents[v].name }

// position returns the position of the name that a value stands under, else its own.
func (r *resolver) position(v *Value) Position {
	if at, ok := r.parents[v]; ok {
		return at.position
	}
	return v.Position
}

// maxPointer is where a pointer is cut off. Only names made to hurt get there: a name of a megabyte would otherwise be
// written for everything that stands below it.
const maxPointer = 1000

// pointer returns where in its file a value stands, as a JSON pointer.
func (r *resolver) pointer(v *Value) string {
	var names []string
	for p, ok := r.parents[v]; ok && p.in != nil; p, ok = r.parents[p.in] {
		names = append(names, p.name)
	}
	var b strings.Builder
	for _, name := range slices.Backward(names) {
		if b.Len()+len(name) > maxPointer {
			b.WriteString("/…")
			break
		}
		b.WriteString("/" + escapePointer(name))
	}
	return b.String()
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// escapePointer writes a name as a part of a JSON pointer.
func escapePointer(name string) string { return pointerEscaper.Replace(name) }
