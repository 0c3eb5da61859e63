package source

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// maxReferences is how many references may lead from one to the next before
// the value that is meant.
const maxReferences = 100

// A Resolver follows references. It reads the files they lead to, and reports
// each reference that leads nowhere once, where it stands.
//
// References are objects with a string in "$ref"; what stands beside it is ignored, as in
// AsyncAPI's Reference Object and JSON Schema draft-07.
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

// Open reads a contract's own file. It returns nil for a file whose content cannot be read, which has then been reported; for one that
// cannot be opened it returns an error. The resolver is to be closed.
//
// isOpaque says which fields have content in a language that is not read: a reference in one leads nowhere, without a word.
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

// Close ends the reading of files.
func (r *Resolver) Close() error { return r.files.close() }

// IsOpaque says whether a field has content in a language that is not read.
func (r *Resolver) IsOpaque(in *Value, f Field) bool { return r.opaque(in, f) }

// Spend takes n values at a level off what the options allow for all files together. It returns what is wrong when that is too many
// or the level too deep, else "".
func (r *Resolver) Spend(n, level int) string { return r.files.budget.spend(n, level) }

// Resolve returns v, or what v leads to when it is a reference: never a
// reference itself. It returns false when that cannot be found, which has
// then been reported. Calling it again for the same v costs nothing and reports nothing.
func (r *Resolver) Resolve(v *Value) (*Value, bool) {
	return r.follow(v, nil)
}

// Next returns what a reference names, before further references: v itself when it
// is none, nil when Resolve has not found it.
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

// follow resolves v, which the references in trail have led to.
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
		r.mistake(ref, fmt.Sprintf("%q is no JSON pointer, and no schema has it as its $id or $anchor", "#"+fragment),
			"write #/ and the names that lead to what is meant")
		return nil, false
	}
	v, missing := r.walk(whole, fragment, trail)
	if missing != nil {
		r.missing(ref, missing)
	}
	return v, v != nil
}

// maxSuggestions is how many references that lead nowhere get a suggestion: each compares all names there are.
const maxSuggestions = 200

// missing reports a reference to what is not there.
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

// file returns the content of the file that a reference leads to, its own when the reference has no file. It returns nil
// when there is none, which it has reported.
func (r *Resolver) file(ref *Value, file string) *Value {
	name := ref.File
	if file != "" {
		var err error
		if name, err = r.files.locate(ref.File, file); err != nil {
			r.mistake(ref, fmt.Sprintf("%q is no reference to a file: %v", ref.Text, err), "")
			return nil
		}
	}
	whole, err := r.files.file(name)
	if err != nil {
		r.mistake(ref, err.Error(), wayOut(err))
	}
	if whole != nil {
		r.add(whole)
	}
	return whole
}

// A missingPart is where following a JSON pointer ended.
type missingPart struct {
	in     *Value
	walked string // the pointer to it
	name   string // which it has not got
}

// walk follows a JSON pointer, through references too. Where one of them leads nowhere, which has been
// reported, it returns neither a value nor what is missing.
func (r *Resolver) walk(v *Value, pointer string, trail []*Value) (*Value, *missingPart) {
	walked := 0
	for part := range strings.SplitSeq(pointer[1:], "/") {
		in, ok := r.follow(v, trail)
		if !ok {
			return nil, nil
		}
		name := pointerUnescaper.Replace(part)
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
