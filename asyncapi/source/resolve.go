package source

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// maxReferences is the maximum number of references in a chain.
const maxReferences = 100

// A Resolver follows references. It reads the files that they lead to, and reports each reference
// that leads nowhere once, at its position.
//
// A reference is an object with a string in "$ref". Other fields beside it are ignored, as for
// AsyncAPI's Reference Object and in JSON Schema draft-07.
type Resolver struct {
	files       *files
	root        *Value // of the contract's own file
	problems    *Report
	opaque      func(in *Value, f Field) bool
	added       map[*Value]bool     // the files
	targets     map[*Value]*Value   // of each reference resolved: what it leads to; nil: nothing, and reported
	nexts       map[*Value]*Value   // of each reference resolved: what it names, which may be a reference again
	resources   map[*Value]*url.URL // schemas with an $id, which is the base of the references within
	suggestions int                 // made so far for references that lead nowhere
	named       map[string]*Value   // schemas by their absolute $id, and by file#name for plain names
}

// Open reads a contract's own file. It returns nil when the content of the file cannot be read,
// which has then been reported, and an error when the file cannot be opened. Close the resolver
// when it is no longer needed.
//
// isOpaque reports which fields have content in a language that is not read. References in such
// content are ignored.
func Open(file string, o Options, isOpaque func(in *Value, f Field) bool, problems *Report) (*Value, *Resolver, error) {
	opened, err := openFiles(file, o, problems)
	if err != nil {
		return nil, nil, err
	}
	r := &Resolver{
		files: opened, problems: problems, opaque: isOpaque, added: map[*Value]bool{},
		targets: map[*Value]*Value{}, nexts: map[*Value]*Value{},
		resources: map[*Value]*url.URL{}, named: map[string]*Value{},
	}
	root, err := opened.contract(file)
	if err != nil {
		return nil, nil, errors.Join(err, opened.close())
	}
	if root != nil {
		r.root = root
		r.add(root)
	}
	return root, r, nil
}

// Root returns the value of the contract's own file.
func (r *Resolver) Root() *Value { return r.root }

// Close closes the contract's folder.
func (r *Resolver) Close() error { return r.files.close() }

// IsOpaque reports whether a field has content in a language that is not read.
func (r *Resolver) IsOpaque(in *Value, f Field) bool { return r.opaque(in, f) }

// Spend subtracts n values at a level from the limit for all files together. It returns what is
// wrong when too few are left or the level is too deep, else "".
func (r *Resolver) Spend(n, level int) string { return r.files.budget.spend(n, level) }

// Resolve returns v, or the value that v leads to when it is a reference; never a reference itself.
// It returns false when that value cannot be found, which has then been reported. Calling it again
// for the same v is cheap and reports nothing.
func (r *Resolver) Resolve(v *Value) (*Value, bool) {
	return r.follow(v, nil)
}

// Next returns the value that a reference names, which may be another reference. It returns v
// itself when v is not a reference, and nil when Resolve has not found anything.
func (r *Resolver) Next(v *Value) *Value {
	if Reference(v) == nil {
		return v
	}
	return r.nexts[v]
}

// Reference returns the value of $ref when v is a reference, else nil.
func Reference(v *Value) *Value {
	if ref := v.Get("$ref"); ref != nil && ref.Kind == String {
		return ref
	}
	return nil
}

// follow resolves v, to which the references in trail have led.
func (r *Resolver) follow(v *Value, trail []*Value) (*Value, bool) {
	ref := Reference(v)
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

func (r *Resolver) cycle(trail []*Value) {
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
func (r *Resolver) find(ref *Value, trail []*Value) (*Value, bool) {
	file, fragment, _ := strings.Cut(ref.Text, "#")
	if unescaped, err := url.PathUnescape(fragment); err == nil { // else the per cent sign is one: it should have been written %25
		fragment = unescaped
	}
	if v := r.identified(ref, file, fragment, trail); v != nil {
		return v, true
	}
	if ref.Text == "" {
		r.mistake(ref, "the reference is empty", "")
		return nil, false
	}
	whole := r.file(ref, file)
	switch {
	case whole == nil:
		return nil, false
	case fragment == "":
		return whole, true
	case fragment[0] != '/':
		r.mistake(ref, fmt.Sprintf("%q is not a JSON pointer, and no schema has it as its $id or $anchor", "#"+fragment),
			"write #/ and the names that lead to what is meant")
		return nil, false
	}
	v, missing := r.walk(whole, fragment, trail)
	if missing != nil {
		r.missing(ref, missing)
	}
	return v, v != nil
}

// maxSuggestions is how many references that lead nowhere get a suggestion, because each is
// compared with all names.
const maxSuggestions = 200

// missing reports a reference to something that does not exist.
func (r *Resolver) missing(ref *Value, m *missingPart) {
	hint := ""
	if r.suggestions < maxSuggestions {
		r.suggestions++
		hint = DidYouMean(m.name, m.in.Names())
	}
	where := "in the file"
	if m.walked != "" {
		where = "in " + m.walked
	}
	r.mistake(ref, fmt.Sprintf("%s is not there: %s is nothing called %q", ref.Text, where, m.name), hint)
}

// file returns the content of the file that a reference leads to, or of its own file when it names
// none. It returns nil when that cannot be read, which it has then reported.
func (r *Resolver) file(ref *Value, file string) *Value {
	name := ref.File
	if file != "" {
		var err error
		if name, err = r.files.locate(ref.File, file); err != nil {
			r.mistake(ref, fmt.Sprintf("%q is not a reference to a file: %v", ref.Text, err), "")
			return nil
		}
	}
	whole, err := r.files.file(name)
	if err != nil {
		r.mistake(ref, err.Error(), cmp.Or(r.pointerHint(ref), hintOf(err)))
	}
	if whole != nil {
		r.add(whole)
	}
	return whole
}

// pointerHint returns a hint if a reference to a file is a pointer into its own file without "#".
func (r *Resolver) pointerHint(ref *Value) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(ref.Text, "/"), "/")
	if first == "" || r.root == nil || r.root.Get(first) == nil || strings.Contains(ref.Text, "#") {
		return ""
	}
	return fmt.Sprintf("write \"#/%s\" for what is in this file", strings.TrimPrefix(ref.Text, "/"))
}

// A missingPart is the part of a JSON pointer that could not be followed.
type missingPart struct {
	in     *Value
	walked string // the pointer to it
	name   string // which it does not have
}

// walk follows a JSON pointer, also through references. When one of these leads nowhere, which has
// then been reported, it returns neither a value nor what is missing.
func (r *Resolver) walk(v *Value, pointer string, trail []*Value) (*Value, *missingPart) {
	walked := 0
	for part := range strings.SplitSeq(pointer[1:], "/") {
		in, ok := r.follow(v, trail)
		if !ok {
			return nil, nil
		}
		name := Unescape(part)
		if v = in.Child(name); v == nil {
			return nil, &missingPart{in, pointer[:walked], name}
		}
		walked += 1 + len(part)
	}
	return v, nil
}

func (r *Resolver) mistake(ref *Value, message, hint string) {
	r.problems.Add(ref.Problem(Mistake, message, hint))
}
