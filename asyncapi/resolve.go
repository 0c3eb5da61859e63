package asyncapi

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// MaxReferences is how many references may lead from one to the next before
// the value that is meant.
const maxReferences = 100

// A resolver follows references. It reads the files they lead to, and reports
// each reference that leads nowhere once, where it stands.
//
// References are objects with a string in "$ref"; what stands beside it is ignored, as in
// AsyncAPI's Reference Object and JSON Schema draft-07.
type resolver struct {
	files    *files
	problems *Problems
	parents  map[*Value]place          // of each value of each file read: where it stands
	targets  map[*Value]*Value         // of each reference resolved: what it leads to; nil: nothing, and reported
	nexts    map[*Value]*Value         // of each reference resolved: what it names, which may be a reference again
	fields   map[*Value]map[string]int // of large objects: the index of each name
}

// A place is where a value stands: in an object by name or in an array by number.
type place struct {
	in       *Value // nil: it is the whole file
	name     string
	position Position // of the name in an object, else of the value
}

func newResolver(f *files, problems *Problems) *resolver {
	return &resolver{
		files: f, problems: problems, parents: map[*Value]place{},
		targets: map[*Value]*Value{}, nexts: map[*Value]*Value{}, fields: map[*Value]map[string]int{},
	}
}

// resolve returns v, or what v leads to when it is a reference: never a
// reference itself. It returns false when that cannot be found, which has
// then been reported. Calling it again for the same v costs nothing and reports nothing.
func (r *resolver) resolve(v *Value) (*Value, bool) {
	return r.follow(v, nil)
}

// next returns what a reference names, before further references: v itself when it
// is none, nil when resolve has not found it.
func (r *resolver) next(v *Value) *Value {
	if reference(v) == nil {
		return v
	}
	return r.nexts[v]
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

// pointer returns where in its file a value stands, as a JSON pointer.
func (r *resolver) pointer(v *Value) string {
	var names []string
	for p, ok := r.parents[v]; ok && p.in != nil; p, ok = r.parents[p.in] {
		names = append(names, p.name)
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		b.WriteString("/" + escapePointer(names[i]))
	}
	return b.String()
}

// escapePointer writes a name as a part of a JSON pointer.
func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// reference returns the value of $ref when v is a reference, else nil.
func reference(v *Value) *Value {
	if ref := v.Get("$ref"); ref != nil && ref.Kind == String {
		return ref
	}
	return nil
}

// follow resolves v, which the references in trail have led to.
func (r *resolver) follow(v *Value, trail []*Value) (*Value, bool) {
	ref := reference(v)
	if ref == nil {
		return v, v != nil
	}
	if target, ok := r.targets[v]; ok {
		return target, target != nil
	}
	for i, t := range trail {
		if t == v {
			r.cycle(trail[i:])
			return nil, false
		}
	}
	if len(trail) == maxReferences {
		r.mistake(ref, fmt.Sprintf("more than %d references lead from one to the next", maxReferences), "refer to the value itself")
		return nil, false
	}
	target, ok := r.find(ref, append(trail, v))
	if ok {
		r.nexts[v] = target
		target, ok = r.follow(target, append(trail, v))
	}
	if !ok {
		target = nil
	}
	r.targets[v] = target
	return target, ok
}

func (r *resolver) cycle(trail []*Value) {
	for _, v := range trail {
		r.targets[v] = nil
	}
	var b strings.Builder
	for _, v := range trail {
		b.WriteString(v.Get("$ref").Text + " -> ")
	}
	ref := trail[0].Get("$ref")
	r.mistake(ref, "the reference leads back to itself: "+b.String()+ref.Text, "")
}

// find returns what a reference names, which may be a reference again.
func (r *resolver) find(ref *Value, trail []*Value) (*Value, bool) {
	file, fragment, _ := strings.Cut(ref.Text, "#")
	name := ref.File
	if file != "" {
		var err error
		if name, err = r.files.locate(ref.File, file); err != nil {
			r.mistake(ref, fmt.Sprintf("%q is no reference to a file: %v", ref.Text, err), "")
			return nil, false
		}
	} else if ref.Text == "" {
		r.mistake(ref, "the reference is empty", "")
		return nil, false
	}
	whole := r.file(name, ref)
	if whole == nil {
		return nil, false
	}
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		pointer = fragment // a name with a per cent sign that should have been written %25
	}
	switch {
	case pointer == "":
		return whole, true
	case pointer[0] == '/':
		return r.walk(whole, ref, pointer, trail)
	default:
		r.mistake(ref, fmt.Sprintf("%q is no JSON pointer", "#"+fragment), "write #/ and the names that lead to it")
		return nil, false
	}
}

// file returns the content of a file, having noted where each value in it stands.
func (r *resolver) file(name string, ref *Value) *Value {
	whole := r.files.file(name, ref.Position, r.pointer(ref))
	if whole != nil {
		r.index(whole, place{position: whole.Position})
	}
	return whole
}

// index notes where a value and all in it stand. What aliases share stands where it is met first.
func (r *resolver) index(v *Value, at place) {
	if _, ok := r.parents[v]; ok {
		return
	}
	r.parents[v] = at
	for _, f := range v.Fields {
		r.index(f.Value, place{in: v, name: f.Name, position: f.Position})
	}
	for i, item := range v.Items {
		r.index(item, place{in: v, name: strconv.Itoa(i), position: item.Position})
	}
}

// walk follows a JSON pointer, through references too.
func (r *resolver) walk(v, ref *Value, pointer string, trail []*Value) (*Value, bool) {
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	walked := ""
	for part := range strings.SplitSeq(pointer[1:], "/") {
		in, ok := r.follow(v, trail)
		if !ok {
			return nil, false
		}
		name := unescape.Replace(part)
		if v = r.child(in, name); v == nil {
			where := "in the file"
			if walked != "" {
				where = "in " + walked
			}
			r.mistake(ref, fmt.Sprintf("%s is not there: %s is nothing called %q", ref.Text, where, name), DidYouMean(name, in.names()))
			return nil, false
		}
		walked += "/" + part
	}
	return v, true
}

// child returns a field of an object or an item of an array, nil when there is none.
func (r *resolver) child(v *Value, name string) *Value {
	const large = 16
	switch {
	case v.Kind == Array:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(v.Items) || strconv.Itoa(i) != name {
			return nil
		}
		return v.Items[i]
	case len(v.Fields) <= large:
		return v.Get(name)
	}
	byName := r.fields[v]
	if byName == nil {
		byName = make(map[string]int, len(v.Fields))
		for i, f := range v.Fields {
			byName[f.Name] = i
		}
		r.fields[v] = byName
	}
	if i, ok := byName[name]; ok {
		return v.Fields[i].Value
	}
	return nil
}

func (r *resolver) mistake(ref *Value, message, hint string) {
	*r.problems = append(*r.problems, Problem{Position: ref.Position, Path: r.pointer(ref), Message: message, Hint: hint})
}
